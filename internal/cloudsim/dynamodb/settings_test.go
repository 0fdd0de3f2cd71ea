package dynamodb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Tags, point-in-time recovery, policies and insights are kept and described.
func TestSettings(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	d := p.make(func(in *awsdynamodb.CreateTableInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
	})
	ctx, arn, name := t.Context(), d.TableArn, aws.String(music)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(p.TagResource(ctx, &awsdynamodb.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}}))
	must(p.UntagResource(ctx, &awsdynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}))
	tags, err := p.ListTagsOfResource(ctx, &awsdynamodb.ListTagsOfResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" || *tags.Tags[0].Value != "2" {
		t.Errorf("tags: %v %v", tags, err)
	}
	_, err = p.ListTagsOfResource(ctx, &awsdynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(*arn + "x")})
	wantFailure(t, "tags of nothing", err, "ResourceNotFoundException")

	_, err = p.GetResourcePolicy(ctx, &awsdynamodb.GetResourcePolicyInput{ResourceArn: arn})
	wantFailure(t, "no policy", err, "PolicyNotFoundException")
	must(p.PutResourcePolicy(ctx, &awsdynamodb.PutResourcePolicyInput{ResourceArn: arn, Policy: aws.String(`{"Statement":[]}`)}))
	policy, err := p.GetResourcePolicy(ctx, &awsdynamodb.GetResourcePolicyInput{ResourceArn: arn})
	if err != nil || *policy.Policy != `{"Statement":[]}` {
		t.Errorf("policy: %v %v", policy, err)
	}
	must(p.DeleteResourcePolicy(ctx, &awsdynamodb.DeleteResourcePolicyInput{ResourceArn: arn, ExpectedRevisionId: policy.RevisionId}))

	must(p.UpdateContributorInsights(ctx, &awsdynamodb.UpdateContributorInsightsInput{TableName: name, ContributorInsightsAction: types.ContributorInsightsActionEnable}))
	insights, err := p.DescribeContributorInsights(ctx, &awsdynamodb.DescribeContributorInsightsInput{TableName: name})
	if err != nil || insights.ContributorInsightsStatus != types.ContributorInsightsStatusEnabled {
		t.Errorf("insights: %v %v", insights, err)
	}
	limits, err := p.DescribeLimits(ctx, &awsdynamodb.DescribeLimitsInput{})
	if err != nil || *limits.TableMaxWriteCapacityUnits != 40000 {
		t.Errorf("limits: %v %v", limits, err)
	}
	backups, err := p.ListBackups(ctx, &awsdynamodb.ListBackupsInput{})
	if err != nil || len(backups.BackupSummaries) != 0 {
		t.Errorf("backups: %v %v", backups, err)
	}
	_, err = p.ExecuteStatement(ctx, &awsdynamodb.ExecuteStatementInput{Statement: aws.String("SELECT 1")})
	wantFailure(t, "PartiQL", err, "ValidationException", "PartiQL")
	_, err = p.GetItem(ctx, &awsdynamodb.GetItemInput{TableName: name, Key: map[string]types.AttributeValue{"p": text("x")}, AttributesToGet: []string{"p"}})
	wantFailure(t, "a legacy parameter", err, "ValidationException", "legacy parameter AttributesToGet")
	_, err = p.CreateGlobalTable(ctx, &awsdynamodb.CreateGlobalTableInput{GlobalTableName: name, ReplicationGroup: []types.Replica{}})
	wantFailure(t, "a call that is not there", err, "UnknownOperationException", "CreateGlobalTable")
}

// What a key protects is out of reach while the key is disabled: items, backups, restores and exports; and comes back with it. A
// table is not made, and not restored, with a key that cannot be used.
func TestDisabledKey(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	const key, other = "arn:aws:kms:eu-west-2:111111111111:key/1", "arn:aws:kms:eu-west-2:111111111111:key/2"
	with := func(key string) *types.SSESpecification {
		return &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(key)}
	}
	p.make(func(in *awsdynamodb.CreateTableInput) { in.SSESpecification = with(key) })
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k")})
	p.keys.set(other, true)
	_, err := p.restore("copy", time.Time{}, func(in *awsdynamodb.RestoreTableToPointInTimeInput) { in.SSESpecificationOverride = with(other) })
	wantFailure(t, "restore with a broken key", err, "ValidationException", "KMS validation error", other)
	p.keys.set(key, true)
	if status := p.describe().TableStatus; status != types.TableStatusInaccessibleEncryptionCredentials {
		t.Errorf("the table is %s", status)
	}
	_, err = p.Scan(t.Context(), &awsdynamodb.ScanInput{TableName: aws.String(music)})
	wantFailure(t, "scan", err, "AccessDeniedException", "KMS key access denied", key)
	_, err = p.CreateBackup(t.Context(), &awsdynamodb.CreateBackupInput{TableName: aws.String(music), BackupName: aws.String("nightly")})
	wantFailure(t, "back up", err, "AccessDeniedException")
	_, err = p.restore("copy", time.Time{}, func(in *awsdynamodb.RestoreTableToPointInTimeInput) {
		in.SSESpecificationOverride = &types.SSESpecification{Enabled: aws.Bool(false)}
	})
	wantFailure(t, "restore what cannot be read", err, "ValidationException", key)
	_, err = p.startExport(nil)
	wantFailure(t, "export", err, "ValidationException", key)
	p.keys.set(key, false)
	if got := p.contents(music); len(got) != 1 {
		t.Errorf("with the key there is %v", got)
	}
}

// Expired items go, the others stay, and the setting changes once an hour.
func TestTimeToLive(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	set := func(on bool) error {
		_, err := p.UpdateTimeToLive(t.Context(), &awsdynamodb.UpdateTimeToLiveInput{
			TableName: aws.String(music), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: &on, AttributeName: aws.String("until")},
		})
		return err
	}
	status := func(want types.TimeToLiveStatus) {
		t.Helper()
		out, err := p.DescribeTimeToLive(t.Context(), &awsdynamodb.DescribeTimeToLiveInput{TableName: aws.String(music)})
		if err != nil || out.TimeToLiveDescription.TimeToLiveStatus != want {
			t.Errorf("TTL is %v, %v, want %s", out.TimeToLiveDescription, err, want)
		}
	}
	now := p.clock.Now().Unix()
	for i := range 600 {
		until := now + 3600 + int64(i%3)*86400
		p.put(map[string]types.AttributeValue{"p": text(fmt.Sprint("k", i)), "until": number(until)})
	}
	p.put(map[string]types.AttributeValue{"p": text("text"), "until": text(fmt.Sprint(now))})
	p.put(map[string]types.AttributeValue{"p": text("ancient"), "until": number(1)})
	p.put(map[string]types.AttributeValue{"p": text("none")})
	status(types.TimeToLiveStatusDisabled)
	if err := set(true); err != nil {
		t.Fatal(err)
	}
	status(types.TimeToLiveStatusEnabling)
	p.clock.pass(time.Minute)
	status(types.TimeToLiveStatusEnabled)
	wantFailure(t, "switch on again", set(true), "TimeToLive is already enabled")
	wantFailure(t, "switch off at once", set(false), "modified multiple times within a fixed interval")
	count := func() int32 {
		t.Helper()
		n := int32(0)
		for range 8 { // each call looks at a few
			out, err := p.Scan(t.Context(), &awsdynamodb.ScanInput{TableName: aws.String(music)})
			if err != nil {
				t.Fatal(err)
			}
			n = out.Count
		}
		return n
	}
	if n := count(); n != 603 {
		t.Errorf("%d items before any expired", n)
	}
	p.clock.pass(2 * time.Hour)
	if n := count(); n != 403 {
		t.Errorf("%d items after a third expired, want 403", n)
	}
	p.clock.pass(48 * time.Hour)
	if n := count(); n != 3 {
		t.Errorf("%d items after all expired, want the 3 that never do", n)
	}
	if err := set(false); err != nil {
		t.Errorf("switch off later: %v", err)
	}
}
