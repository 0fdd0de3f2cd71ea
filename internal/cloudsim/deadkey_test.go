package cloudsim

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

// TestDeadKey: while a key is disabled or waits for its deletion, what it protects can be neither read nor written, in the words of each
// service; when the key is back, so is everything.
func TestDeadKey(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{Region: london, BaseEndpoint: aws.String(serve(t, c)), Credentials: static(primary, ""), RetryMaxAttempts: 1}
	keys, vault, parameters := kms.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), ssm.NewFromConfig(cfg)
	queues, groups := sqs.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)
	store := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	ctx := t.Context()
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	made, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(made, err)
	key, name := made.KeyMetadata.KeyId, aws.String("it")
	ok(vault.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: name, KmsKeyId: key, SecretString: name}))
	ok(parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: name, KeyId: key, Value: name, Type: ssmtypes.ParameterTypeSecureString}))
	queue, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: name, Attributes: map[string]string{"KmsMasterKeyId": *key}})
	ok(queue, err)
	ok(groups.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name}))
	bucket := aws.String("it-is")
	ok(store.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: london}}))
	put := func() (any, error) {
		return store.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: name, Body: strings.NewReader("it"), ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: made.KeyMetadata.Arn})
	}
	ok(put())

	uses := map[string]struct {
		call              func() (any, error)
		disabled, pending string // codes
	}{
		"read a secret": {func() (any, error) {
			return vault.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: name})
		}, "DecryptionFailure", "DecryptionFailure"},
		"write a secret": {func() (any, error) {
			return vault.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: name, SecretString: name})
		}, "EncryptionFailure", "EncryptionFailure"},
		"read a parameter": {func() (any, error) {
			return parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: name, WithDecryption: aws.Bool(true)})
		}, "InvalidKeyId", "InvalidKeyId"},
		"send": {func() (any, error) {
			return queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: name})
		}, "KMS.DisabledException", "KMS.InvalidStateException"},
		"receive": {func() (any, error) {
			return queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
		}, "KMS.DisabledException", "KMS.InvalidStateException"},
		"log": {func() (any, error) {
			return groups.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: name, KmsKeyId: made.KeyMetadata.Arn})
		}, "InvalidParameterException", "InvalidParameterException"},
		"read an object": {func() (any, error) {
			return store.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: name})
		}, "KMS.DisabledException", "KMS.KMSInvalidStateException"},
		"write an object": {put, "KMS.DisabledException", "KMS.KMSInvalidStateException"},
	}
	see := func(state string, code func(disabled, pending string) string) {
		t.Helper()
		for what, use := range uses {
			_, err := use.call()
			var e smithy.APIError
			switch want := code(use.disabled, use.pending); {
			case want == "" && err != nil:
				t.Errorf("%s with a key that is %s: %v", what, state, err)
			case want != "" && (!errors.As(err, &e) || e.ErrorCode() != want):
				t.Errorf("%s with a key that is %s: %v, not %s", what, state, err, want)
			}
		}
	}
	see("enabled", func(_, _ string) string { return "" })
	ok(keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key}))
	see("disabled", func(d, _ string) string { return d })
	ok(keys.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key}))
	see("pending deletion", func(_, p string) string { return p })
	if _, err := parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: name}); err != nil {
		t.Errorf("a parameter cannot be named without its key: %v", err)
	}
	ok(keys.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: key}))
	ok(keys.EnableKey(ctx, &kms.EnableKeyInput{KeyId: key}))
	see("back", func(_, _ string) string { return "" })
}
