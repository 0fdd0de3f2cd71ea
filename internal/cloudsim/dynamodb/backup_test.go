package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// backup makes a backup of music.
func (p *plane) backup(name string) *types.BackupDetails {
	p.t.Helper()
	out, err := p.CreateBackup(p.t.Context(), &awsdynamodb.CreateBackupInput{TableName: aws.String(music), BackupName: &name})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.BackupDetails
}

func (p *plane) listed(in *awsdynamodb.ListBackupsInput) (names []string, last *string) {
	p.t.Helper()
	out, err := p.ListBackups(p.t.Context(), in)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range out.BackupSummaries {
		names = append(names, *b.BackupName)
	}
	return names, out.LastEvaluatedBackupArn
}

// fromBackup restores a backup as a table.
func (p *plane) fromBackup(arn *string, target string) error {
	_, err := p.RestoreTableFromBackup(p.t.Context(), &awsdynamodb.RestoreTableFromBackupInput{BackupArn: arn, TargetTableName: &target})
	return err
}

// A backup holds the table as it was when it was asked for, is AVAILABLE within minutes, survives its table, and restores with the
// settings that the table had then.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	source := p.makeRich()
	p.put(map[string]types.AttributeValue{"p": text("k"), "v": text("before"), "g": number(1)})
	b := p.backup("nightly")
	p.put(map[string]types.AttributeValue{"p": text("k"), "v": text("after")})
	if b.BackupStatus != types.BackupStatusCreating || b.BackupType != types.BackupTypeUser || *b.BackupSizeBytes == 0 {
		t.Errorf("a new backup: %v", b)
	}
	wantFailure(t, "restore while it is made", p.fromBackup(b.BackupArn, "copy"), "BackupInUseException")
	_, err := p.DeleteTable(t.Context(), &awsdynamodb.DeleteTableInput{TableName: aws.String(music)})
	wantFailure(t, "delete the table while it is backed up", err, "ResourceInUseException")
	p.clock.pass(time.Hour)
	out, err := p.DescribeBackup(t.Context(), &awsdynamodb.DescribeBackupInput{BackupArn: b.BackupArn})
	if err != nil {
		t.Fatal(err)
	}
	d := out.BackupDescription
	if d.BackupDetails.BackupStatus != types.BackupStatusAvailable || *d.SourceTableDetails.ItemCount != 1 || *d.SourceTableDetails.TableId != *source.TableId ||
		*d.SourceTableFeatureDetails.GlobalSecondaryIndexes[0].ProvisionedThroughput.WriteCapacityUnits != 6 || d.SourceTableFeatureDetails.TimeToLiveDescription == nil {
		t.Errorf("described: %v", d)
	}
	p.drop()
	if err := p.fromBackup(b.BackupArn, music); err != nil {
		t.Fatal(err)
	}
	_, err = p.DeleteBackup(t.Context(), &awsdynamodb.DeleteBackupInput{BackupArn: b.BackupArn})
	wantFailure(t, "delete a backup that is restored", err, "BackupInUseException")
	wantFailure(t, "restore it a second time at once", p.fromBackup(b.BackupArn, "copy"), "BackupInUseException")
	if from := p.describe().RestoreSummary; *from.SourceBackupArn != *b.BackupArn || !from.RestoreDateTime.Equal(*b.BackupCreationDateTime) {
		t.Errorf("it is restored from %v", from)
	}
	p.clock.pass(20 * time.Minute)
	restored := p.describe()
	if restored.TableStatus != types.TableStatusActive {
		t.Errorf("after 20 minutes it is %s", restored.TableStatus)
	}
	if got := p.contents(music); got["k"] != "before" {
		t.Errorf("restored %v", got)
	}
	p.wantBare(restored.TableArn)
	if _, err := p.DeleteBackup(t.Context(), &awsdynamodb.DeleteBackupInput{BackupArn: b.BackupArn}); err != nil {
		t.Error(err)
	}
	wantFailure(t, "restore a deleted backup", p.fromBackup(b.BackupArn, "copy"), "BackupNotFoundException")
}

// drop deletes music and passes the time that this takes.
func (p *plane) drop() {
	p.t.Helper()
	_, err := p.UpdateTable(p.t.Context(), &awsdynamodb.UpdateTableInput{TableName: aws.String(music), DeletionProtectionEnabled: aws.Bool(false)})
	if err != nil {
		p.t.Fatal(err)
	}
	p.clock.pass(time.Minute)
	if _, err := p.DeleteTable(p.t.Context(), &awsdynamodb.DeleteTableInput{TableName: aws.String(music)}); err != nil {
		p.t.Fatal(err)
	}
	p.clock.pass(time.Minute)
}

// A deleted table that had point-in-time recovery leaves a system backup of its last state, for 35 days; one that had not leaves nothing.
// A point in time can no longer be restored.
func TestDeletedTableLeavesASystemBackup(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.drop()
	system := &awsdynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterSystem}
	if names, _ := p.listed(system); names != nil {
		t.Errorf("without recovery there is %v", names)
	}
	p.make(nil)
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k"), "v": text("last")})
	p.clock.pass(time.Hour)
	p.drop()
	_, err := p.restore("copy", time.Time{}, nil)
	wantFailure(t, "a point in time of a deleted table", err, "TableNotFoundException")
	out, err := p.ListBackups(t.Context(), system)
	if err != nil || len(out.BackupSummaries) != 1 {
		t.Fatalf("system backups: %v %v", out, err)
	}
	b := out.BackupSummaries[0]
	if *b.BackupName != "music$DeletedTableBackup" || b.BackupStatus != types.BackupStatusAvailable || b.BackupExpiryDateTime.Sub(*b.BackupCreationDateTime) != 35*24*time.Hour {
		t.Errorf("the system backup: %v", b)
	}
	_, err = p.DeleteBackup(t.Context(), &awsdynamodb.DeleteBackupInput{BackupArn: b.BackupArn})
	wantFailure(t, "delete a system backup", err, "ValidationException")
	if names, _ := p.listed(&awsdynamodb.ListBackupsInput{}); names != nil {
		t.Errorf("ListBackups gives user backups unless asked; it gave %v", names)
	}
	p.load()
	if err := p.fromBackup(b.BackupArn, music); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(time.Hour)
	if got := p.contents(music); got["k"] != "last" {
		t.Errorf("restored %v", got)
	}
	p.clock.pass(35 * 24 * time.Hour)
	if names, _ := p.listed(system); names != nil {
		t.Errorf("after 35 days there is %v", names)
	}
}

// reload saves the cloud and goes on with what is loaded.
func (p *plane) reload() json.RawMessage {
	p.t.Helper()
	state, err := p.service.Save()
	if err == nil {
		err = p.service.Load(state)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return state
}

// load reloads a cloud in which nothing is under way, so that what is loaded saves as what was saved.
func (p *plane) load() {
	p.t.Helper()
	state := p.reload()
	if again, err := p.service.Save(); err != nil || string(again) != string(state) {
		p.t.Errorf("a loaded state saves as another one: %v\n%s\n%s", err, state, again)
	}
}

// ListBackups gives pages, filters by table and by the time of the request, and survives being saved.
func TestListBackups(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	start := p.clock.Now()
	for i := range 5 {
		p.backup(fmt.Sprint("backup-", i))
		p.clock.pass(time.Hour)
	}
	p.load()
	for what, c := range map[string]struct {
		in   awsdynamodb.ListBackupsInput
		want int
	}{
		"all":           {awsdynamodb.ListBackupsInput{}, 5},
		"of the table":  {awsdynamodb.ListBackupsInput{TableName: aws.String(music)}, 5},
		"of another":    {awsdynamodb.ListBackupsInput{TableName: aws.String("other")}, 0},
		"from hour 1":   {awsdynamodb.ListBackupsInput{TimeRangeLowerBound: aws.Time(start.Add(time.Hour))}, 4},
		"before hour 1": {awsdynamodb.ListBackupsInput{TimeRangeUpperBound: aws.Time(start.Add(time.Hour))}, 1},
	} {
		if names, _ := p.listed(&c.in); len(names) != c.want {
			t.Errorf("%s: %v, want %d", what, names, c.want)
		}
	}
	var all []string
	var last *string
	for page := range 3 {
		names, next := p.listed(&awsdynamodb.ListBackupsInput{Limit: aws.Int32(2), ExclusiveStartBackupArn: last})
		all, last = append(all, names...), next
		if (last == nil) != (page == 2) {
			t.Errorf("page %d: %v, more %v", page, names, last != nil)
		}
	}
	if fmt.Sprint(all) != "[backup-0 backup-1 backup-2 backup-3 backup-4]" {
		t.Errorf("the pages hold %v", all)
	}
	_, err := p.CreateBackup(t.Context(), &awsdynamodb.CreateBackupInput{TableName: aws.String("other"), BackupName: aws.String("nightly")})
	wantFailure(t, "back up nothing", err, "TableNotFoundException")
	_, err = p.DescribeBackup(t.Context(), &awsdynamodb.DescribeBackupInput{BackupArn: aws.String("arn:aws:dynamodb:eu-west-2:111111111111:table/music/backup/1")})
	wantFailure(t, "describe nothing", err, "BackupNotFoundException")
}

// A backup is restored into another region of its account, and not into another account.
func TestBackupAcrossRegions(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.put(map[string]types.AttributeValue{"p": text("k"), "v": text("1")})
	b := p.backup("nightly")
	p.clock.pass(time.Hour)
	restore := func(account string) (*plane, error) {
		far := p.at(sim.Scope{Account: account, Region: "eu-central-1"})
		_, err := far.RestoreTableFromBackup(t.Context(), &awsdynamodb.RestoreTableFromBackupInput{
			BackupArn: b.BackupArn, TargetTableName: aws.String(music), SSESpecificationOverride: &types.SSESpecification{Enabled: aws.Bool(false)},
		})
		return far, err
	}
	far, err := restore(scope.Account)
	if err != nil {
		t.Fatal(err)
	}
	p.clock.pass(time.Hour)
	if got := far.contents(music); got["k"] != "1" {
		t.Errorf("restored %v", got)
	}
	_, err = restore("222222222222")
	wantFailure(t, "into another account", err, "AccessDeniedException")
}
