package witness

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients are the SDK's for every service of the cloud, by its SigV4 name.
func clients(cfg aws.Config) map[string]any {
	return map[string]any{
		"apigateway":     apigateway.NewFromConfig(cfg),
		"dynamodb":       dynamodb.NewFromConfig(cfg),
		"ecr":            ecr.NewFromConfig(cfg),
		"iam":            iam.NewFromConfig(cfg),
		"kms":            kms.NewFromConfig(cfg),
		"lambda":         lambda.NewFromConfig(cfg),
		"logs":           cloudwatchlogs.NewFromConfig(cfg),
		"s3":             s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		"secretsmanager": secretsmanager.NewFromConfig(cfg),
		"sqs":            sqs.NewFromConfig(cfg),
		"ssm":            ssm.NewFromConfig(cfg),
		"sts":            sts.NewFromConfig(cfg),
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
