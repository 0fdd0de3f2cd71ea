package table

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// leaves tells whether the application leaves a region in which its data can still be read.
func (u *turn) leaves() bool {
	return u.cfg.Home.Region != u.call.Site.Region && u.cfg.Home.Account == u.call.Site.Account
}

// old is the same step at the site that the application leaves.
func (u *turn) old(ctx context.Context) (*turn, error) {
	call := *u.call
	call.Site = u.cfg.Home
	call.Resolve = func(e plan.Expr) (plan.Value, error) { return e.Resolve(plan.Scope{Site: u.cfg.Home}) }
	return u.begin(ctx, &call)
}

// across restores the table from the region that the application leaves, before its stack makes an empty one.
func (u *turn) across(ctx context.Context) (step.Outcome, error) {
	d, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Outcome{}, err
	}
	if there(d) != "" && !u.begun(restoring) {
		return u.found(ctx, d)
	}
	old, err := u.old(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	src, err := old.describe(ctx, old.name)
	if err != nil {
		return step.Outcome{}, err
	}
	var b *types.BackupSummary
	if src == nil {
		if b, err = old.backup(ctx); err == nil && b == nil && d == nil {
			return u.empty()
		}
	}
	if err == nil && d == nil {
		err = u.bring(ctx, old, src, b)
	}
	if err == nil {
		_, err = u.active(ctx, u.name)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	at, err := u.restoredTo()
	if err != nil {
		return step.Outcome{}, err
	}
	out, f, err := u.moved(ctx, old, src != nil, at)
	if err != nil {
		return step.Outcome{}, err
	}
	out.Changed = d == nil || there(d) == ""
	was, err := u.before(ctx, old, src != nil)
	if err == nil {
		err = u.dress(ctx, was, false, &out)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	return u.finish(ctx, out, f)
}

// found is a table that this run did not make: a replica, or an earlier recovery's. One without items would hide the loss.
func (u *turn) found(ctx context.Context, d *types.TableDescription) (step.Outcome, error) {
	if d.TableStatus == types.TableStatusActive {
		out, err := u.api.Scan(ctx, &dynamodb.ScanInput{TableName: &u.name, Limit: aws.Int32(1), ConsistentRead: aws.Bool(true)})
		if err != nil {
			return step.Outcome{}, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
		}
		if len(out.Items) == 0 && len(out.LastEvaluatedKey) == 0 {
			return step.Outcome{}, &step.Error{
				Class: step.Permanent, Site: u.call.Site.Name, What: "table " + u.name + " is there and empty, and a restore needs a name that is free",
				Next: `Delete the table and resume, so that it is restored; or choose "load" in strategies`,
			}
		}
	}
	return step.Outcome{Summary: there(d)}, nil
}

// bring begins the restore: from the table as it was at the plan's point, or from the last backup of a table that is gone.
func (u *turn) bring(ctx context.Context, old *turn, src *types.TableDescription, b *types.BackupSummary) error {
	// A restore into another region must say how the table is encrypted there: its key belongs to the old one.
	sse := &types.SSESpecification{Enabled: aws.Bool(false)}
	if src != nil && src.SSEDescription != nil && src.SSEDescription.Status == types.SSEStatusEnabled {
		sse = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms}
	}
	from := "table " + old.name + " of " + u.cfg.Home.Region
	if src == nil {
		from = "backup " + aws.ToString(b.BackupName) + " of " + u.cfg.Home.Region
		if err := u.remember(aws.ToTime(b.BackupCreationDateTime)); err != nil {
			return err
		}
		u.call.Tell(step.Progress{Message: "restoring table " + u.name + " from " + from})
		_, err := u.api.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{TargetTableName: &u.name, BackupArn: b.BackupArn, SSESpecificationOverride: sse})
		return u.explained(err, from)
	}
	at, err := old.moment(ctx)
	if err == nil {
		err = u.remember(at)
	}
	if err != nil {
		return err
	}
	u.call.Tell(step.Progress{Message: fmt.Sprintf("restoring table %s from %s, as of %s", u.name, from, clocked(at))})
	_, err = u.api.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableArn: src.TableArn, TargetTableName: &u.name, RestoreDateTime: &at, SSESpecificationOverride: sse,
	})
	return u.explained(err, from)
}

func (u *turn) explained(err error, from string) error {
	if err == nil {
		return nil
	}
	return awscloud.Explain(err, "table "+u.name+" cannot be restored from "+from, u.call.Site)
}

// moment is the instant to restore: the plan's point; without one everything that was written before the disaster, or all that can be restored.
func (u *turn) moment(ctx context.Context) (time.Time, error) {
	at, err := u.instant()
	if err != nil {
		return at, err
	}
	if at.IsZero() {
		if at = u.call.Disaster.Truncate(time.Second); u.call.Disaster.IsZero() {
			_, latest, err := u.recoverable(ctx)
			return latest.Truncate(time.Second), err
		}
	}
	return u.reach(ctx, at)
}

// remember writes down what is restored, before the call that does it.
func (u *turn) remember(at time.Time) error {
	return proc.WriteFile(filepath.Join(u.call.Dir, restoring), []byte(at.UTC().Format(time.RFC3339Nano)), 0o600)
}

func (u *turn) restoredTo() (time.Time, error) {
	text, err := proc.ReadFile(filepath.Join(u.call.Dir, restoring), 1<<10)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, string(text))
}

// moved compares the restored table with the one that it comes from, if that lives.
func (u *turn) moved(ctx context.Context, old *turn, alive bool, at time.Time) (step.Outcome, facts, error) {
	u.call.Tell(step.Progress{Message: "reading what was restored"})
	got, err := u.scan(u.name).Sum(ctx)
	if err != nil {
		return step.Outcome{}, facts{}, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	f := facts{Table: u.name, Strategy: step.Restore, Instant: at, Expected: got.Count, Recovered: got.Count, Digest: true} // DynamoDB restores a backup whole
	text := fmt.Sprintf("table %s restored from %s with %d items of %s", u.name, u.cfg.Home.Region, got.Count, clocked(at))
	if !alive {
		return outcome(f, text+", from its last backup; its stack adopts it"), f, nil
	}
	want, err := old.scan(old.name).Sum(ctx)
	if err != nil {
		return step.Outcome{}, facts{}, awscloud.Explain(err, "table "+old.name+" cannot be read", old.call.Site)
	}
	f.Expected, f.Digest = want.Count, got == want
	out := outcome(f, fmt.Sprintf("%s, digest %s to the old table's; its stack adopts it", text, equal(f.Digest)))
	if !f.Digest {
		out.Duties = []step.Duty{{Key: "later", Text: fmt.Sprintf("table %s at site %q holds %d items now, and differs from what was restored: what was written there after %s is there alone. Stop what writes to it", old.name, u.cfg.Home.Name, want.Count, clocked(at))}}
	}
	return out, f, nil
}

// before is what the table was besides its items: as it is at the old site, or as it was recorded.
func (u *turn) before(ctx context.Context, old *turn, alive bool) (*setting.Settings, error) {
	if !alive {
		return u.recorded(ctx)
	}
	s, err := setting.Read(ctx, old.api, old.name, u.Clock.Now())
	if err == nil {
		err = s.Err()
	}
	if err != nil {
		return nil, awscloud.Explain(err, "the settings of table "+old.name+" cannot be read", old.call.Site)
	}
	return &s, nil
}
