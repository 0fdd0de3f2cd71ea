package s3

import (
	"bufio"
	"bytes"
	"crypto/md5" //nolint:gosec // ETags are MD5
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
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

// readChunks decodes an aws-chunked body whose decoded length the client stated.
func readChunks(body io.Reader, stated string, limit int64) ([]byte, http.Header, error) {
	size, err := strconv.ParseInt(stated, 10, 64)
	if err != nil || size < 0 {
		return nil, nil, fail(http.StatusLengthRequired, "MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.")
	}
	chunks := &chunkReader{r: bufio.NewReader(body), trailer: http.Header{}}
	data, err := readAll(chunks, size, limit)
	return data, chunks.trailer, err
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

// chunkReader decodes aws-chunked bodies, signed or not (S3 API Reference, "Signature calculations for the Authorization
// header: Transferring payload in multiple chunks" and "... including trailing headers"). Signatures are not verified.
type chunkReader struct {
	r       *bufio.Reader
	left    int64 // of the current chunk
	begun   bool
	done    bool
	trailer http.Header // what followed the last chunk
}

// Read gives the decoded body.
func (c *chunkReader) Read(p []byte) (int, error) {
	for c.left == 0 && !c.done {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if c.done {
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// next reads the header of a chunk: SIZE[;chunk-signature=...].
func (c *chunkReader) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return errors.Join(err, badChunk("data longer than its chunk"))
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	if c.left, err = strconv.ParseInt(size, 16, 64); err != nil || c.left < 0 {
		return badChunk("a chunk of size " + strconv.Quote(size))
	}
	if c.left == 0 {
		c.done = true
		return c.readTrailer()
	}
	return nil
}

func (c *chunkReader) readTrailer() error {
	for {
		line, err := c.line()
		if line == "" || err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return nil // clients may leave out the last empty line
			}
			return err
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return badChunk("a trailer without a colon")
		}
		c.trailer.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
}

// line reads a line of at most bufio's 4 KiB, without its end.
func (c *chunkReader) line() (string, error) {
	b, err := c.r.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	case errors.Is(err, bufio.ErrBufferFull):
		return "", badChunk("a line of more than 4 KiB")
	}
	return strings.TrimRight(string(b), "\r\n"), err
}

func badChunk(what string) error {
	return fail(http.StatusBadRequest, "InvalidChunkSizeError", "the aws-chunked body has %s", what)
}
