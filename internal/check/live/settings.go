package live

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// settings asks what a table is set to beside its data. On-demand tables have no capacity that could be scaled.
func settings(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &q.Name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	f := check.Fact{There: true, Protected: aws.ToBool(out.Table.DeletionProtectionEnabled)}
	if s := out.Table.StreamSpecification; s != nil {
		f.Stream = aws.ToBool(s.StreamEnabled)
	}
	ttl, err := c.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &q.Name})
	if err != nil {
		return check.Fact{}, err
	}
	if d := ttl.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == dbtypes.TimeToLiveStatusEnabled || d.TimeToLiveStatus == dbtypes.TimeToLiveStatusEnabling) {
		f.TimeLimit = aws.ToString(d.AttributeName)
	}
	if b := out.Table.BillingModeSummary; b != nil && b.BillingMode == dbtypes.BillingModePayPerRequest {
		return f, nil
	}
	f.Scaled, err = scaled(ctx, c, q.Name)
	return f, err
}

func scaled(ctx context.Context, c *awscloud.Clients, table string) (bool, error) {
	var out struct {
		ScalableTargets []struct{ ResourceID string }
	}
	err := c.Ask(ctx, awscloud.Read{
		Service: "Application Auto Scaling", Name: "application-autoscaling", Operation: "DescribeScalableTargets", Target: "AnyScaleFrontendService",
		In: map[string]any{"ServiceNamespace": "dynamodb", "ResourceIds": []string{"table/" + table}},
	}, &out)
	return len(out.ScalableTargets) > 0, err
}
