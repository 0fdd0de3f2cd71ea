package steptest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"syscall"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// fault is what happens to one call.
type fault string

const (
	none        fault = ""
	crashBefore fault = "crash before"
	crashAfter  fault = "crash after"
	loseAnswer  fault = "lose the answer of"
	hang        fault = "hang at"
	deny        fault = "deny"
)

// errCrashed is what a dead process's calls would give, if anybody could see it.
var errCrashed = errors.New("the process has crashed")

// Faults stands between a step and the outside. It counts calls and disturbs one of them. The zero value lets everything pass.
type Faults struct {
	mu     sync.Mutex
	kind   fault
	at     int // number of the call to disturb
	calls  int
	writes int
	struck string // name of the call that was disturbed
	dead   bool
	kill   context.CancelFunc
	waits  chan struct{}
}

// Wire wraps the step's connection.
func (f *Faults) Wire(next http.RoundTripper) http.RoundTripper { return &wire{f, next} }

// Runner wraps the step's way to run other programs.
func (f *Faults) Runner(next proc.Runner) proc.Runner { return &runner{f, next} }

// Calls is how many calls there were since the fault was set.
func (f *Faults) Calls() int { f.mu.Lock(); defer f.mu.Unlock(); return f.calls }

// Writes is how many calls were not read-only and reached the world.
func (f *Faults) Writes() int { f.mu.Lock(); defer f.mu.Unlock(); return f.writes }

// Struck names the call that was disturbed; empty when none was.
func (f *Faults) Struck() string { f.mu.Lock(); defer f.mu.Unlock(); return f.struck }

func (f *Faults) set(kind fault, at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kind, f.at, f.calls, f.struck, f.dead, f.waits = kind, at, 0, "", false, make(chan struct{})
}

func (f *Faults) hanging() <-chan struct{} { f.mu.Lock(); defer f.mu.Unlock(); return f.waits }

// process says how the running process is killed.
func (f *Faults) process(kill context.CancelFunc) { f.mu.Lock(); defer f.mu.Unlock(); f.kill = kill }

// begin counts a call and gives its fault.
func (f *Faults) begin(name string) (fault, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return none, errCrashed
	}
	f.calls++
	if f.kind == none || f.calls != f.at {
		return none, nil
	}
	f.struck = name
	return f.kind, nil
}

func (f *Faults) crash() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
	if f.kill != nil {
		f.kill()
	}
	return errCrashed
}

func (f *Faults) hang(ctx context.Context) error {
	f.mu.Lock()
	close(f.waits)
	f.mu.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

func (f *Faults) wrote() { f.mu.Lock(); defer f.mu.Unlock(); f.writes++ }

type wire struct {
	faults *Faults
	next   http.RoundTripper
}

// RoundTrip sends the request, or what the fault makes of it.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	c := describe(r)
	kind, err := w.faults.begin(c.action)
	if err != nil {
		return nil, err
	}
	switch kind {
	case crashBefore:
		return nil, w.faults.crash()
	case hang:
		return nil, w.faults.hang(r.Context())
	case deny:
		return c.denial(r), nil
	case none, crashAfter, loseAnswer:
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if !c.read && resp.StatusCode < http.StatusMultipleChoices {
		w.faults.wrote()
	}
	if kind == none {
		return resp, nil
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if kind == crashAfter {
		return nil, w.faults.crash()
	}
	return nil, syscall.ECONNRESET
}

type runner struct {
	faults *Faults
	next   proc.Runner
}

// Run runs the program, or what the fault makes of it. A program cannot be denied.
func (r *runner) Run(ctx context.Context, c proc.Cmd) error {
	kind, err := r.faults.begin(c.Path)
	if err != nil {
		return err
	}
	switch kind {
	case crashBefore:
		return r.faults.crash()
	case hang:
		return r.faults.hang(ctx)
	case none, crashAfter, loseAnswer, deny:
	}
	err = r.next.Run(ctx, c)
	switch kind {
	case crashAfter:
		return r.faults.crash()
	case loseAnswer:
		return &proc.Exit{Code: -1, Err: errors.New("ended by a signal")}
	case none, crashBefore, hang, deny:
	}
	return err
}

func body(text string) io.ReadCloser { return io.NopCloser(bytes.NewReader([]byte(text))) }
