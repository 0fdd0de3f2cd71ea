package table

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func (u *turn) probeRestore(ctx context.Context) (step.Probe, error) {
	d, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Probe{}, err
	}
	if reason := there(d); reason != "" && !u.begun(restoring) && !u.leaves() {
		return step.Probe{Status: step.Done, Reason: reason}, nil
	}
	if u.leaves() {
		return step.Probe{Status: step.Needed, Reason: "table " + u.name + " is restored from " + u.cfg.Home.Region}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "table " + u.name + " is gone, or was just restored"}, nil
}

// restoring is the file in the step's folder that says that a restore was begun, from which backup.
const restoring = "restoring"

// begun tells whether an earlier turn left a file in the step's folder.
func (u *turn) begun(file string) bool {
	_, err := os.Stat(filepath.Join(u.call.Dir, file))
	return err == nil
}

// there says that a table is there with its data; empty: it is gone, or on its way.
func there(d *types.TableDescription) string {
	switch {
	case d == nil:
	case d.TableStatus == types.TableStatusActive, d.TableStatus == types.TableStatusUpdating:
		return fmt.Sprintf("table %s is there", *d.TableName)
	case d.TableStatus == types.TableStatusInaccessibleEncryptionCredentials:
		return fmt.Sprintf("table %s is there, unreadable until its stack has taken its key back", *d.TableName)
	}
	return ""
}

// restore brings a deleted table back under its name, before its stack makes an empty one.
func (u *turn) restore(ctx context.Context) (step.Outcome, error) {
	if u.leaves() {
		return u.across(ctx)
	}
	d, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Outcome{}, err
	}
	if reason := there(d); reason != "" && (d.TableStatus != types.TableStatusActive || !u.begun(restoring)) {
		return step.Outcome{Summary: reason}, nil
	}
	b, err := u.backup(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	var woken string
	if d == nil {
		if b == nil {
			return u.empty()
		}
		u.call.Tell(step.Progress{Message: fmt.Sprintf("restoring table %s from backup %s", u.name, aws.ToString(b.BackupName))})
		if err := proc.WriteFile(filepath.Join(u.call.Dir, restoring), []byte(aws.ToString(b.BackupArn)), 0o600); err != nil {
			return step.Outcome{}, err
		}
		if woken, err = u.fromBackup(ctx, b); err != nil {
			return step.Outcome{}, err
		}
	}
	if _, err := u.active(ctx, u.name); err != nil {
		return step.Outcome{}, err
	}
	got, err := u.scan(u.name).Sum(ctx)
	if err != nil {
		return step.Outcome{}, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	f := facts{Table: u.name, Strategy: step.Restore, Recovered: got.Count}
	text := fmt.Sprintf("table %s restored with %d items", u.name, got.Count)
	if b != nil {
		f.Instant, f.Expected, f.Digest = aws.ToTime(b.BackupCreationDateTime), got.Count, true // DynamoDB restores a backup whole
		text += fmt.Sprintf(" of %s, from backup %s; its stack adopts it and puts its settings back%s", f.Instant.UTC().Format("2006-01-02 15:04:05 MST"), aws.ToString(b.BackupName), woken)
	}
	out := outcome(f, text)
	out.Changed = d == nil || there(d) == ""
	was, err := u.recorded(ctx)
	if err == nil {
		err = u.dress(ctx, was, false, &out)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	return u.finish(ctx, out, f)
}

// fromBackup begins the restore. A key that is about to be deleted, or is disabled, is taken back first: nothing can be restored without it, and the
// stack, which would take it back too, comes later. DynamoDB does not tell which key a system backup needs but by its refusal. It says what
// became of the key.
func (u *turn) fromBackup(ctx context.Context, b *types.BackupSummary) (string, error) {
	begin := func() error {
		_, err := u.api.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{TargetTableName: &u.name, BackupArn: b.BackupArn})
		if err != nil {
			return awscloud.Explain(err, "table "+u.name+" cannot be restored from backup "+aws.ToString(b.BackupName), u.call.Site)
		}
		return nil
	}
	err := begin()
	if err == nil {
		return "", nil
	}
	key := refusedKey(err)
	if key == "" {
		return "", err
	}
	c, siteErr := u.Sites.At(ctx, u.call.Site)
	if siteErr != nil {
		return "", siteErr
	}
	d, keyErr := c.DyingKey(ctx, key, "of table "+u.name, true)
	switch {
	case keyErr != nil:
		return "", keyErr
	case d == nil || d.Lost:
		return "", err
	}
	if err := d.Back(ctx); err != nil {
		return "", err
	}
	return "; " + d.Name + " was taken back: " + d.Why, begin()
}

// locked is a table whose key cannot be used. After a week AWS archives it (Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes").
func (u *turn) locked(t *types.TableDescription) error {
	key := "its key"
	if t.SSEDescription != nil {
		key = aws.ToString(t.SSEDescription.KMSMasterKeyArn)
	}
	e := &step.Error{
		Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s is %s", aws.ToString(t.TableName), t.TableStatus), Why: key + " cannot be used",
		Next: fmt.Sprintf("Take the key back, aws kms cancel-key-deletion and aws kms enable-key, both with --key-id %s, or let DynamoDB use it; then resume the run", key),
	}
	if t.TableStatus == types.TableStatusArchived {
		e.Why, e.Next = key+" could not be used for a week", "Restore the table from the backup that DynamoDB made when it archived it (aws dynamodb list-backups), with another key"
	}
	return e
}

// refusedKey is the key whose state is why DynamoDB refuses (KMS API, KMSInvalidStateException and DisabledException); empty: it is something else.
func refusedKey(err error) string {
	text := err.Error()
	if !strings.Contains(text, "KMSInvalidStateException") && !strings.Contains(text, "DisabledException") {
		return ""
	}
	return awscloud.KeyARN(text)
}

// backup is the system backup that DynamoDB made when the table was deleted, kept for 35 days if point-in-time recovery was on (Amazon
// DynamoDB Developer Guide, "Point-in-time recovery"); the newest. Nil: there is none.
func (u *turn) backup(ctx context.Context) (*types.BackupSummary, error) {
	var newest *types.BackupSummary
	in := &dynamodb.ListBackupsInput{TableName: &u.name, BackupType: types.BackupTypeFilterAll}
	for {
		out, err := u.api.ListBackups(ctx, in)
		if err != nil {
			return nil, awscloud.Explain(err, "the backups of table "+u.name+" cannot be listed", u.call.Site)
		}
		for _, b := range out.BackupSummaries {
			if b.BackupStatus == types.BackupStatusAvailable && (newest == nil || b.BackupCreationDateTime.After(aws.ToTime(newest.BackupCreationDateTime))) {
				newest = &b
			}
		}
		if in.ExclusiveStartBackupArn = out.LastEvaluatedBackupArn; in.ExclusiveStartBackupArn == nil {
			return newest, nil
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
