package cloudsim

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// copying is a table that is exported by real clients into the bucket of another account and region.
type copying struct {
	*testing.T
	clock *handClock
	cloud *Cloud
	url   string
}

func (c *copying) config(account, region string) aws.Config {
	return simtest.At(aws.Config{BaseEndpoint: &c.url, RetryMaxAttempts: 1}, sim.Scope{Account: account, Region: region})
}

func (c *copying) tables(account, region string) *dynamodb.Client {
	return dynamodb.NewFromConfig(c.config(account, region))
}

func (c *copying) objects(account, region string) *s3.Client {
	return s3.NewFromConfig(c.config(account, region), func(o *s3.Options) { o.UsePathStyle = true })
}

func (c *copying) must(_ any, err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// TestTableComesBackFromTheVault: a table's export in the bucket of a third account, whose policy lets the owner write, has in its manifest
// what S3 says of each object; when the owner's region is lost, and the cloud was stopped and started, another account imports it.
func TestTableComesBackFromTheVault(t *testing.T) {
	t.Parallel()
	const vault = "333333333333"
	clock := &handClock{now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)}
	cloud, err := New(Config{Seed: 1, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	c := &copying{T: t, clock: clock, cloud: cloud}
	c.url = serve(t, cloud)
	bucket := c.objects(vault, ireland)
	c.must(bucket.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("vault"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: ireland},
	}))
	from := c.tables(primary, london)
	arn := c.fill(from)
	export := &dynamodb.ExportTableToPointInTimeInput{TableArn: &arn, S3Bucket: aws.String("vault"), S3BucketOwner: aws.String(vault), S3Prefix: aws.String("music")}
	if d := c.export(from, export); d.ExportStatus != ddb.ExportStatusFailed || *d.FailureCode != "S3AccessDenied" {
		t.Errorf("an export that the bucket's policy does not allow: %v", d)
	}
	c.must(bucket.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("vault"), Policy: aws.String(`{"Statement":[` +
		`{"Effect":"Allow","Principal":{"AWS":["` + primary + `","` + standby + `"]},"Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::vault/*"},` +
		`{"Effect":"Allow","Principal":{"AWS":"` + standby + `"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::vault"}]}`)}))
	export.ClientToken = aws.String("again")
	d := c.export(from, export)
	if d.ExportStatus != ddb.ExportStatusCompleted {
		t.Fatalf("the export: %s %s", d.ExportStatus, aws.ToString(d.FailureMessage))
	}
	c.checkManifest(bucket, *d.ExportManifest)

	cloud.World().Lose(sim.Scope{Account: primary, Region: london})
	file := filepath.Join(t.TempDir(), "state.json.gz")
	if err := cloud.Save(file); err != nil {
		t.Fatal(err)
	}
	if c.cloud, err = New(Config{Clock: clock}); err != nil {
		t.Fatal(err)
	}
	if err := c.cloud.Load(file); err != nil {
		t.Fatal(err)
	}
	c.url = serve(t, c.cloud)
	c.bringBack(strings.TrimSuffix(*d.ExportManifest, "manifest-summary.json")+"data/", vault)
}

// fill makes a table with an item that can be recovered.
func (c *copying) fill(from *dynamodb.Client) (arn string) {
	ctx, name := c.Context(), aws.String("music")
	out, err := from.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: name, BillingMode: ddb.BillingModePayPerRequest,
		KeySchema:            []ddb.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: ddb.KeyTypeHash}},
		AttributeDefinitions: []ddb.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: ddb.ScalarAttributeTypeS}},
	})
	c.must(out, err)
	c.clock.advance(time.Minute)
	c.must(from.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: name, PointInTimeRecoverySpecification: &ddb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}))
	c.must(from.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: map[string]ddb.AttributeValue{"p": &ddb.AttributeValueMemberS{Value: "k"}}}))
	return *out.TableDescription.TableArn
}

// export exports and waits for the end.
func (c *copying) export(from *dynamodb.Client, in *dynamodb.ExportTableToPointInTimeInput) *ddb.ExportDescription {
	c.Helper()
	begun, err := from.ExportTableToPointInTime(c.Context(), in)
	c.must(begun, err)
	c.clock.advance(10 * time.Minute)
	for {
		out, err := from.DescribeExport(c.Context(), &dynamodb.DescribeExportInput{ExportArn: begun.ExportDescription.ExportArn})
		c.must(out, err)
		if out.ExportDescription.ExportStatus != ddb.ExportStatusInProgress {
			return out.ExportDescription
		}
	}
}

// checkManifest compares the manifest with what S3 says of the data files.
func (c *copying) checkManifest(bucket *s3.Client, key string) {
	c.Helper()
	lines := c.object(bucket, strings.Replace(key, "summary", "files", 1))
	n := 0
	for dec := json.NewDecoder(bytes.NewReader(lines)); dec.More(); n++ {
		var f struct{ ETag, DataFileS3Key string }
		if err := dec.Decode(&f); err != nil {
			c.Fatal(err)
		}
		head, err := bucket.HeadObject(c.Context(), &s3.HeadObjectInput{Bucket: aws.String("vault"), Key: &f.DataFileS3Key})
		c.must(head, err)
		if strings.Trim(*head.ETag, `"`) != f.ETag || !strings.HasSuffix(f.ETag, "-1") {
			c.Errorf("%s: S3 has the ETag %s, the manifest %s", f.DataFileS3Key, *head.ETag, f.ETag)
		}
	}
	if n != 4 {
		c.Errorf("%d data files in %s", n, lines)
	}
}

func (c *copying) object(bucket *s3.Client, key string) []byte {
	c.Helper()
	out, err := bucket.GetObject(c.Context(), &s3.GetObjectInput{Bucket: aws.String("vault"), Key: &key})
	c.must(out, err)
	var b bytes.Buffer
	c.must(b.ReadFrom(out.Body))
	c.must(nil, out.Body.Close())
	return b.Bytes()
}

// bringBack imports what the vault has into the standby.
func (c *copying) bringBack(prefix, vault string) {
	c.Helper()
	to, ctx := c.tables(standby, ireland), c.Context()
	begun, err := to.ImportTable(ctx, &dynamodb.ImportTableInput{
		InputFormat: ddb.InputFormatDynamodbJson, InputCompressionType: ddb.InputCompressionTypeGzip,
		S3BucketSource: &ddb.S3BucketSource{S3Bucket: aws.String("vault"), S3BucketOwner: &vault, S3KeyPrefix: &prefix},
		TableCreationParameters: &ddb.TableCreationParameters{
			TableName: aws.String("music"), BillingMode: ddb.BillingModePayPerRequest,
			KeySchema:            []ddb.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: ddb.KeyTypeHash}},
			AttributeDefinitions: []ddb.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: ddb.ScalarAttributeTypeS}},
		},
	})
	c.must(begun, err)
	c.clock.advance(10 * time.Minute)
	for {
		out, err := to.DescribeImport(ctx, &dynamodb.DescribeImportInput{ImportArn: begun.ImportTableDescription.ImportArn})
		c.must(out, err)
		d := out.ImportTableDescription
		if d.ImportStatus == ddb.ImportStatusInProgress {
			continue
		}
		if d.ImportStatus != ddb.ImportStatusCompleted || d.ImportedItemCount != 1 {
			c.Fatalf("the import: %s %s, %d items", d.ImportStatus, aws.ToString(d.FailureMessage), d.ImportedItemCount)
		}
		break
	}
	got, err := to.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("music")})
	c.must(got, err)
	if got.Count != 1 {
		c.Errorf("the table that came back has %d items", got.Count)
	}
}
