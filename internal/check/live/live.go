// Package live answers the questions of a check by asking AWS at the plan's sites, or the drill cloud.
//
// Promise: nothing is changed: every call is a Describe, Get, Head or List. A site whose credentials reach another account than the plan
// says answers nothing. What cannot be asked is an error that says which permission is missing, never a guess.
package live

import (
	"context"
	"crypto/md5" //nolint:gosec // the digest that Terraform's S3 backend keeps is an MD5
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyhttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// maxState bounds a state that is read for its MD5, in bytes.
const maxState = 256 << 20

// AWS asks the sites of a plan.
type AWS struct {
	sites  *awscloud.Cloud
	silent map[string]error // sites that do not answer, by name
}

var _ check.Asker = (*AWS)(nil)

// New makes an AWS. It asks nothing yet.
func New(sites *awscloud.Cloud) *AWS { return &AWS{sites: sites, silent: map[string]error{}} }

// Answer asks the question's site.
func (a *AWS) Answer(ctx context.Context, q check.Question) (check.Fact, error) {
	if err, known := a.silent[q.Site.Name]; known {
		return check.Fact{}, err
	}
	if _, err := a.sites.Verify(ctx, q.Site); err != nil {
		a.silent[q.Site.Name] = err
		return check.Fact{}, err
	}
	c, err := a.sites.At(ctx, q.Site)
	if err != nil {
		return check.Fact{}, err
	}
	f, err := ask(ctx, c, q)
	if err != nil {
		return check.Fact{}, awscloud.Explain(err, fmt.Sprintf("%s %s cannot be looked at", q.Topic, q.Name), q.Site)
	}
	return f, nil
}

func ask(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	switch q.Topic {
	case check.AskConcurrency:
		return concurrency(ctx, c)
	case check.AskBucket:
		return bucket(ctx, c, q)
	case check.AskSecret:
		return secret(ctx, c, q)
	case check.AskKey:
		return key(ctx, c, q)
	case check.AskLock:
		return lock(ctx, c, q)
	case check.AskTable:
		return table(ctx, c, q)
	case check.AskImage:
		return image(ctx, c, q)
	case check.AskProcessor:
		return processor(ctx, c, q)
	case check.AskQuota:
		return quota(ctx, c, q)
	case check.AskCertificate:
		return certificate(ctx, c, q)
	case check.AskZone:
		return zone(ctx, c, q)
	case check.AskAPIRole:
		return role(ctx, c)
	case check.AskSettings:
		return settings(ctx, c, q)
	}
	return check.Fact{}, fmt.Errorf("nobody knows how to ask about %s", q.Topic)
}

func concurrency(ctx context.Context, c *awscloud.Clients) (check.Fact, error) {
	out, err := c.Lambda.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return check.Fact{}, err
	}
	if out.AccountLimit == nil {
		return check.Fact{}, errors.New("lambda answered without a limit")
	}
	return check.Fact{There: true, Limit: int(out.AccountLimit.ConcurrentExecutions)}, nil
}

// bucket asks for the owner by naming it: S3 then refuses those of others (HeadBucket, ExpectedBucketOwner).
func bucket(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &q.Name, ExpectedBucketOwner: &q.Site.Account})
	if err == nil {
		region := aws.ToString(out.BucketRegion)
		if region == "" {
			region = q.Site.Region
		}
		return check.Fact{There: true, Mine: true, Region: region}, nil
	}
	switch awscloud.Status(err) {
	case http.StatusNotFound:
		return check.Fact{}, nil
	case http.StatusForbidden:
		return check.Fact{There: true}, nil
	case http.StatusMovedPermanently:
		var r *smithyhttp.ResponseError
		if errors.As(err, &r) && r.Response != nil {
			return check.Fact{There: true, Mine: true, Region: r.Response.Header.Get("X-Amz-Bucket-Region")}, nil
		}
	}
	return check.Fact{}, err
}

func secret(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.SecretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &q.Name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	return check.Fact{There: true, DeletedOn: aws.ToTime(out.DeletedDate)}, nil
}

func key(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &q.Name})
	if awscloud.Code(err) == "NotFoundException" {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	return check.Fact{There: true, DeletedOn: aws.ToTime(out.KeyMetadata.DeletionDate)}, nil
}

// lock compares the MD5 of a state with the digest that the lock table keeps for it (Terraform, S3 backend: "<bucket>/<key>-md5").
func lock(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	obj, err := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &q.In, Key: &q.Name})
	if code := awscloud.Code(err); code == "NoSuchKey" || code == "NoSuchBucket" || awscloud.Status(err) == http.StatusNotFound {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	defer obj.Body.Close() //nolint:errcheck // it was only read
	sum := md5.New()       //nolint:gosec // see above
	if n, err := io.Copy(sum, io.LimitReader(obj.Body, maxState+1)); err != nil || n > maxState {
		return check.Fact{}, fmt.Errorf("state %s/%s could not be read to its end: %w", q.In, q.Name, errors.Join(err, errors.New("it may be too large")))
	}
	item, err := c.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &q.With, ConsistentRead: aws.Bool(true), Key: map[string]dbtypes.AttributeValue{"LockID": &dbtypes.AttributeValueMemberS{Value: q.In + "/" + q.Name + "-md5"}},
	})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	f := check.Fact{There: true, MD5: hex.EncodeToString(sum.Sum(nil))}
	if d, ok := item.Item["Digest"].(*dbtypes.AttributeValueMemberS); ok {
		f.Digest = d.Value
	}
	return f, nil
}

func table(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &q.Name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	f := check.Fact{There: true}
	for _, r := range out.Table.Replicas {
		f.Replicas = append(f.Replicas, aws.ToString(r.RegionName))
	}
	backups, err := c.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &q.Name})
	if err != nil {
		return check.Fact{}, err
	}
	if p := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription; p != nil {
		f.Recovery = p.PointInTimeRecoveryStatus == dbtypes.PointInTimeRecoveryStatusEnabled
		f.Since = aws.ToTime(p.EarliestRestorableDateTime)
	}
	f.Elsewhere, err = exports(ctx, c, aws.ToString(out.Table.TableArn))
	return f, err
}

// exports are the other accounts whose buckets hold a finished export of the table.
func exports(ctx context.Context, c *awscloud.Clients, arn string) ([]string, error) {
	var accounts []string
	pages := dynamodb.NewListExportsPaginator(c.DynamoDB, &dynamodb.ListExportsInput{TableArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.ExportSummaries {
			if e.ExportStatus != dbtypes.ExportStatusCompleted {
				continue
			}
			d, err := c.DynamoDB.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: e.ExportArn})
			if err != nil {
				return nil, err
			}
			if owner := aws.ToString(d.ExportDescription.S3BucketOwner); owner != "" && owner != c.Site.Account {
				accounts = append(accounts, owner)
			}
		}
	}
	return accounts, nil
}

func image(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	id := ecrtypes.ImageIdentifier{ImageTag: &q.Tag}
	if strings.HasPrefix(q.Tag, "sha256:") {
		id = ecrtypes.ImageIdentifier{ImageDigest: &q.Tag}
	}
	out, err := c.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &q.Name, ImageIds: []ecrtypes.ImageIdentifier{id}})
	switch awscloud.Code(err) {
	case "ImageNotFoundException", "RepositoryNotFoundException":
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	return check.Fact{There: len(out.ImageDetails) > 0}, nil
}
