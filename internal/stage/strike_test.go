package stage_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// world is a drill cloud in which an application of the plan lives at the primary site.
type world struct {
	*stage.Stage
	cloud *cloudtest.Cloud
	plan  *plan.Plan
	key   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := cloudtest.New(t)
	w := &world{cloud: c, plan: cloudtest.Plan(), Stage: &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil)}}
	vault := []plan.Source{{Site: "primary"}, {Site: "vault"}}
	w.plan.Stacks = []*plan.Stack{{Block: plan.Block{Name: "blue"}}}
	w.plan.Terraform.State.LockTable = cloudtest.Text("locks")
	w.plan.Images = []*plan.Image{{Repository: "app", Tags: []string{"1", "2"}, From: vault}, {Repository: "other", Tags: []string{"1"}, From: vault}}
	w.plan.Secrets = []*plan.Secret{{Secret: "a-read", Keys: []string{"user"}, From: vault}}
	w.plan.APIKeys = []*plan.APIKey{{Secret: "keys", From: vault[1:], Consumers: []plan.Consumer{{Name: "Shop"}}}}
	w.plan.Parameters = []*plan.Parameter{{Parameter: "/url", From: vault}}
	if err := w.Furnish(t.Context(), w.plan); err != nil {
		t.Fatal(err)
	}
	p, ctx := c.Open(t, cloudtest.Primary()), t.Context()
	_, _ = c.Open(t, cloudtest.Vault()).SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("keys"), SecretString: aws.String(`{"Shop":"k"}`)}) // unless furnished
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"locks", "history", "cache"} {
		_, err := p.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: &name, BillingMode: dbtypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(name == "history"),
			AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("LockID"), AttributeType: dbtypes.ScalarAttributeTypeS}},
			KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("LockID"), KeyType: dbtypes.KeyTypeHash}},
		})
		must(err)
	}
	for _, name := range []string{"events", "failed"} {
		_, err := p.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
		must(err)
	}
	for _, name := range []string{"made", "made-too"} {
		_, err := p.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("v")})
		must(err)
	}
	k, err := p.KMS.CreateKey(ctx, &kms.CreateKeyInput{})
	must(err)
	w.key = *k.KeyMetadata.KeyId
	for range 50 { // the clock is fast, and states take time
		if d, err := p.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("history")}); err == nil && d.Table.TableStatus == dbtypes.TableStatusActive {
			break
		}
	}
	return w
}

// recoverable switches point-in-time recovery of a table on.
func (w *world) recoverable(t *testing.T, name string) {
	t.Helper()
	_, err := w.cloud.Open(t, cloudtest.Primary()).DynamoDB.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: &name, PointInTimeRecoverySpecification: &dbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) strike(t *testing.T, sc plan.Scenario) string {
	t.Helper()
	took, err := w.Strike(t.Context(), w.plan, &sc)
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// An accident takes what the promise of the scenario says, and no more; a second try of a drill that was killed takes nothing else.
func TestResourcesAreDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, ctx := w.cloud.Open(t, cloudtest.Primary()), t.Context()
	w.plan.Tables = []*plan.Table{{Block: plan.Block{Name: "history"}, Table: cloudtest.Text("history")}, {Block: plan.Block{Name: "cache"}, Table: cloudtest.Text("cache")}, {Block: plan.Block{Name: "unnamed"}}}
	w.recoverable(t, "history")
	lost := plan.Scenario{Name: "s", Lost: plan.Lost{Kind: plan.LostResources}, RecoverTo: "primary"}
	const want = "gone: 2 queues, 1 lock table, 1 table, 2 images of app, 1 secret in its deletion window, 1 key pending deletion"
	if took := w.strike(t, lost); took != want {
		t.Errorf("took %q", took)
	}
	if took := w.strike(t, lost); strings.Contains(took, "queue") {
		t.Errorf("a second try took %q", took)
	}
	d, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &w.key})
	if err != nil || d.KeyMetadata.KeyState != "PendingDeletion" {
		t.Errorf("the key is %+v, %v", d, err)
	}
	dying := map[string]bool{}
	list, err := c.SecretsManager.ListSecrets(ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.SecretList {
		dying[*s.Name] = s.DeletedDate != nil
	}
	if len(dying) != 3 || !dying["made"] || dying["made-too"] || dying["a-read"] {
		t.Errorf("secrets in their windows: %v", dying)
	}
	for repository, left := range map[string]int{"app": 0, "other": 1} {
		out, err := c.ECR.ListImages(ctx, &ecr.ListImagesInput{RepositoryName: &repository})
		if err != nil || len(out.ImageIds) != left {
			t.Errorf("%s has %d images, %v", repository, len(out.ImageIds), err)
		}
	}
	if left, err := c.DynamoDB.ListTables(ctx, &dynamodb.ListTablesInput{}); err != nil || !slices.Equal(left.TableNames, []string{"cache"}) {
		t.Errorf("tables that are left: %+v, %v", left, err)
	}
	if kept, err := c.DynamoDB.ListBackups(ctx, &dynamodb.ListBackupsInput{BackupType: dbtypes.BackupTypeFilterAll}); err != nil || len(kept.BackupSummaries) != 1 || *kept.BackupSummaries[0].TableName != "history" {
		t.Errorf("backups that are left: %+v, %v", kept, err)
	}
	vault := w.cloud.Open(t, cloudtest.Vault())
	if out, err := vault.ECR.ListImages(ctx, &ecr.ListImagesInput{RepositoryName: aws.String("app")}); err != nil || len(out.ImageIds) != 2 {
		t.Errorf("the vault has %+v, %v", out, err)
	}
}

// values are the versions of the vault's secret and parameter, the oldest first.
func (w *world) values(ctx context.Context, t *testing.T) (secrets, parameters []time.Time) {
	t.Helper()
	c := w.cloud.Open(t, cloudtest.Vault())
	list, err := c.SecretsManager.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("a-read")})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Versions {
		secrets = append(secrets, *v.CreatedDate)
	}
	slices.SortFunc(secrets, time.Time.Compare)
	past, err := c.SSM.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: aws.String("/url")})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range past.Parameters {
		parameters = append(parameters, *v.LastModifiedDate)
	}
	return secrets, parameters
}

// An intruder leaves nothing in any region of the account, an unusual one too, and no way in; the copies in the vault stay, and get a version
// that is younger than the disaster's instant. A second try changes nothing.
func TestAccountIsCompromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, primary := t.Context(), cloudtest.Primary()
	sydney := *primary
	sydney.Region = "ap-southeast-2"
	far := w.cloud.Open(t, &sydney)
	_, err := far.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("far-away"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "ap-southeast-2"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = far.S3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("far-away"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := far.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("far-away"), Key: aws.String("k"), Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
	}
	before := w.cloud.Sim.World().Now()
	lost := plan.Scenario{Name: "s", Lost: plan.Lost{Kind: plan.LostAccount, Site: "primary"}, RecoverTo: "standby", Compromised: true}
	const want = "gone: 1 bucket, 2 image repositories, 1 key pending deletion, 2 queues, 3 secrets in their deletion window, 3 tables in ap-southeast-2, eu-west-2; " +
		"3 copies of values replaced by the intruder's; the credentials are revoked"
	if took := w.strike(t, lost); took != want {
		t.Errorf("took %q", took)
	}
	if took := w.strike(t, lost); took != "the credentials are revoked" {
		t.Errorf("a second try took %q", took)
	}
	_, err = w.cloud.Open(t, primary).SQS.ListQueues(ctx, &sqs.ListQueuesInput{})
	if code := awscloud.Code(err); code != "UnrecognizedClientException" && code != "InvalidClientTokenId" {
		t.Errorf("the account answers %v", err)
	}
	secrets, parameters := w.values(ctx, t)
	for name, versions := range map[string][]time.Time{"secret": secrets, "parameter": parameters} {
		if len(versions) != 2 || !versions[0].Before(before) || !versions[1].After(before) {
			t.Errorf("%s: versions of %v, disaster at %v", name, versions, before)
		}
	}
}
