package cloudsim

import (
	"net/http"
	"net/url"
	"strings"
)

const algorithm = "AWS4-HMAC-SHA256"

// scope is what a SigV4 credential says: AccessKey/date/Region/Service/aws4_request.
type scope struct {
	AccessKey, Region, Service, Token string
}

// signed tells whether a request carries a SigV4 signature, in its header or presigned in its query.
func signed(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), algorithm) || strings.Contains(r.URL.RawQuery, "X-Amz-Credential=")
}

// parseScope reads the credential of a signed request. It is not ok when the credential is malformed.
func parseScope(r *http.Request) (s scope, ok bool) {
	credential, token := "", r.Header.Get("X-Amz-Security-Token")
	if auth, header := strings.CutPrefix(r.Header.Get("Authorization"), algorithm); header {
		for field := range strings.SplitSeq(auth, ",") {
			if v, found := strings.CutPrefix(strings.TrimSpace(field), "Credential="); found {
				credential = v
			}
		}
	} else {
		q, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return scope{}, false
		}
		credential, token = q.Get("X-Amz-Credential"), q.Get("X-Amz-Security-Token")
	}
	// an access key id may hold slashes nowhere, so the five parts are plain
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return scope{}, false
	}
	return scope{AccessKey: parts[0], Region: parts[2], Service: parts[3], Token: token}, true
}
