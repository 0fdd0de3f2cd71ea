package proc

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrHeld says that a living process holds a file.
var ErrHeld = errors.New("held by a process that is still running")

// OpenHeld opens a file for appending, made with mode 0600 if it is missing, and holds it until it is closed. A program that gets
// the file as its output holds it too, for as long as it lives: after we were killed, ErrHeld says that the program goes on.
func OpenHeld(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600) //nolint:gosec // the seam: callers decide which file
	if err != nil {
		return nil, err
	}
	// The hold belongs to the open file, which children share. So it is never released by name, only by the last close.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", name, ErrHeld)
		}
		return nil, fmt.Errorf("hold %s: %w", name, err)
	}
	return f, nil
}
