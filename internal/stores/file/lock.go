package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// LockedError says that another process writes to the run.
type LockedError struct {
	Holder journal.Operator // empty where it could not be read
}

// Error says who it is.
func (e *LockedError) Error() string {
	if e.Holder == (journal.Operator{}) {
		return "another process works on the run"
	}
	return fmt.Sprintf("another process works on the run: %s on %s, process %d", e.Holder.User, e.Holder.Host, e.Holder.PID)
}

// lock is a held lock file. The system releases it when the process ends, however it ends.
type lock struct{ file *os.File }

// take takes the lock and writes who we are into it.
func take(ctx context.Context, name string, who journal.Operator) (*lock, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, fileMode) //nolint:gosec // inside the run's folder
	if err != nil {
		return nil, unwritable("the run cannot be locked", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for i := 0; i < 10 && errors.Is(err, syscall.EWOULDBLOCK); i++ { // somebody may only look (held), or leave a message
		if err := clock.Sleep(ctx, 10*time.Millisecond); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &LockedError{Holder: holder(name)}
		}
		return nil, unwritable("the run cannot be locked", err)
	}
	text, err := json.Marshal(who)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(text, 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, unwritable("the run cannot be locked", err)
	}
	return &lock{file: f}, nil
}

// release gives the lock up. The file stays: removing it would let two processes lock two files of one name.
func (l *lock) release() error { return l.file.Close() }

// held tells whether a process holds the lock, and who it says it is.
func held(name string) (journal.Operator, bool) {
	f, err := os.Open(name) //nolint:gosec // inside the run's folder
	if err != nil {
		return journal.Operator{}, false
	}
	defer f.Close() //nolint:errcheck // read only
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return journal.Operator{}, false
	}
	return holder(name), true
}

func holder(name string) journal.Operator {
	var who journal.Operator
	if text, err := proc.ReadFile(name, 4<<10); err == nil {
		_ = json.Unmarshal(text, &who)
	}
	return who
}
