package steptest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// calls are the numbers of the calls to disturb, found by an undisturbed run.
func (k Kit) calls(tb testing.TB) ([]int, error) {
	tb.Helper()
	s := open(tb, k)
	if _, err := s.ensure(tb.Context()); err != nil {
		return nil, fmt.Errorf("ensure without faults: %w", err)
	}
	total, limit := s.faults.Calls(), k.Calls
	if total == 0 {
		return nil, errors.New("ensure made no call that Faults could see: nothing would be tested")
	}
	if limit == 0 {
		limit = 60
	}
	var out []int
	for i := range min(total, limit) {
		out = append(out, 1+i*total/min(total, limit))
	}
	return out, nil
}

// each holds a rule at every chosen call of fresh worlds.
func each(tb testing.TB, k Kit, kinds []fault, hold func(*session) error) error {
	tb.Helper()
	calls, err := k.calls(tb)
	if err != nil {
		return err
	}
	var all []error
	for _, kind := range kinds {
		for _, n := range calls {
			s := open(tb, k)
			s.faults.set(kind, n)
			if err := hold(s); err != nil {
				all = append(all, fmt.Errorf("%s call %d (%s): %w", kind, n, s.faults.Struck(), err))
			}
		}
	}
	return errors.Join(all...)
}

func crashes(tb testing.TB, k Kit) error {
	tb.Helper()
	ctx := tb.Context()
	return each(tb, k, []fault{crashBefore, crashAfter}, func(s *session) error {
		_, err := s.ensure(ctx)
		if err == nil && s.faults.Struck() != "" && s.faults.kind == crashBefore {
			return errors.New("ensure reported success though its process died")
		}
		s.faults.set(none, 0)
		if _, err := s.ensure(ctx); err != nil {
			return fmt.Errorf("ensure after the crash: %w", err)
		}
		return s.settled(ctx)
	})
}

func losses(tb testing.TB, k Kit) error {
	tb.Helper()
	ctx := tb.Context()
	return each(tb, k, []fault{loseAnswer}, func(s *session) error {
		_, err := s.ensure(ctx)
		s.faults.set(none, 0)
		if err == nil { // success must be true
			return s.settled(ctx)
		}
		if _, err := s.ensure(ctx); err != nil {
			return fmt.Errorf("ensure after the loss: %w", err)
		}
		return s.settled(ctx)
	})
}

func cancels(tb testing.TB, k Kit) error {
	tb.Helper()
	if k.Calls == 0 || k.Calls > 12 {
		k.Calls = 12
	}
	err := each(tb, k, []fault{hang}, func(s *session) error {
		ctx, cancel := context.WithCancel(tb.Context())
		defer cancel()
		done := make(chan error, 1)
		hanging := s.faults.hanging()
		go func() { _, err := s.ensure(ctx); done <- err }()
		select {
		case <-hanging:
		case <-done:
			return nil // this run made fewer calls
		}
		cancel()
		return endsSoon(tb.Context(), done)
	})
	if err != nil {
		return err
	}
	s := open(tb, k)
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	done := make(chan error, 1)
	go func() { _, err := s.ensure(ctx); done <- err }()
	if err := endsSoon(tb.Context(), done); err != nil {
		return fmt.Errorf("cancelled before it began: %w", err)
	}
	return nil
}

func endsSoon(ctx context.Context, done <-chan error) error {
	late, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := make(chan struct{})
	go func() {
		if clock.Sleep(late, patience) == nil {
			close(timer)
		}
	}()
	select {
	case err := <-done:
		if err == nil {
			return errors.New("ensure reported success though it was cancelled")
		}
		if c := step.ClassOf(err); c != step.Cancelled && c != step.Timeout {
			return fmt.Errorf("the error of a cancelled ensure is %s: %w", c, err)
		}
		return nil
	case <-timer:
		return fmt.Errorf("ensure did not end within %s", patience)
	}
}

func denials(tb testing.TB, k Kit) error {
	tb.Helper()
	ctx := tb.Context()
	return each(tb, k, []fault{deny}, func(s *session) error {
		out, err := s.ensure(ctx)
		want := s.faults.Struck()
		if err == nil && len(out.Duties) > 0 { // it leaves what it may not do to people
			service, _, _ := strings.Cut(want, ":")
			if !strings.Contains(out.Duties[0].Text, service+":") {
				return fmt.Errorf("the duty names no action of %s: %s", service, out.Duties[0].Text)
			}
			return nil
		}
		if err == nil { // it could do without
			s.faults.set(none, 0)
			return s.settled(ctx)
		}
		var e *step.Error
		if !errors.As(err, &e) || e.Action == "" {
			return fmt.Errorf("the error names no action: %w", err)
		}
		service, _, _ := strings.Cut(e.Action, ":")
		if denied, _, _ := strings.Cut(want, ":"); denied != service {
			return fmt.Errorf("the error names %s: %w", e.Action, err)
		}
		if e.Class != step.Permanent {
			return fmt.Errorf("a denial is permanent, not %s: %w", e.Class, err)
		}
		return nil
	})
}
