package main

import (
	"context"
	"net/http"
	"os"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/rogpeppe/go-internal/testscript"
)

func gateway(ts *testscript.TestScript) *apigateway.Client {
	return apigateway.New(apigateway.Options{
		Region: "eu-west-1", BaseEndpoint: sdk.String(ts.Getenv("AWS_ENDPOINT_URL")),
		Credentials: credentials.NewStaticCredentialsProvider(ts.Getenv("AWS_ACCESS_KEY_ID"), "any", ""),
	})
}

// api deploys an API whose GET / wants a key, in the script's cloud in eu-west-1, and says where in API, and under which usage plan in USAGE_PLAN.
func api(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, c, get, name := context.Background(), gateway(ts), sdk.String("GET"), sdk.String("live")
	a, err := c.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: name})
	ts.Check(err)
	_, err = c.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: get, AuthorizationType: sdk.String("NONE"), ApiKeyRequired: true})
	ts.Check(err)
	_, err = c.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: get, StatusCode: sdk.String("200")})
	ts.Check(err)
	_, err = c.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: get, Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	})
	ts.Check(err)
	_, err = c.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: get, StatusCode: sdk.String("200")})
	ts.Check(err)
	_, err = c.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.Id, StageName: name})
	ts.Check(err)
	p, err := c.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: name, ApiStages: []types.ApiStage{{ApiId: a.Id, Stage: name}}})
	ts.Check(err)
	ts.Setenv("API", ts.Getenv("AWS_ENDPOINT_URL")+"/_aws/execute-api/"+*a.Id+"/live")
	ts.Setenv("USAGE_PLAN", *p.Id)
}

// consume calls the API once with each key that there is, and writes their values to the file keys.
func consume(ts *testscript.TestScript, _ bool, _ []string) {
	ctx := context.Background()
	keys, err := gateway(ts).GetApiKeys(ctx, &apigateway.GetApiKeysInput{IncludeValues: sdk.Bool(true)})
	ts.Check(err)
	var values strings.Builder
	for _, k := range keys.Items {
		values.WriteString(*k.Value + "\n")
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, ts.Getenv("API"), http.NoBody)
		ts.Check(err)
		r.Header.Set("X-Api-Key", *k.Value)
		resp, err := http.DefaultClient.Do(r)
		ts.Check(err)
		ts.Check(resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("the API answers %s", resp.Status)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("keys"), []byte(values.String()), 0o600))
}
