package stage

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// window is how many days a key or a secret that is deleted can be taken back: the shortest that KMS and Secrets Manager allow.
const window = 7

// taker takes things away in one region of an account, with the account's own credentials.
type taker struct {
	*awscloud.Clients
	loot *loot
}

func (t taker) mappings(ctx context.Context) error {
	return take(ctx, t.loot, "event source mapping", func(ctx context.Context) (out []string, err error) {
		for p := lambda.NewListEventSourceMappingsPaginator(t.Lambda, &lambda.ListEventSourceMappingsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, m := range page.EventSourceMappings {
				out = append(out, *m.UUID)
			}
		}
		return out, nil
	}, func(ctx context.Context, id string) error {
		_, err := t.Lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: &id})
		return err
	})
}

func (t taker) functions(ctx context.Context) error {
	return take(ctx, t.loot, "function", func(ctx context.Context) (out []string, err error) {
		for p := lambda.NewListFunctionsPaginator(t.Lambda, &lambda.ListFunctionsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, f := range page.Functions {
				out = append(out, *f.FunctionName)
			}
		}
		return out, nil
	}, func(ctx context.Context, name string) error {
		_, err := t.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
		return err
	})
}

func (t taker) queues(ctx context.Context) error {
	return take(ctx, t.loot, "queue", func(ctx context.Context) (out []string, err error) {
		for p := sqs.NewListQueuesPaginator(t.SQS, &sqs.ListQueuesInput{MaxResults: aws.Int32(1000)}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.QueueUrls...)
		}
		return out, nil
	}, func(ctx context.Context, url string) error {
		_, err := t.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url})
		return err
	})
}

func (t taker) tables(ctx context.Context) error {
	return take(ctx, t.loot, "table", func(ctx context.Context) (out []string, err error) {
		for p := dynamodb.NewListTablesPaginator(t.DynamoDB, &dynamodb.ListTablesInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			out = append(out, page.TableNames...)
		}
		return out, nil
	}, t.deleteTable)
}

// deleteTable deletes a table, protected or not: whoever may delete it may switch its protection off. One that is being changed is waited for.
func (t taker) deleteTable(ctx context.Context, name string) error {
	for {
		err := t.deleteIdleTable(ctx, name)
		if awscloud.Code(err) != "ResourceInUseException" {
			return err
		}
		out, lookErr := t.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if lookErr != nil || out.Table.TableStatus == types.TableStatusDeleting {
			return err
		}
		if err := clock.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func (t taker) deleteIdleTable(ctx context.Context, name string) error {
	_, err := t.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	if awscloud.Code(err) != "ValidationException" {
		return err
	}
	if _, err := t.DynamoDB.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		return err
	}
	_, err = t.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	return err
}

func (t taker) repositories(ctx context.Context) error {
	return take(ctx, t.loot, "image repository", func(ctx context.Context) (out []string, err error) {
		for p := ecr.NewDescribeRepositoriesPaginator(t.ECR, &ecr.DescribeRepositoriesInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, r := range page.Repositories {
				out = append(out, *r.RepositoryName)
			}
		}
		return out, nil
	}, func(ctx context.Context, name string) error {
		_, err := t.ECR.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: &name, Force: true})
		return err
	})
}

// images deletes every image of a repository, and leaves the repository.
func (t taker) images(ctx context.Context, repository string) error {
	var ids []ecrtypes.ImageIdentifier
	for p := ecr.NewListImagesPaginator(t.ECR, &ecr.ListImagesInput{RepositoryName: &repository}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, id := range page.ImageIds {
			ids = append(ids, ecrtypes.ImageIdentifier{ImageDigest: id.ImageDigest}) // with a digest all of its tags go
		}
	}
	const most = 100 // BatchDeleteImage, "imageIds"
	for len(ids) > 0 {
		n := min(most, len(ids))
		out, err := t.ECR.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: &repository, ImageIds: ids[:n]})
		if err != nil {
			return err
		}
		digests := map[string]bool{}
		for _, id := range out.ImageIds {
			digests[aws.ToString(id.ImageDigest)] = true
		}
		t.loot.add("image of "+repository, len(digests))
		ids = ids[n:]
	}
	return nil
}

// buckets deletes every bucket of the region with all versions of its objects.
func (t taker) buckets(ctx context.Context) error {
	return take(ctx, t.loot, "bucket", func(ctx context.Context) (out []string, err error) {
		for p := s3.NewListBucketsPaginator(t.S3, &s3.ListBucketsInput{BucketRegion: &t.Site.Region}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, b := range page.Buckets {
				out = append(out, *b.Name)
			}
		}
		return out, nil
	}, t.deleteBucket)
}

func (t taker) deleteBucket(ctx context.Context, name string) error {
	for p := s3.NewListObjectVersionsPaginator(t.S3, &s3.ListObjectVersionsInput{Bucket: &name}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		var ids []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := t.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &name, Delete: &s3types.Delete{Objects: ids}}); err != nil {
			return err
		}
	}
	_, err := t.S3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	return err
}

func (t taker) logGroups(ctx context.Context) error {
	return take(ctx, t.loot, "log group", func(ctx context.Context) (out []string, err error) {
		for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(t.Logs, &cloudwatchlogs.DescribeLogGroupsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, g := range page.LogGroups {
				out = append(out, *g.LogGroupName)
			}
		}
		return out, nil
	}, func(ctx context.Context, name string) error {
		_, err := t.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
		return err
	})
}

// apis deletes REST APIs as fast as AWS allows: one in 30 s. An intruder does not wait for the others.
func (t taker) apis(ctx context.Context) error {
	return take(ctx, t.loot, "API", func(ctx context.Context) (out []string, err error) {
		for p := apigateway.NewGetRestApisPaginator(t.APIGateway, &apigateway.GetRestApisInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.Items {
				out = append(out, *a.Id)
			}
		}
		return out[:min(1, len(out))], nil
	}, func(ctx context.Context, id string) error {
		_, err := t.APIGateway.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: &id})
		return err
	})
}

// secret is a secret of the region.
type secret struct {
	name  string
	dying bool // in its deletion window
}

func (t taker) listSecrets(ctx context.Context) (out []secret, err error) {
	for p := secretsmanager.NewListSecretsPaginator(t.SecretsManager, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.SecretList {
			out = append(out, secret{*s.Name, s.DeletedDate != nil})
		}
	}
	return out, nil
}

func (t taker) deleteSecret(ctx context.Context, s secret) error {
	if s.dying {
		return nil
	}
	_, err := t.SecretsManager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &s.name, RecoveryWindowInDays: aws.Int64(window)})
	return err
}

func (t taker) secrets(ctx context.Context) error {
	return take(ctx, t.loot, "secret in its deletion window", t.listSecrets, t.deleteSecret)
}

// key is a key that the account made, not AWS.
type key struct {
	id    string
	born  time.Time
	dying bool // pending deletion
}

func (t taker) listKeys(ctx context.Context) (out []key, err error) {
	for p := kms.NewListKeysPaginator(t.KMS, &kms.ListKeysInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range page.Keys {
			d, err := t.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: k.KeyId})
			if err != nil {
				return nil, err
			}
			if m := d.KeyMetadata; m.KeyManager == kmstypes.KeyManagerTypeCustomer {
				out = append(out, key{*m.KeyId, aws.ToTime(m.CreationDate), m.KeyState == kmstypes.KeyStatePendingDeletion})
			}
		}
	}
	return out, nil
}

func (t taker) deleteKey(ctx context.Context, k key) error {
	if k.dying {
		return nil
	}
	_, err := t.KMS.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &k.id, PendingWindowInDays: aws.Int32(window)})
	return err
}

func (t taker) keys(ctx context.Context) error {
	return take(ctx, t.loot, "key pending deletion", t.listKeys, t.deleteKey)
}
