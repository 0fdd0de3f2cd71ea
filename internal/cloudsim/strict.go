package cloudsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	signTime   = "20060102T150405Z" // X-Amz-Date
	maxSkew    = 15 * time.Minute   // IAM User Guide, "Elements of an AWS API request signature": within 15 (some: 5) minutes
	maxPresign = 7 * 24 * time.Hour // S3 API reference, "Authenticating requests: using query parameters"
	maxSigned  = 70 << 20           // bytes of a body whose digest the gateway makes itself: a function's code in base64 is the largest
	noPayload  = "UNSIGNED-PAYLOAD" // what S3 takes for the digest of a presigned call
	bodyHash   = "X-Amz-Content-Sha256"
)

// verify checks the signature of a call against the secret of its key, as the IAM User Guide says ("Create a signed AWS API
// request"). Paths are taken as they were sent, without normalising them. Of an aws-chunked body the seed signature is
// checked, not each chunk's.
func (c *Cloud) verify(w http.ResponseWriter, r *http.Request, s scope, secret string) (why refusal, ok bool) {
	stamp := r.Header.Get("X-Amz-Date")
	if s.Presigned {
		stamp = r.URL.Query().Get("X-Amz-Date")
	}
	made, err := time.Parse(signTime, stamp)
	if err != nil && !s.Presigned { // the Date header is the other place for it
		made, err = http.ParseTime(r.Header.Get("Date"))
		stamp = made.Format(signTime)
	}
	names := strings.Split(s.SignedHeaders, ";")
	switch {
	case err != nil || s.Signature == "" || !slices.Contains(names, "host"):
		return badSignature, false
	case s.Date != stamp[:8]:
		return wrongSignature, false
	}
	if why, ok := inTime(r, s, made, c.world.Wall()); !ok {
		return why, false
	}
	for name := range r.Header { // headers that act must be signed; others may be added on the way
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(names, name) {
			return wrongSignature, false
		}
	}
	digest, err := payloadDigest(w, r, s)
	if err != nil {
		return tooLarge, false
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Method, canonicalPath(r, s.Service), canonicalQuery(r.URL.RawQuery), canonicalHeaders(r, names), s.SignedHeaders, digest}, "\n")))
	toSign := strings.Join([]string{algorithm, stamp, strings.Join([]string{s.Date, s.Region, s.Service, "aws4_request"}, "/"), hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, "aws4_request", toSign} {
		key = authenticate(key, part)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(s.Signature)) {
		return wrongSignature, false
	}
	return 0, true
}

func authenticate(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}

// inTime checks when a call was signed, and for how long a presigned one is good.
func inTime(r *http.Request, s scope, made, now time.Time) (why refusal, ok bool) {
	if !s.Presigned {
		return skewed, now.Sub(made).Abs() <= maxSkew
	}
	seconds, err := strconv.Atoi(r.URL.Query().Get("X-Amz-Expires"))
	good := time.Duration(seconds) * time.Second
	switch {
	case err != nil && s.Service == "s3", seconds < 0, good > maxPresign:
		return badSignature, false
	case err != nil: // SDKs presign calls of other services without it
		good = maxSkew
	}
	if made.Sub(now) > maxSkew {
		return skewed, false
	}
	return expiredURL, !now.After(made.Add(good))
}

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
