package adopt

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// restAPI finds an API by its name, which is not unique: an apply with a lost state makes a second one of the same name, silently.
func restAPI(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	var all []types.RestApi
	for p := apigateway.NewGetRestApisPaginator(c.APIGateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return Found{}, err
		}
		for _, x := range page.Items {
			if aws.ToString(x.Name) == name {
				all = append(all, x)
			}
		}
	}
	return among("APIs named "+name, all, func(x types.RestApi) string { return aws.ToString(x.Id) }, func(x types.RestApi) Found {
		id := aws.ToString(x.Id)
		return present(id, map[string]string{
			"name": name, "root_resource_id": aws.ToString(x.RootResourceId),
			"execution_arn": "arn:" + partition(c.Site.Region) + ":execute-api:" + c.Site.Region + ":" + c.Site.Account + ":" + id,
		})
	}), nil
}

// apiResource finds a path of an API by its parent and its part.
func apiResource(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("rest_api_id", "parent_id", "path_part")
	if err != nil {
		return Found{}, err
	}
	for p := apigateway.NewGetResourcesPaginator(c.APIGateway, &apigateway.GetResourcesInput{RestApiId: &w[0], Limit: aws.Int32(500)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return unless(err, "NotFoundException")
		}
		for _, x := range page.Items {
			if aws.ToString(x.ParentId) == w[1] && aws.ToString(x.PathPart) == w[2] {
				id := aws.ToString(x.Id)
				return Found{State: Present, ID: w[0] + "/" + id, Has: map[string]string{"id": id, "path": aws.ToString(x.Path), "path_part": w[2]}}, nil
			}
		}
	}
	return missing(), nil
}

// part finds something of an API whose import id is made of the attributes that name it.
func part(r Resource, get func(w []string) error, attributes ...string) (Found, error) {
	w, err := r.Texts(attributes...)
	if err != nil {
		return Found{}, err
	}
	if err := get(w); err != nil {
		return unless(err, "NotFoundException")
	}
	has := map[string]string{}
	for i, a := range attributes {
		has[a] = w[i]
	}
	return present(strings.Join(w, "/"), has), nil
}

func apiMethod(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: &w[0], ResourceId: &w[1], HttpMethod: &w[2]})
		return err
	}, "rest_api_id", "resource_id", "http_method")
}

func apiMethodResponse(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetMethodResponse(ctx, &apigateway.GetMethodResponseInput{RestApiId: &w[0], ResourceId: &w[1], HttpMethod: &w[2], StatusCode: &w[3]})
		return err
	}, "rest_api_id", "resource_id", "http_method", "status_code")
}

func apiIntegration(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetIntegration(ctx, &apigateway.GetIntegrationInput{RestApiId: &w[0], ResourceId: &w[1], HttpMethod: &w[2]})
		return err
	}, "rest_api_id", "resource_id", "http_method")
}

func apiIntegrationResponse(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetIntegrationResponse(ctx, &apigateway.GetIntegrationResponseInput{RestApiId: &w[0], ResourceId: &w[1], HttpMethod: &w[2], StatusCode: &w[3]})
		return err
	}, "rest_api_id", "resource_id", "http_method", "status_code")
}

func apiStage(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &w[0], StageName: &w[1]})
		return err
	}, "rest_api_id", "stage_name")
}

// apiMethodSettings finds the settings that a stage has for a method, such as */*.
func apiMethodSettings(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("rest_api_id", "stage_name", "method_path")
	if err != nil {
		return Found{}, err
	}
	out, err := c.APIGateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &w[0], StageName: &w[1]})
	if err != nil {
		return unless(err, "NotFoundException")
	}
	if _, ok := out.MethodSettings[w[2]]; !ok {
		return missing(), nil
	}
	return present(strings.Join(w, "/"), nil), nil
}

// apiDeployment finds the deployment that a stage of the plan shows. One whose code has triggers is made anew, beside the old one, and the
// stage is moved to it: triggers cannot be imported, so that an adopted one would have to be replaced (Terraform AWS provider,
// aws_api_gateway_deployment, "Import").
func apiDeployment(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	api, err := r.Text("rest_api_id")
	if err != nil {
		return Found{}, err
	}
	if r.Set("triggers") {
		return Found{State: Missing, Why: "a deployment with triggers cannot be adopted; a new one is made of the same API, and its stage moved to it"}, nil
	}
	if stages := r.Referrers("aws_api_gateway_stage", "deployment_id"); len(stages) > 0 {
		name, err := stages[0].Text("stage_name")
		if err != nil {
			return Found{}, err
		}
		out, err := c.APIGateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: &name})
		if err != nil {
			return unless(err, "NotFoundException")
		}
		return ofAPI(api, aws.ToString(out.DeploymentId)), nil
	}
	out, err := c.APIGateway.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: &api, Limit: aws.Int32(500)})
	if err != nil {
		return unless(err, "NotFoundException")
	}
	return among("deployments of API "+api, out.Items, func(x types.Deployment) string { return aws.ToString(x.Id) },
		func(x types.Deployment) Found { return ofAPI(api, aws.ToString(x.Id)) }), nil
}

func ofAPI(api, id string) Found {
	return Found{State: Present, ID: api + "/" + id, Has: map[string]string{"id": id, "rest_api_id": api}}
}

// apiAccount finds the settings of the account in the region, which are always there; those that say nothing are as good as missing.
func apiAccount(ctx context.Context, c *awscloud.Clients, _ Resource) (Found, error) {
	out, err := c.APIGateway.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err != nil {
		return Found{}, err
	}
	if aws.ToString(out.CloudwatchRoleArn) == "" {
		return missing(), nil
	}
	return present("api-gateway-account", nil), nil
}

// apiKey finds a consumer's key by its name, which is not unique.
func apiKey(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	var all []types.ApiKey
	for p := apigateway.NewGetApiKeysPaginator(c.APIGateway, &apigateway.GetApiKeysInput{NameQuery: &name, Limit: aws.Int32(500)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return Found{}, err
		}
		for _, x := range page.Items {
			if aws.ToString(x.Name) == name { // the query finds what begins with it
				all = append(all, x)
			}
		}
	}
	return among("API keys named "+name, all, func(x types.ApiKey) string { return aws.ToString(x.Id) },
		func(x types.ApiKey) Found { return present(aws.ToString(x.Id), map[string]string{"name": name}) }), nil
}

// usagePlan finds a usage plan by its name, which is not unique.
func usagePlan(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	var all []types.UsagePlan
	for p := apigateway.NewGetUsagePlansPaginator(c.APIGateway, &apigateway.GetUsagePlansInput{Limit: aws.Int32(500)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return Found{}, err
		}
		for _, x := range page.Items {
			if aws.ToString(x.Name) == name {
				all = append(all, x)
			}
		}
	}
	return among("usage plans named "+name, all, func(x types.UsagePlan) string { return aws.ToString(x.Id) },
		func(x types.UsagePlan) Found { return present(aws.ToString(x.Id), map[string]string{"name": name}) }), nil
}

// usagePlanKey finds a key in a usage plan.
func usagePlanKey(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return part(r, func(w []string) error {
		_, err := c.APIGateway.GetUsagePlanKey(ctx, &apigateway.GetUsagePlanKeyInput{UsagePlanId: &w[0], KeyId: &w[1]})
		return err
	}, "usage_plan_id", "key_id")
}
