package table

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/data/rewind"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// behind is how far the latest restorable instant may be behind now: it is 5 minutes at most, and some patience (Amazon DynamoDB Developer
// Guide, "Point-in-time recovery"). What is further ahead of it lies in the future.
const behind = 10 * time.Minute

// fresh is how long a comparison may wait for its answer before the table is read again.
const fresh = 10 * time.Minute

// rewind restores the table as it was beside the damaged one, and writes back what differs.
func (u *turn) rewind(ctx context.Context) (step.Outcome, error) {
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
	if c.Writes() > 0 {
		if err := u.allowed(c, at); err != nil {
			return step.Outcome{}, err
		}
		u.compared = nil
		if _, err := u.write(ctx, c.Source(keys), c.Writes(), "writing back", ""); err != nil {
			return step.Outcome{}, err
		}
	}
	u.call.Tell(step.Progress{Message: "comparing the table with its earlier state"})
	got, err := u.scan(u.name).Sum(ctx)
	if err != nil {
		return step.Outcome{}, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	if got != c.Good {
		return step.Outcome{}, &step.Error{
			Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s holds %d items with digest %s after the rewind, not %d with %s", u.name, got.Count, got, c.Good.Count, c.Good),
			Why: "Something writes to the table while it is rewound", Next: "Stop what writes to it, then resume the run: what differs is written back",
		}
	}
	f := facts{Table: u.name, Strategy: step.Rewind, Instant: at, Expected: c.Good.Count, Recovered: got.Count, Digest: true}
	out := outcome(f, fmt.Sprintf("%d changed items put back, %d deleted ones put back, %d new ones removed; %d were right; as of %s, digest equal", c.Changed, c.Gone, c.Extra, c.Same, at.UTC().Format("2006-01-02 15:04:05 MST")))
	out.Changed = c.Writes() > 0
	out.Duties = []step.Duty{u.copied(beside)}
	return u.finish(ctx, out, f)
}

// window gives the instant to go back to, if point-in-time recovery reaches it.
func (u *turn) window(ctx context.Context) (time.Time, error) {
	at, err := u.instant()
	if err != nil {
		return at, err
	}
	if at.IsZero() { // the latest state is the damaged one
		if u.call.Disaster.IsZero() {
			return at, &step.Error{Class: step.Permanent, What: fmt.Sprintf("nobody said to which instant table %q goes back", u.cfg.Table.Name), Next: `Say with --since when the damage began, or give the table a point such as "2026-11-23T04:00:00Z"`}
		}
		at = u.call.Disaster.Add(-time.Second).Truncate(time.Second)
	}
	return u.reach(ctx, at)
}

// recoverable gives the window of point-in-time recovery.
func (u *turn) recoverable(ctx context.Context) (earliest, latest time.Time, err error) {
	out, err := u.api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &u.name})
	if err != nil {
		return earliest, latest, awscloud.Explain(err, "the backups of table "+u.name+" cannot be looked at", u.call.Site)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p == nil || p.EarliestRestorableDateTime == nil || p.LatestRestorableDateTime == nil {
		return earliest, latest, &step.Error{
			Class: step.Permanent, Site: u.call.Site.Name, What: "point-in-time recovery of table " + u.name + " is off", Why: "There is no earlier state to go back to",
			Next: "Look for backups of the table (aws dynamodb list-backups); switch point-in-time recovery on for the future",
		}
	}
	return *p.EarliestRestorableDateTime, *p.LatestRestorableDateTime, nil
}

// reach waits until an instant can be restored, or refuses it with the window.
func (u *turn) reach(ctx context.Context, at time.Time) (time.Time, error) {
	for {
		earliest, latest, err := u.recoverable(ctx)
		if err != nil {
			return at, err
		}
		if !at.Before(earliest.Truncate(time.Second)) && !at.After(latest) {
			return at, nil
		}
		if at.Before(earliest) || at.Sub(latest) > behind {
			const form = "2006-01-02 15:04:05 MST"
			return at, &step.Error{
				Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s cannot go back to %s: it can be restored from %s to %s", u.name, at.UTC().Format(form), earliest.UTC().Format(form), latest.UTC().Format(form)),
				Next: "Give the table a point within this window",
			}
		}
		u.call.Tell(step.Progress{Message: fmt.Sprintf("the latest restorable instant is %s, 5 minutes behind now; waiting until it reaches %s", latest.UTC().Format(time.TimeOnly), at.UTC().Format(time.TimeOnly))})
		if err := u.sleep(ctx); err != nil {
			return at, err
		}
	}
}

// beside restores the table under another name, once.
func (u *turn) beside(ctx context.Context, at time.Time) (string, []string, error) {
	name := besideName(u.name, at)
	d, err := u.describe(ctx, name)
	if err == nil && d == nil {
		u.call.Tell(step.Progress{Message: "restoring the table as of " + at.UTC().Format("2006-01-02 15:04:05 MST") + " beside itself, as " + name})
		_, err = u.api.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: &u.name, TargetTableName: &name, RestoreDateTime: aws.Time(at)})
		if err != nil {
			err = awscloud.Explain(err, "table "+u.name+" cannot be restored", u.call.Site)
		}
	}
	if err != nil {
		return "", nil, err
	}
	if d, err = u.active(ctx, name); err != nil {
		return "", nil, err
	}
	return name, protect.Keys(d.KeySchema), nil
}

// besideName is the name of the copy of a table. The copy of a copy is called after the first table.
func besideName(table string, at time.Time) string {
	const mark = "-lifeboat-"
	suffix := mark + at.UTC().Format("20060102T150405Z")
	if i := strings.LastIndex(table, mark); i > 0 && len(table)-i == len(suffix) && table[i:] != suffix {
		table = table[:i]
	}
	return table[:min(len(table), 220)] + suffix
}

// compare gives the comparison that a person was asked about, or makes one.
func (u *turn) compare(ctx context.Context, beside string, keys []string) (*rewind.Comparison, error) {
	if u.compared != nil && u.Clock.Now().Sub(u.at) < fresh {
		return u.compared, nil
	}
	u.call.Tell(step.Progress{Message: "comparing table " + u.name + " with its earlier state"})
	c, err := rewind.Compare(ctx, u.scan(beside), u.scan(u.name), keys)
	if err != nil {
		return nil, awscloud.Explain(err, "table "+u.name+" cannot be compared with its earlier state", u.call.Site)
	}
	u.compared, u.at = c, u.Clock.Now()
	return c, nil
}

// allowed asks before anything is written back, once for an instant.
func (u *turn) allowed(c *rewind.Comparison, at time.Time) error {
	key := "rewind-" + at.UTC().Format("20060102T150405Z")
	a, ok := u.call.Answers[key]
	switch {
	case !ok:
		return &step.Ask{
			Key: key, Prompt: fmt.Sprintf("Write %d items of table %s back to what they were at %s?", c.Writes(), u.name, at.UTC().Format("2006-01-02 15:04:05 MST")),
			Detail: fmt.Sprintf("%d changed items are put back\n%d deleted items are put back\n%d items that were not there are removed\n%d items are as they were, and are not touched\nWhat was written rightly after that instant is lost with it. Stop what writes to the table before you approve.", c.Changed, c.Gone, c.Extra, c.Same),
		}
	case a.Decision == step.Reject:
		return &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("%s refused to rewind table %s", a.By, u.name), Next: "Give the table another point, then resume the run"}
	}
	return nil
}
