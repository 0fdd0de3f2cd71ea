package cloudsim

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// refusal is a reason why a call does not reach its service.
type refusal int

const (
	missingToken refusal = iota // unsigned
	badSignature                // a credential that cannot be read
	badRegion                   // no such region
	invalidKey                  // a key of nobody, or of an account whose credentials were revoked
	expiredToken                // a session that is over
	tooFast                     // over a documented rate
)

// refuse answers a call with the error that AWS has for the reason. The codes differ by protocol: XML services and JSON services
// grew apart (Common Errors in each service's API reference; S3 API reference, "Error responses").
func (c *Cloud) refuse(w http.ResponseWriter, r *http.Request, call *sim.Call, why refusal) {
	p := protocolOf(call.Service, r)
	e := sim.Errorf("", "%s", why.message())
	forJSON := p == restJSON || p == awsJSON || p == cbor
	switch {
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
		return "Authorization header requires 'Credential' parameter of the form KEY/DATE/REGION/SERVICE/aws4_request."
	case badRegion:
		return "Credential should be scoped to a valid region."
	case invalidKey:
		return "The security token included in the request is invalid."
	case expiredToken:
		return "The security token included in the request is expired"
	case tooFast:
		return "Rate exceeded"
	}
	return ""
}

func (why refusal) code() string {
	switch why {
	case missingToken:
		return "MissingAuthenticationToken"
	case badSignature:
		return "IncompleteSignature"
	case badRegion:
		return "SignatureDoesNotMatch"
	case expiredToken:
		return "ExpiredToken"
	case invalidKey, tooFast:
	}
	return "InvalidClientTokenId"
}

func (why refusal) jsonCode() string {
	switch why {
	case badRegion:
		return "InvalidSignatureException"
	case invalidKey:
		return "UnrecognizedClientException"
	case missingToken, badSignature, expiredToken, tooFast:
	}
	return why.code() + "Exception"
}

func (why refusal) s3Code() (code string, status int) {
	switch why {
	case missingToken:
		return "AccessDenied", http.StatusForbidden
	case badSignature, badRegion:
		return "AuthorizationHeaderMalformed", http.StatusBadRequest
	case expiredToken:
		return "ExpiredToken", http.StatusBadRequest
	case invalidKey, tooFast:
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
