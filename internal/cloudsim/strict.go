package cloudsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
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
