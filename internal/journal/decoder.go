package journal

import (
	"bufio"
	"errors"
	"io"
)

// Decoder reads a journal line by line and checks its chain. Memory is bounded by MaxLine.
type Decoder struct {
	r      *bufio.Reader
	head   Head
	offset int64
	buf    []byte
	err    error
}

// NewDecoder reads from the start of a journal.
func NewDecoder(r io.Reader) *Decoder { return &Decoder{r: bufio.NewReaderSize(r, 64<<10)} }

// Head is the chain's end after the last good entry.
func (d *Decoder) Head() Head { return d.head }

// Offset is the number of bytes that the good entries take: where a torn tail starts.
func (d *Decoder) Offset() int64 { return d.offset }

// Next gives the next entry, or io.EOF after the last. A last line that was not written to its end is ErrTorn; Offset then says
// where to cut. Anything else that is wrong is ErrBroken or ErrNewer, as a *LineError. An error stays.
func (d *Decoder) Next() (Entry, error) {
	if d.err != nil {
		return Entry{}, d.err
	}
	e, err := d.next()
	d.err = err
	return e, err
}

func (d *Decoder) next() (Entry, error) {
	text, err := d.readLine()
	if err != nil {
		return Entry{}, err
	}
	e, err := d.head.next(text)
	if errors.Is(err, errNotJSON) {
		// A crash may leave a block of zeros where the last line should be; in the middle of a journal that is damage.
		if _, peek := d.r.Peek(1); errors.Is(peek, io.EOF) {
			return Entry{}, d.torn()
		}
		return Entry{}, d.head.broken("%v", err)
	}
	if err != nil {
		return Entry{}, err
	}
	d.head = e.Head()
	d.offset += int64(len(text)) + 1
	return e, nil
}

// readLine gives a line without its newline, valid until the next call.
func (d *Decoder) readLine() ([]byte, error) {
	d.buf = d.buf[:0]
	for {
		part, err := d.r.ReadSlice('\n')
		if len(d.buf)+len(part) > MaxLine+1 {
			return nil, d.head.broken("it is longer than %d bytes", MaxLine)
		}
		d.buf = append(d.buf, part...)
		switch {
		case err == nil:
			return d.buf[:len(d.buf)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(d.buf) > 0:
			return nil, d.torn()
		default:
			return nil, err
		}
	}
}

func (d *Decoder) torn() error {
	return &LineError{Line: d.head.line(), Err: ErrTorn, Detail: "the process that wrote it was interrupted"}
}
