package verify

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// look asks AWS for the state of a resource; want is the state in which it works.
type look func(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error)

// looks are the types of resources that a plan may name.
func looks(kind string) (look, bool) {
	switch kind {
	case "dynamodb_table":
		return table, true
	case "lambda_function":
		return function, true
	case "event_source_mapping":
		return mapping, true
	case "sqs_queue":
		return queue, true
	case "s3_bucket":
		return bucket, true
	case "ecr_image":
		return image, true
	}
	return nil, false
}

func (s *verify) resource(ctx context.Context, call *step.Call, check *plan.ResourceCheck) (proof, string, error) {
	see, ok := looks(check.Type)
	if !ok {
		return nil, "", fmt.Errorf("verify knows no resource type %q", check.Type)
	}
	id, _, err := text(call, check.ID)
	if err != nil {
		return nil, "", err
	}
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return nil, "", err
	}
	name := fmt.Sprintf("%s %q", check.Type, id)
	ask := func(ctx context.Context) (string, error) {
		state, want, err := see(ctx, c, id)
		switch {
		case missing(err):
			return "", &notYetError{name + " does not exist"}
		case err != nil:
			return "", awscloud.Explain(err, name+" cannot be looked at", call.Site)
		case state != want:
			return "", &notYetError{fmt.Sprintf("%s is %s, not %s", name, state, want)}
		}
		return name + " is " + state, nil
	}
	return ask, name + " is not there and working", nil
}

func missing(err error) bool {
	code := awscloud.Code(err)
	return awscloud.Status(err) == http.StatusNotFound || strings.HasSuffix(code, "NotFoundException") ||
		strings.HasSuffix(code, "NonExistentQueue") || code == "QueueDoesNotExist"
}

func table(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &id})
	if err != nil {
		return "", "", err
	}
	return string(out.Table.TableStatus), "ACTIVE", nil
}

func function(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	out, err := c.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &id})
	if err != nil {
		return "", "", err
	}
	return string(out.State), "Active", nil
}

func mapping(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	out, err := c.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &id})
	if err != nil {
		return "", "", err
	}
	return aws.ToString(out.State), "Enabled", nil
}

// queue takes a URL, an ARN or a name.
func queue(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	if strings.Contains(id, "://") {
		_, err = c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &id, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn}})
	} else {
		name := id[strings.LastIndexByte(id, ':')+1:]
		_, err = c.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	}
	return "there", "there", err
}

func bucket(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	_, err = c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &id, ExpectedBucketOwner: &c.Site.Account})
	return "there", "there", err
}

// image takes repository:tag or repository@digest.
func image(ctx context.Context, c *awscloud.Clients, id string) (state, want string, err error) {
	var which ecrtypes.ImageIdentifier
	repository, digest, ok := strings.Cut(id, "@")
	if ok {
		which.ImageDigest = &digest
	} else {
		i := strings.LastIndexByte(id, ':')
		if i < 0 {
			return "", "", &step.Error{Class: step.Permanent, What: fmt.Sprintf("image %q has neither a tag nor a digest", id), Next: "Write repository:tag or repository@sha256:..."}
		}
		tag := id[i+1:]
		repository, which.ImageTag = id[:i], &tag
	}
	_, err = c.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &repository, ImageIds: []ecrtypes.ImageIdentifier{which}})
	return "there", "there", err
}
