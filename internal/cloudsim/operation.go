package cloudsim

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// operationOf names what a call asks for, as AWS names it where the protocol tells or the table below knows; else by
// method and path. A form is parsed here, once; its error is the call's.
func operationOf(w http.ResponseWriter, r *http.Request, service string) (string, *sim.Error) {
	switch protocolOf(service, r) {
	case awsJSON:
		target := r.Header.Get("X-Amz-Target")
		return target[strings.LastIndexByte(target, '.')+1:], nil
	case query, ec2Query:
		body, err := replay(w, r, sim.MaxBody)
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, sim.MaxBody) // without it ParseForm takes 10 MB
			err = r.ParseForm()
			putBack(r, body)
		}
		if err != nil {
			return "", sim.Errorf("MalformedQueryString", "%v", err)
		}
		return r.Form.Get("Action"), nil
	case s3XML:
		return s3Operation(r), nil
	case cbor:
		return r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], nil
	case restJSON, restXML:
	}
	return restOperation(service, r.Method, r.URL.Path), nil
}

// replay reads a body of at most limit bytes and leaves it to be read again.
func replay(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	putBack(r, body)
	return body, err
}

func putBack(r *http.Request, body []byte) { r.Body = io.NopCloser(bytes.NewReader(body)) }

// s3Operation names an S3 call in path style: /bucket, /bucket/key.
func s3Operation(r *http.Request) string {
	q, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be parsed names nothing
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	verb := r.Method[:1] + strings.ToLower(r.Method[1:])
	what := "Object"
	if key == "" {
		what = "Bucket"
	}
	for name := range q {
		if s := s3Setting(name, what); s != "" {
			return verb + s
		}
	}
	switch {
	case bucket == "":
		return "ListBuckets"
	case q.Has("versions"):
		return "ListObjectVersions"
	case q.Has("delete"):
		return "DeleteObjects"
	case q.Has("uploads") || q.Has("uploadId"):
		return s3Multipart(r.Method, q)
	case key == "" && r.Method == http.MethodGet:
		return "ListObjects"
	case key == "" && r.Method == http.MethodPut:
		return "CreateBucket"
	case r.Header.Get("X-Amz-Copy-Source") != "":
		return "CopyObject"
	}
	return verb + what
}

// s3Setting names what a query parameter makes of a call on a bucket or an object; empty when it names no setting.
func s3Setting(parameter, what string) string {
	switch parameter {
	case "acl", "attributes", "cors", "encryption", "location", "logging", "ownershipControls", "policy", "policyStatus", "replication",
		"requestPayment", "tagging", "versioning", "website":
		return what + strings.ToUpper(parameter[:1]) + parameter[1:]
	case "accelerate", "lifecycle", "notification":
		return what + strings.ToUpper(parameter[:1]) + parameter[1:] + "Configuration"
	case "publicAccessBlock":
		return "PublicAccessBlock"
	case "object-lock":
		return "ObjectLockConfiguration"
	}
	return ""
}

func s3Multipart(method string, q url.Values) string {
	switch method {
	case http.MethodGet:
		if q.Has("uploads") {
			return "ListMultipartUploads"
		}
		return "ListParts"
	case http.MethodPost:
		if q.Has("uploads") {
			return "CreateMultipartUpload"
		}
		return "CompleteMultipartUpload"
	case http.MethodDelete:
		return "AbortMultipartUpload"
	}
	return "UploadPart"
}
