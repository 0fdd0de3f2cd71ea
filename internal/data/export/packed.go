package export

import (
	"errors"
	"hash"
	"io"
)

// packed reads a data file before it is unpacked, and sums it up. It remembers why reading ended, so that a lost connection is not taken for a damaged
// file. Unpacking asks for one byte at a time and takes most of the time of a load: that is why this is no bufio.Reader.
type packed struct {
	r    io.Reader
	sum  hash.Hash
	room []byte
	rest []byte // of the room: read, and not given yet
	err  error
}

func (p *packed) fill() error {
	for {
		n, err := p.r.Read(p.room)
		p.rest = p.room[:n]
		_, _ = p.sum.Write(p.rest) // never fails
		if err != nil && !errors.Is(err, io.EOF) {
			p.err = err
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// ReadByte gives one byte.
func (p *packed) ReadByte() (byte, error) {
	if len(p.rest) == 0 {
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c, nil
}

// Read gives what is there.
func (p *packed) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func cause(p *packed, otherwise error) error {
	if p.err != nil {
		return p.err
	}
	return otherwise
}
