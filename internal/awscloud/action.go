package awscloud

import (
	"errors"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
)

// Action is the IAM action that a failed call needs, such as s3:CreateBucket. AWS's own words go first: "is not authorized to perform:
// ecr:CreateRepository on resource". It is empty when the error did not come from a call.
func Action(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if m := regexp.MustCompile(`to perform:? ([a-z0-9-]+:[A-Za-z]+)`).FindStringSubmatch(api.ErrorMessage()); m != nil {
			return m[1]
		}
	}
	var op, inner *smithy.OperationError
	for e := err; errors.As(e, &op); e = op.Err { // credentials fail inside another operation: the inner one was refused
		inner = op
	}
	if inner == nil {
		return ""
	}
	return iamAction(inner.ServiceID, inner.OperationName)
}

// iamAction names the action of an operation where the names differ (Service Authorization Reference, "Actions, resources, and condition
// keys for Amazon S3", "for Amazon CloudWatch Logs", "for AWS Lambda" and "for Amazon API Gateway Management").
func iamAction(service, operation string) string {
	prefix := strings.ToLower(strings.ReplaceAll(service, " ", ""))
	if prefix == "apigateway" {
		return prefix + ":" + apiGatewayMethod(operation)
	}
	switch prefix {
	case "applicationautoscaling":
		return "application-autoscaling:" + operation
	case "cloudwatchlogs":
		return "logs:" + operation
	case "dynamodbstreams":
		return "dynamodb:" + operation
	}
	if prefix != "s3" {
		return prefix + ":" + operation
	}
	switch operation {
	case "HeadBucket", "ListObjectsV2", "ListObjects":
		operation = "ListBucket"
	case "HeadObject":
		operation = "GetObject"
	case "GetBucketEncryption":
		operation = "GetEncryptionConfiguration"
	case "PutBucketEncryption":
		operation = "PutEncryptionConfiguration"
	case "GetPublicAccessBlock", "PutPublicAccessBlock":
		operation = operation[:3] + "BucketPublicAccessBlock"
	}
	return prefix + ":" + operation
}

// apiGatewayMethod is the HTTP method of an operation: API Gateway's actions are named after them.
func apiGatewayMethod(operation string) string {
	switch {
	case strings.HasPrefix(operation, "Get"):
		return "GET"
	case strings.HasPrefix(operation, "Update"):
		return "PATCH"
	case strings.HasPrefix(operation, "Delete"), strings.HasPrefix(operation, "Untag"):
		return "DELETE"
	case strings.HasPrefix(operation, "Put"), strings.HasPrefix(operation, "Tag"):
		return "PUT"
	default:
		return "POST"
	}
}
