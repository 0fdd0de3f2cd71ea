package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// judge lets a plan pass that destroys nothing. For another it asks, by address: an answer counts for exactly those changes.
func (t *turn) judge(p *terraform.Plan) error {
	var lines []string
	for _, c := range p.Destroys() {
		line := c.Action + " " + c.Address
		if c.Reason != "" {
			line += " (" + strings.ReplaceAll(c.Reason, "_", " ") + ")"
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	detail := strings.Join(lines, "\n")
	sum := sha256.Sum256([]byte(detail))
	return t.ask(&step.Ask{
		Key:    "destroy-" + hex.EncodeToString(sum[:6]),
		Prompt: fmt.Sprintf("stack %q: the plan destroys or replaces %d resources at site %q; apply it?", t.cfg.Stack.Name, len(lines), t.call.Site.Name),
		Detail: detail,
	}, "the plan destroys or replaces resources, and was rejected")
}

// ask gives nil once the question was approved, the question while it is open, and an error once it was rejected.
func (t *turn) ask(q *step.Ask, rejected string) error {
	a, ok := t.call.Answers[q.Key]
	switch {
	case !ok:
		return q
	case a.Decision == step.Reject:
		return &step.Error{
			Class: step.Permanent, What: fmt.Sprintf("stack %q: %s by %s", t.cfg.Stack.Name, rejected, a.By), Site: t.call.Site.Name,
			Next: "change the code or the plan, then `lifeboat resume`",
		}
	default:
		return nil
	}
}

// unlocking does something that takes the state's lock. A lock that our own killed command left is broken, another only
// when a person says so.
func (t *turn) unlocking(ctx context.Context, do func() error) error {
	err := do()
	f, ok := errors.AsType[*terraform.RunError](err)
	if !ok || f.Lock() == nil {
		return err
	}
	lock := f.Lock()
	if t.work.Own(lock) {
		t.call.Tell(step.Progress{Message: "breaking the state lock that this step's killed command left"})
	} else if err := t.ask(foreign(t.cfg.Stack.Name, lock), "its state is locked, and breaking the lock was rejected"); err != nil {
		return err
	}
	if err := t.work.Unlock(ctx, t.options, lock.ID); err != nil {
		return err
	}
	return do()
}

func foreign(stack string, l *terraform.Lock) *step.Ask {
	return &step.Ask{
		Key:    "lock-" + l.ID,
		Prompt: fmt.Sprintf("stack %q: the state is locked by %s; break the lock?", stack, l.Who),
		Detail: fmt.Sprintf("lock %s\nstate %s\noperation %s\ncreated %s\nMake sure that nobody is still applying: two applies at once damage the state.",
			l.ID, l.Path, l.Operation, l.Created.Format("2006-01-02 15:04:05 MST")),
	}
}
