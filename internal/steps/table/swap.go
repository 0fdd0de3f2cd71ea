package table

import (
	"context"
	"fmt"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/rewind"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// swap restores the table as it was beside the damaged one, gives it that one's settings, and lets its stack adopt it. The damaged table is only
// read. Settings come after the question and the comparison: a time to live deletes items.
func (u *turn) swap(ctx context.Context) (step.Outcome, error) {
	if p, err := u.ended(ctx); err != nil || p.Status == step.Done {
		return step.Outcome{Summary: p.Reason, Outputs: p.Outputs, Duties: p.Duties}, err
	}
	at, err := u.window(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	beside, keys, err := u.beside(ctx, at)
	if err != nil {
		return step.Outcome{}, err
	}
	c, err := u.compare(ctx, beside, keys)
	if err != nil {
		return step.Outcome{}, err
	}
	if c.Writes() == 0 {
		return u.unchanged(ctx, c, beside, at)
	}
	was, live, preview, err := u.carried(ctx, beside)
	if err != nil {
		return step.Outcome{}, err
	}
	if err := u.maySwap(c, beside, at, preview); err != nil {
		return step.Outcome{}, err
	}
	u.compared = nil
	u.call.Tell(step.Progress{Message: "reading table " + beside + " once more before it is used"})
	got, err := u.scan(beside).Sum(ctx)
	if err != nil {
		return step.Outcome{}, awscloud.Explain(err, "table "+beside+" cannot be read", u.call.Site)
	}
	if got != c.Good {
		return step.Outcome{}, &step.Error{
			Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("the restored table %s holds %d items with digest %s, not %d with %s as before", beside, got.Count, got, c.Good.Count, c.Good),
			Why: "Something writes to it already", Next: "Stop what writes to it, delete it, and resume the run: it is restored again",
		}
	}
	f := facts{Table: beside, Strategy: step.Swap, Instant: at, Expected: c.Good.Count, Recovered: got.Count, Digest: true}
	out := outcome(f, fmt.Sprintf("table %s takes the place of %s: %d items as of %s, digest equal; %d changed, %d deleted and %d new ones stay behind in %s",
		beside, u.name, got.Count, at.UTC().Format(second), c.Changed, c.Gone, c.Extra, u.name))
	if err := u.put(ctx, &was, live, false, "table "+u.name+" is", &out); err != nil {
		return step.Outcome{}, err
	}
	out.Duties = append(out.Duties, u.rename(beside), u.leftover(beside, was.Protected))
	return u.finish(ctx, out, f)
}

// second is how people read an instant.
const second = "2006-01-02 15:04:05 MST"

// unchanged leaves the table where it is: the restored one is the same.
func (u *turn) unchanged(ctx context.Context, c *rewind.Comparison, beside string, at time.Time) (step.Outcome, error) {
	f := facts{Table: u.name, Strategy: step.Swap, Instant: at, Expected: c.Good.Count, Recovered: c.Good.Count, Digest: true}
	out := outcome(f, fmt.Sprintf("table %s is as it was at %s, and stays: %d items, digest equal", u.name, at.UTC().Format(second), c.Same))
	out.Duties = []step.Duty{u.copied(beside)}
	return u.finish(ctx, out, f)
}

// maySwap asks before another table takes the place of this one, once for an instant.
func (u *turn) maySwap(c *rewind.Comparison, beside string, at time.Time, preview string) error {
	key := "swap-" + at.UTC().Format("20060102T150405Z")
	a, ok := u.call.Answers[key]
	switch {
	case !ok:
		return &step.Ask{
			Key: key, Prompt: fmt.Sprintf("Put table %s, restored as of %s, in the place of table %s?", beside, at.UTC().Format(second), u.name),
			Detail: fmt.Sprintf("It holds %d items, digest %s. Of the items of the two\n%d were changed since\n%d were deleted since, and come back\n%d are new since, and stay behind\n%d are the same\n%s"+
				"Nothing is written to either, and nothing is deleted. Stack %s forgets table %s, adopts %s at %s, and shows what else it changes before it does. "+
				"What was written rightly after that instant stays behind in %s. Stop what writes to it before you approve.",
				c.Good.Count, c.Good, c.Changed, c.Gone, c.Extra, c.Same, preview, u.cfg.Table.In, u.name, beside, u.cfg.Table.Address, u.name),
		}
	case a.Decision == step.Reject:
		return &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("%s refused to swap table %s", a.By, u.name), Next: "Give the table another point, or choose rewind, then resume the run"}
	}
	return nil
}

// rename is the duty without which the next ordinary apply undoes the swap, and the table with it.
func (u *turn) rename(beside string) step.Duty {
	t := u.cfg.Table
	return step.Duty{Key: "name", Text: fmt.Sprintf(
		"table %q is called %s now. Write that name where the old one, %s, is written: in the plan (name of table %q, %s), and in every tfvars file, pipeline and default that gives it to stack %s. "+
			"Until then an apply with the old name would destroy %s",
		t.Name, beside, u.name, t.Name, t.Table.Range(), t.In, beside)}
}

// leftover is the duty to delete the damaged table, and the way back to it.
func (u *turn) leftover(beside string, protected bool) step.Duty {
	t, first := u.cfg.Table, ""
	if protected {
		first = fmt.Sprintf("aws dynamodb update-table --no-deletion-protection-enabled --region %s --table-name %s, then ", u.call.Site.Region, u.name)
	}
	return step.Duty{Key: "old", Text: fmt.Sprintf(
		"table %s stays as it was when stack %s has let go of it. Delete it once nobody needs it: %saws dynamodb delete-table --region %s --table-name %s. "+
			"To go back to it instead, in stack %s: terraform state rm '%s'; terraform import '%s' %s; terraform apply, all with the old name; %s is then what is left over",
		u.name, t.In, first, u.call.Site.Region, u.name, t.In, t.Address, t.Address, u.name, beside)}
}

// copied is the duty to delete a restored table that is not used.
func (u *turn) copied(beside string) step.Duty {
	return step.Duty{Key: "copy", Text: fmt.Sprintf("delete the restored copy once nobody needs it: aws dynamodb delete-table --region %s --table-name %s", u.call.Site.Region, beside)}
}
