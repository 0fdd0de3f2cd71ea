package proc

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/term"
)

// IsTerminal tells whether a person types what r gives.
func IsTerminal(r io.Reader) bool {
	f, isFile := r.(*os.File)
	return isFile && term.IsTerminal(int(f.Fd()))
}

// ReadHidden reads a line from the terminal that r is, without showing it. When ctx ends first the terminal shows again what is typed; the line that
// was begun is lost.
func ReadHidden(ctx context.Context, r io.Reader) ([]byte, error) {
	f, isFile := r.(*os.File)
	if !isFile {
		return nil, errors.New("there is no terminal to type on")
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	type answer struct {
		line []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() { // a read from a terminal cannot be cancelled
		line, err := term.ReadPassword(fd)
		done <- answer{line, err}
	}()
	select {
	case a := <-done:
		return a.line, a.err
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}
