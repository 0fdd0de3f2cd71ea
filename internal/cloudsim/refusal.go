package cloudsim

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// refusal is a reason why a call does not reach its service.
type refusal int

const (
	missingToken   refusal = iota // unsigned
	badSignature                  // a credential that cannot be read
	badRegion                     // no such region
	invalidKey                    // a key of nobody, or of an account whose credentials were revoked
	expiredToken                  // a session that is over
	tooFast                       // over a documented rate
	wrongSignature                // not what the key's secret makes of the call
	skewed                        // signed too long ago, or in the future
	expiredURL                    // presigned for a time that is over
	tooLarge                      // a body too large to be verified
)

// refuse answers a call with the error that AWS has for the reason. The codes differ by protocol: XML services and JSON services
// grew apart (Common Errors in each service's API reference; S3 API reference, "Error responses").
func (c *Cloud) refuse(w http.ResponseWriter, r *http.Request, call *sim.Call, why refusal) {
	p := protocolOf(call.Service, r)
	e := sim.Errorf("", "%s", why.message())
	forJSON := p == restJSON || p == awsJSON || p == cbor
	switch {
	case why == tooLarge:
		e.Code, e.Status = "RequestEntityTooLargeException", http.StatusRequestEntityTooLarge
	case why == tooFast:
		e.Code, e.Status = throttleCode(call.Service)
	case p == s3XML:
		e.Code, e.Status = why.s3Code()
	default:
		e.Code, e.Status = why.code(), http.StatusForbidden
		if forJSON {
			e.Code = why.jsonCode()
		}
		if p == awsJSON || p == cbor || why == badSignature {
			e.Status = http.StatusBadRequest
		}
	}
	writeError(w, r, call, e)
}

func (why refusal) message() string {
	switch why {
	case missingToken:
		return "Request is missing Authentication Token: the drill cloud knows a call's service, account and region by its SigV4 signature"
	case badSignature:
		return "Authorization requires 'Credential' of the form KEY/DATE/REGION/SERVICE/aws4_request, 'SignedHeaders' with host, and 'Signature', and the call a date."
	case badRegion:
		return "Credential should be scoped to a valid region."
	case invalidKey:
		return "The security token included in the request is invalid."
	case expiredToken:
		return "The security token included in the request is expired"
	case tooFast:
		return "Rate exceeded"
	case wrongSignature:
		return "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. " +
			"This drill cloud is strict: the secret key of an account number, or of a key id that ends in one, is that key id itself."
	case skewed:
		return "The difference between the request time and the current time is too large: Signature expired, or not yet current (15 min.)"
	case expiredURL:
		return "Request has expired"
	case tooLarge:
		return "The body is too large for its signature to be verified."
	}
	return ""
}

func (why refusal) code() string {
	switch why {
	case missingToken:
		return "MissingAuthenticationToken"
	case badSignature:
		return "IncompleteSignature"
	case badRegion, wrongSignature, skewed, expiredURL:
		return "SignatureDoesNotMatch"
	case expiredToken:
		return "ExpiredToken"
	case invalidKey, tooFast, tooLarge:
	}
	return "InvalidClientTokenId"
}

func (why refusal) jsonCode() string {
	switch why {
	case badRegion, wrongSignature, skewed, expiredURL:
		return "InvalidSignatureException"
	case invalidKey:
		return "UnrecognizedClientException"
	case missingToken, badSignature, expiredToken, tooFast, tooLarge:
	}
	return why.code() + "Exception"
}

func (why refusal) s3Code() (code string, status int) {
	switch why {
	case missingToken, expiredURL:
		return "AccessDenied", http.StatusForbidden
	case wrongSignature:
		return "SignatureDoesNotMatch", http.StatusForbidden
	case skewed:
		return "RequestTimeTooSkewed", http.StatusForbidden
	case badSignature, badRegion:
		return "AuthorizationHeaderMalformed", http.StatusBadRequest
	case expiredToken:
		return "ExpiredToken", http.StatusBadRequest
	case invalidKey, tooFast, tooLarge:
	}
	return "InvalidAccessKeyId", http.StatusForbidden
}

// throttleCode is what a service answers to a call over its rate (each service's API reference).
func throttleCode(service string) (code string, status int) {
	switch service {
	case "s3":
		return "SlowDown", http.StatusServiceUnavailable
	case "lambda", "apigateway":
		return "TooManyRequestsException", http.StatusTooManyRequests
	case "sts", "route53", "monitoring":
		return "Throttling", http.StatusBadRequest
	}
	return "ThrottlingException", http.StatusBadRequest
}
