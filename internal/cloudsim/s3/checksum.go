package s3

import (
	"crypto/md5"  //nolint:gosec // ETags are MD5
	"crypto/sha1" //nolint:gosec // a checksum that S3 offers
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

// checksum is what S3 keeps beside an object's ETag (S3 User Guide, "Checking object integrity in Amazon S3").
type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"` // base64; with -N for N parts when it is a COMPOSITE
	Type      string `json:"type"`  // FULL_OBJECT or COMPOSITE
}

// defaultAlgorithm is what S3 computes when the client says nothing.
const defaultAlgorithm = "CRC64NVME"

func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "CRC32":
		return crc32.NewIEEE()
	case "CRC32C":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case "CRC64NVME":
		return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) // NVM Command Set Specification 1.0c, section 5.2.1.3.4, reflected
	case "SHA1":
		return sha1.New() //nolint:gosec // as above
	case "SHA256":
		return sha256.New()
	}
	return nil
}

func sumOf(algorithm string, data []byte) checksum {
	h := newHash(algorithm)
	_, _ = h.Write(data)
	return checksum{algorithm, base64.StdEncoding.EncodeToString(h.Sum(nil)), "FULL_OBJECT"}
}

func (c checksum) header() string { return "X-Amz-Checksum-" + c.Algorithm }

// show puts the checksum on an answer.
func (c checksum) show(h http.Header) {
	if c.Algorithm != "" {
		h.Set(c.header(), c.Value)
		h.Set("X-Amz-Checksum-Type", c.Type)
	}
}

// claimed finds the one checksum that the headers (or the trailers) of a request state.
func claimed(h http.Header) (c checksum, err error) {
	for name := range h {
		algorithm, ok := strings.CutPrefix(strings.ToUpper(name), "X-AMZ-CHECKSUM-")
		if !ok || algorithm == "TYPE" || algorithm == "MODE" || algorithm == "ALGORITHM" {
			continue
		}
		if newHash(algorithm) == nil {
			return c, fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement the checksum %s", algorithm)
		}
		if c.Algorithm != "" {
			return c, fail(http.StatusBadRequest, "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		c = checksum{Algorithm: algorithm, Value: h.Get(name), Type: "FULL_OBJECT"}
	}
	return c, nil
}

// verify computes the checksum of data and compares it to the claimed one; without a claim it computes the default.
func (c checksum) verify(data []byte) (checksum, error) {
	if c.Algorithm == "" {
		c.Algorithm = defaultAlgorithm
	}
	got := sumOf(c.Algorithm, data)
	if raw, err := base64.StdEncoding.DecodeString(c.Value); c.Value != "" && (err != nil || len(raw) != newHash(c.Algorithm).Size()) {
		return got, fail(http.StatusBadRequest, "InvalidRequest", "Value for %s header is invalid.", strings.ToLower(c.header()))
	}
	if c.Value != "" && c.Value != got.Value {
		return got, fail(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", c.Algorithm)
	}
	return got, nil
}

// verifyMD5 compares data to a Content-MD5 header, when there is one, and gives the data's MD5.
func verifyMD5(header string, data []byte) ([md5.Size]byte, error) {
	got := md5.Sum(data) //nolint:gosec // as above
	if header == "" {
		return got, nil
	}
	want, err := base64.StdEncoding.DecodeString(header)
	switch {
	case err != nil || len(want) != md5.Size:
		return got, fail(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
	case string(want) != string(got[:]):
		return got, fail(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return got, nil
}
