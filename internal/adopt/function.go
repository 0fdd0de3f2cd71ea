package adopt

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// function finds a function by its name. One that is packed otherwise would have to be replaced.
func function(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("function_name", "package_type")
	if err != nil {
		return Found{}, err
	}
	out, err := c.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &w[0]})
	if err != nil {
		return unless(err, "ResourceNotFoundException")
	}
	live := out.Configuration
	if got := string(live.PackageType); got != "" && w[1] != "" && got != w[1] {
		return held("function %s is packed as %s, the code wants %s", w[0], got, w[1]), nil
	}
	arn := aws.ToString(live.FunctionArn)
	invoke := fmt.Sprintf("arn:%s:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", partition(c.Site.Region), c.Site.Region, arn)
	return present(w[0], map[string]string{"function_name": w[0], "arn": arn, "invoke_arn": invoke}), nil
}

// mapping finds what feeds a function from a source.
func mapping(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("event_source_arn", "function_name")
	if err != nil {
		return Found{}, err
	}
	if w[0] == "" {
		return blind("its source is not an ARN"), nil
	}
	var all []types.EventSourceMappingConfiguration
	for p := lambda.NewListEventSourceMappingsPaginator(c.Lambda, &lambda.ListEventSourceMappingsInput{EventSourceArn: &w[0], FunctionName: &w[1]}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return unless(err, "ResourceNotFoundException")
		}
		all = append(all, page.EventSourceMappings...)
	}
	return among("event source mappings between the same source and function", all,
		func(m types.EventSourceMappingConfiguration) string { return aws.ToString(m.UUID) },
		func(m types.EventSourceMappingConfiguration) Found {
			return present(aws.ToString(m.UUID), map[string]string{"uuid": aws.ToString(m.UUID), "function_arn": aws.ToString(m.FunctionArn)})
		}), nil
}

// permission finds a statement of a function's policy by its id.
func permission(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("function_name", "statement_id", "qualifier")
	if err != nil {
		return Found{}, err
	}
	in := &lambda.GetPolicyInput{FunctionName: &w[0]}
	of := w[0]
	if w[2] != "" {
		in.Qualifier = &w[2]
		of += ":" + w[2]
	}
	out, err := c.Lambda.GetPolicy(ctx, in)
	if err != nil {
		return unless(err, "ResourceNotFoundException")
	}
	var doc struct {
		Statement []struct {
			Sid string `json:"Sid"`
		} `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &doc); err != nil {
		return Found{}, fmt.Errorf("the policy of function %s: %w", w[0], err)
	}
	for _, s := range doc.Statement {
		if s.Sid == w[1] {
			return present(of+"/"+w[1], nil), nil
		}
	}
	return missing(), nil
}

// logGroup finds a log group by its name.
func logGroup(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.Logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return Found{}, err
		}
		for _, g := range page.LogGroups {
			if aws.ToString(g.LogGroupName) == name {
				return present(name, map[string]string{"name": name, "arn": aws.ToString(g.LogGroupArn)}), nil
			}
		}
	}
	return missing(), nil
}
