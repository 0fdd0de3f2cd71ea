package apigateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// An API has a root and AWS's defaults, is changed, seen in its own region only, and goes with all that is in it.
func TestAPILife(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	if a.ApiKeySource != types.ApiKeySourceTypeHeader || a.EndpointConfiguration.Types[0] != types.EndpointTypeEdge || len(*a.Id) != 10 || !a.CreatedDate.Equal(b.Now()) {
		t.Errorf("made %+v", a)
	}
	got := ok[*apigateway.UpdateRestApiOutput](t)(b.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: a.Id, PatchOperations: patch(
		"replace", "/name", "n", "replace", "/endpointConfiguration/types/EDGE", "REGIONAL", "add", "/binaryMediaTypes/image~1png", "",
		"replace", "/minimumCompressionSize", "1024", "replace", "/policy", `{"Version":"2012-10-17"}`)}))
	if *got.Name != "n" || got.EndpointConfiguration.Types[0] != types.EndpointTypeRegional || got.BinaryMediaTypes[0] != "image/png" || *got.MinimumCompressionSize != 1024 ||
		*got.Policy != `{\"Version\":\"2012-10-17\"}` {
		t.Errorf("updated to %+v", got)
	}
	for _, bad := range [][]string{{"replace", "/name", " "}, {"replace", "/apiKeySource", "COOKIE"}, {"replace", "/policy", "{"}, {"replace", "/minimumCompressionSize", "many"}} {
		_, err := b.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: a.Id, PatchOperations: patch(bad...)})
		simtest.WantCode(t, err, "BadRequestException")
	}
	there := apigateway.NewFromConfig(simtest.At(b.cfg, sim.Scope{Account: "111111111111", Region: "eu-west-1"}))
	fails[*apigateway.GetRestApiOutput](t, "NotFoundException", "Invalid API identifier specified 111111111111:"+*a.Id)(there.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: a.Id}))
	ok[*apigateway.DeleteRestApiOutput](t)(b.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: a.Id}))
	if left := ok[*apigateway.GetRestApisOutput](t)(b.GetRestApis(ctx, &apigateway.GetRestApisInput{})); len(left.Items) != 0 {
		t.Errorf("left %+v", left.Items)
	}
}

// Resources make a tree of paths that AWS would take; deleting one takes all below it.
func TestResources(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	items := b.resource(t, a.Id, a.RootResourceId, "items")
	one := b.resource(t, a.Id, items, "{id}")
	greedy := b.resource(t, a.Id, one, "{rest+}")
	for _, c := range []struct {
		parent *string
		part   string
		code   string
	}{
		{a.RootResourceId, "items", "ConflictException"},
		{a.RootResourceId, "a b", "BadRequestException"},
		{a.RootResourceId, "{x", "BadRequestException"},
		{items, "{other}", "BadRequestException"},
		{greedy, "below", "BadRequestException"},
		{aws.String("nobody"), "x", "NotFoundException"},
	} {
		_, err := b.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: a.Id, ParentId: c.parent, PathPart: &c.part})
		simtest.WantCode(t, err, c.code)
	}
	b.mock(t, a.Id, one, "GET", false, "{}")
	got := ok[*apigateway.GetResourceOutput](t)(b.GetResource(ctx, &apigateway.GetResourceInput{RestApiId: a.Id, ResourceId: one, Embed: []string{"methods"}}))
	if *got.Path != "/items/{id}" || *got.ParentId != *items || got.ResourceMethods["GET"].MethodIntegration == nil {
		t.Errorf("got %+v", got)
	}
	_, err := b.UpdateResource(ctx, &apigateway.UpdateResourceInput{RestApiId: a.Id, ResourceId: items, PatchOperations: patch("replace", "/parentId", *one)})
	simtest.WantCode(t, err, "BadRequestException")
	moved := ok[*apigateway.UpdateResourceOutput](t)(b.UpdateResource(ctx, &apigateway.UpdateResourceInput{RestApiId: a.Id, ResourceId: one, PatchOperations: patch("replace", "/pathPart", "all")}))
	if *moved.Path != "/items/all" {
		t.Errorf("moved to %s", *moved.Path)
	}
	ok[*apigateway.DeleteResourceOutput](t)(b.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: a.Id, ResourceId: items}))
	if left := ok[*apigateway.GetResourcesOutput](t)(b.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: a.Id})); len(left.Items) != 1 || *left.Items[0].Path != "/" {
		t.Errorf("left %+v", left.Items)
	}
}

// Methods, integrations and their responses are made in AWS's order, and refuse what AWS refuses.
func TestMethods(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	m := b.mock(t, a.Id, a.RootResourceId, "GET", true, "{}")
	method := func(verb, authorization string) (*apigateway.PutMethodOutput, error) {
		return b.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: &verb, AuthorizationType: &authorization})
	}
	fails[*apigateway.PutMethodOutput](t, "ConflictException", "Method already exists")(method("GET", "NONE"))
	fails[*apigateway.PutMethodOutput](t, "BadRequestException", "Invalid HttpMethod")(method("FETCH", "NONE"))
	fails[*apigateway.PutMethodOutput](t, "BadRequestException", "authorizer")(method("PUT", "CUSTOM"))
	integrate := func(kind types.IntegrationType, verb, uri string) (*apigateway.PutIntegrationOutput, error) {
		return b.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, Type: kind, IntegrationHttpMethod: &verb, Uri: &uri})
	}
	fails[*apigateway.PutIntegrationOutput](t, "BadRequestException", "Invalid HTTP endpoint")(integrate(types.IntegrationTypeHttp, "GET", "example.org"))
	fails[*apigateway.PutIntegrationOutput](t, "BadRequestException", "AWS_PROXY")(integrate(types.IntegrationTypeAwsProxy, "POST", "arn:aws:apigateway:eu-west-2:s3:path/x"))
	fails[*apigateway.PutIntegrationOutput](t, "BadRequestException", "HttpMethod")(integrate(types.IntegrationTypeHttp, "", "https://example.org"))
	answer := func(status, header string) (*apigateway.PutIntegrationResponseOutput, error) {
		return b.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
			RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, StatusCode: &status, ResponseParameters: map[string]string{"method.response.header." + header: "'x'"},
		})
	}
	fails[*apigateway.PutIntegrationResponseOutput](t, "NotFoundException", "Response status code")(answer("500", "X-From"))
	fails[*apigateway.PutIntegrationResponseOutput](t, "BadRequestException", "Invalid mapping expression")(answer("200", "X-Other"))
	got := ok[*apigateway.GetMethodOutput](t)(b.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method}))
	if i := got.MethodIntegration; i.TimeoutInMillis != 29000 || *i.PassthroughBehavior != "WHEN_NO_MATCH" || *i.CacheNamespace != *m.resource || len(i.IntegrationResponses) != 1 || len(got.MethodResponses) != 1 || !*got.ApiKeyRequired {
		t.Errorf("got %+v, %+v", got, i)
	}
	ok[*apigateway.DeleteIntegrationOutput](t)(b.DeleteIntegration(ctx, &apigateway.DeleteIntegrationInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method}))
	fails[*apigateway.GetIntegrationOutput](t, "NotFoundException", "Integration")(b.GetIntegration(ctx, &apigateway.GetIntegrationInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method}))
	ok[*apigateway.DeleteMethodOutput](t)(b.DeleteMethod(ctx, &apigateway.DeleteMethodInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method}))
	fails[*apigateway.GetMethodOutput](t, "NotFoundException", "Method")(b.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method}))
}

// What the drill cloud lacks is refused by name.
func TestLacksByName(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	fails[*apigateway.CreateDomainNameOutput](t, "UnknownOperationException", "POST /domainnames")(b.CreateDomainName(ctx, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.example.org")}))
	fails[*apigateway.ImportRestApiOutput](t, "UnknownOperationException", "ImportRestApi")(b.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: []byte("{}")}))
	fails[*apigateway.GetUsageOutput](t, "NotFoundException", "Usage Plan")(b.GetUsage(ctx, &apigateway.GetUsageInput{UsagePlanId: aws.String("x"), StartDate: aws.String("x"), EndDate: aws.String("x")}))
}
