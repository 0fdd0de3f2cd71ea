package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

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
