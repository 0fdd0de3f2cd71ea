package adopt

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// table finds a table by its name. One with another key would have to be replaced.
func table(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("name", "hash_key", "range_key")
	if err != nil {
		return Found{}, err
	}
	out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &w[0]})
	if err != nil {
		return unless(err, "ResourceNotFoundException")
	}
	live := map[dbtypes.KeyType]string{}
	for _, k := range out.Table.KeySchema {
		live[k.KeyType] = aws.ToString(k.AttributeName)
	}
	switch {
	case out.Table.TableStatus == dbtypes.TableStatusDeleting:
		return Found{}, settling("table " + w[0] + " is being deleted")
	case live[dbtypes.KeyTypeHash] != w[1] || live[dbtypes.KeyTypeRange] != w[2]:
		return held("table %s has the key %q %q, the code wants %q %q", w[0], live[dbtypes.KeyTypeHash], live[dbtypes.KeyTypeRange], w[1], w[2]), nil
	}
	return present(w[0], map[string]string{"name": w[0], "arn": aws.ToString(out.Table.TableArn), "stream_arn": aws.ToString(out.Table.LatestStreamArn)}), nil
}

// queue finds a queue by its name.
func queue(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	out, err := c.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return unless(err, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
	}
	url := aws.ToString(out.QueueUrl)
	live, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn}})
	if err != nil {
		return unless(err, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
	}
	return present(url, map[string]string{"url": url, "name": name, "arn": live.Attributes["QueueArn"]}), nil
}

// secret finds a secret by its name, in its deletion window too.
func secret(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	out, err := c.SecretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		return unless(err, "ResourceNotFoundException")
	}
	arn := aws.ToString(out.ARN)
	f := present(arn, map[string]string{"arn": arn, "name": name})
	if out.DeletedDate == nil {
		return f, nil
	}
	f.State, f.Why = Dying, "it is scheduled for deletion"
	f.Back = func(ctx context.Context) error {
		if _, err := c.SecretsManager.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &arn}); err != nil {
			return awscloud.Explain(err, "secret "+name+" cannot be taken back from its deletion", c.Site)
		}
		return nil
	}
	return f, nil
}

// secretVersion finds the current version of a secret.
func secretVersion(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	id, err := r.Text("secret_id")
	if err != nil {
		return Found{}, err
	}
	out, err := c.SecretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if err != nil {
		return unless(err, "ResourceNotFoundException")
	}
	if out.DeletedDate != nil {
		return Found{}, &unknownError{"secret_id"} // until it is taken back
	}
	for version, stages := range out.VersionIdsToStages {
		if slices.Contains(stages, "AWSCURRENT") {
			arn := aws.ToString(out.ARN)
			return present(arn+"|"+version, map[string]string{"arn": arn, "secret_id": arn, "version_id": version}), nil
		}
	}
	return missing(), nil
}

// parameter finds a parameter by its name.
func parameter(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	out, err := c.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	if err != nil {
		return unless(err, "ParameterNotFound")
	}
	return present(name, map[string]string{"name": name, "arn": aws.ToString(out.Parameter.ARN)}), nil
}

// repository finds an image repository by its name.
func repository(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	out, err := c.ECR.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if err != nil {
		return unless(err, "RepositoryNotFoundException")
	}
	if len(out.Repositories) == 0 {
		return missing(), nil
	}
	x := out.Repositories[0]
	return present(name, map[string]string{"name": name, "arn": aws.ToString(x.RepositoryArn), "repository_url": aws.ToString(x.RepositoryUri)}), nil
}
