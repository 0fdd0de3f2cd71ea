package cloudsim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// payloadDigest gives what the client must have signed as the body's digest. S3 compares its header with the body itself, while it
// reads; for other services the body is read here, and so its digest is the true one whatever the header says.
func payloadDigest(w http.ResponseWriter, r *http.Request, s scope) (string, error) {
	claimed := r.Header.Get(bodyHash)
	if claimed == "" && s.Presigned {
		claimed = r.URL.Query().Get(bodyHash)
	}
	switch {
	case s.Service == "s3" && claimed == "" && s.Presigned:
		return noPayload, nil
	case s.Service == "s3", claimed == noPayload, strings.HasPrefix(claimed, "STREAMING-"):
		return claimed, nil
	}
	body, err := replay(w, r, maxSigned)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// canonicalPath is the path as it was sent; for all services but S3 it is encoded once more.
func canonicalPath(r *http.Request, service string) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	if service == "s3" {
		return path
	}
	return strings.ReplaceAll(encode(path), "%2F", "/")
}

// canonicalQuery is the query without the signature, encoded in the one way and sorted.
func canonicalQuery(raw string) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" && name != "X-Amz-Signature" {
			pairs = append(pairs, recode(name)+"="+recode(value))
		}
	}
	slices.SortFunc(pairs, func(a, b string) int { // by name, then value: = must not count, it sorts after what names hold
		an, av, _ := strings.Cut(a, "=")
		bn, bv, _ := strings.Cut(b, "=")
		if c := strings.Compare(an, bn); c != 0 {
			return c
		}
		return strings.Compare(av, bv)
	})
	return strings.Join(pairs, "&")
}

// recode encodes what may be encoded in another way; what cannot be decoded stays as it is, and matches no signature.
func recode(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return encode(plain)
}

// encode percent-encodes every byte that is not unreserved (RFC 3986).
func encode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// canonicalHeaders are the signed headers, each on a line: values trimmed, runs of spaces made one, several joined by commas.
func canonicalHeaders(r *http.Request, names []string) string {
	var b strings.Builder
	for _, name := range names {
		values := r.Header.Values(name)
		switch {
		case name == "host":
			values = []string{r.Host}
		case name == "content-length" && len(values) == 0:
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
		b.WriteString(name + ":")
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.Join(strings.Fields(v), " "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
