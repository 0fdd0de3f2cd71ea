package s3

import (
	"bytes"
	"crypto/md5" //nolint:gosec // ETags are MD5
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
)

// maxObject bounds one upload. AWS takes 5 GiB in one PUT; the drill cloud keeps objects in memory.
const maxObject = 1 << 30

// payload is the verified body of a request.
type payload struct {
	data []byte
	md5  [md5.Size]byte
	sum  checksum
}

// readPayload reads a body of at most limit bytes and compares it to every digest that came with it.
func readPayload(r *request, limit int64) (p payload, err error) {
	sum, err := claimed(r.Header)
	if err != nil {
		return p, err
	}
	body := http.MaxBytesReader(r.w, r.Body, limit+limit/8+1<<16) // chunk headers come on top
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		var trailer http.Header
		p.data, trailer, err = readChunks(body, r.Header.Get("X-Amz-Decoded-Content-Length"), limit)
		if err == nil && sum.Algorithm == "" {
			sum, err = claimed(trailer)
		}
	} else {
		p.data, err = readAll(body, r.ContentLength, limit)
	}
	if err != nil {
		return p, err
	}
	if p.md5, err = verifyMD5(r.Header.Get("Content-Md5"), p.data); err != nil {
		return p, err
	}
	if err = verifySHA256(r.Header.Get("X-Amz-Content-Sha256"), p.data); err != nil {
		return p, err
	}
	p.sum, err = sum.verify(p.data)
	return p, err
}

// readAll reads to the end, in one buffer when the size is known (it is -1 when not).
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	tooLarge := fail(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size, which in the drill cloud is %d bytes", limit)
	if size > limit {
		return nil, tooLarge
	}
	var b bytes.Buffer
	b.Grow(int(min(max(size, 0), 64<<20)) + bytes.MinRead) // a lie about the size costs no more than 64 MiB
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	var maxed *http.MaxBytesError
	switch {
	case n > limit || errors.As(err, &maxed):
		return nil, tooLarge
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && size >= 0 && n != size:
		return nil, fail(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	return b.Bytes(), err
}

func verifySHA256(header string, data []byte) error {
	if len(header) != hex.EncodedLen(sha256.Size) {
		return nil // UNSIGNED-PAYLOAD, STREAMING-... or nothing
	}
	if got := sha256.Sum256(data); !strings.EqualFold(hex.EncodeToString(got[:]), header) {
		return fail(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return nil
}
