package s3

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// Whatever a client sends, the chunk decoder ends, and gives no more than it got; what was encoded comes back.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("4;chunk-signature=ab\r\nabcd\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"))
	f.Add([]byte("-1\r\n"))
	f.Add([]byte("ffffffffffffffff\r\nx"))
	f.Add([]byte("1\r\nxx\r\n0\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		decode := func(b []byte) ([]byte, error) {
			return io.ReadAll(&chunkReader{r: bufio.NewReader(bytes.NewReader(b)), trailer: http.Header{}})
		}
		if got, err := decode(b); err == nil && len(got) > len(b) {
			t.Errorf("%d bytes out of %d", len(got), len(b))
		}
		encoded := fmt.Appendf(nil, "0\r\n\r\n")
		if len(b) > 0 {
			encoded = fmt.Appendf(nil, "%x\r\n%s\r\n0;chunk-signature=x\r\nname:value\r\n\r\n", len(b), b)
		}
		if got, err := decode(encoded); err != nil || !bytes.Equal(got, b) {
			t.Errorf("decoded %q, %v; want %q", got, err, b)
		}
		if got, err := decode(encoded[:len(encoded)/2]); err == nil && len(b) > 8 {
			t.Errorf("half of an encoding is taken for %q", got)
		}
	})
}

// The default checksum is CRC-64/NVME: its check value, of "123456789", is the specification's.
func TestCRC64NVME(t *testing.T) {
	t.Parallel()
	h := newHash(defaultAlgorithm)
	_, _ = h.Write([]byte("123456789"))
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != "ae8b14860a799888" {
		t.Errorf("check value %s, want ae8b14860a799888", got)
	}
}
