package cloudsim

import (
	"net/http"
	"net/url"
	"strings"
)

const algorithm = "AWS4-HMAC-SHA256"

// scope is what a SigV4 credential says: AccessKey/Date/Region/Service/aws4_request; and what came with it.
type scope struct {
	AccessKey, Date, Region, Service string
	Token                            string // of a session
	SignedHeaders, Signature         string
	Presigned                        bool // all of it stood in the query
}

// signed tells whether a request carries a SigV4 signature, in its header or presigned in its query.
func signed(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), algorithm) || strings.Contains(r.URL.RawQuery, "X-Amz-Credential=")
}

// parseScope reads the credential of a signed request. It is not ok when the credential is malformed.
func parseScope(r *http.Request) (s scope, ok bool) {
	var credential string
	if auth, header := strings.CutPrefix(r.Header.Get("Authorization"), algorithm); header {
		s.Token = r.Header.Get("X-Amz-Security-Token")
		for field := range strings.SplitSeq(auth, ",") {
			switch name, v, _ := strings.Cut(strings.TrimSpace(field), "="); name {
			case "Credential":
				credential = v
			case "SignedHeaders":
				s.SignedHeaders = v
			case "Signature":
				s.Signature = v
			}
		}
	} else {
		q, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return scope{}, false
		}
		credential, s.Token, s.Presigned = q.Get("X-Amz-Credential"), q.Get("X-Amz-Security-Token"), true
		s.SignedHeaders, s.Signature = q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Signature")
	}
	// an access key id may hold slashes nowhere, so the five parts are plain
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return scope{}, false
	}
	s.AccessKey, s.Date, s.Region, s.Service = parts[0], parts[1], parts[2], parts[3]
	return s, true
}
