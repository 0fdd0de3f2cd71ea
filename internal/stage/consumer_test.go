package stage_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// The promise: the vault of a drill keeps a value for each consumer that API Gateway takes, the same however often the stage is set.
func TestFurnishesTheKeysOfConsumers(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	s := &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil)}
	p := cloudtest.Plan()
	p.APIKeys = []*plan.APIKey{{Secret: "keys", From: []plan.Source{{Site: "vault"}}, Consumers: []plan.Consumer{{Name: "Web"}, {Name: "Profile Manager"}}}}
	var first string
	for range 2 {
		if err := s.Furnish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		out, err := c.Open(t, cloudtest.Vault()).SecretsManager.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("keys")})
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		if err := json.Unmarshal([]byte(*out.SecretString), &values); err != nil || len(values) != 2 || len(values["Web"]) < 20 || len(values["Web"]) > 128 || values["Web"] == values["Profile Manager"] {
			t.Errorf("%v, %v", values, err)
		}
		if first != "" && first != *out.SecretString {
			t.Error("the values changed")
		}
		first = *out.SecretString
	}
}

// The promise: the invoke URL that a consumer was told leads into the drill cloud, whose answer counts; any other address is said to be no address.
func TestConsumersCallTheDrillCloud(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	s := &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil)}
	k, err := c.Open(t, cloudtest.Standby()).APIGateway.CreateApiKey(t.Context(), &apigateway.CreateApiKeyInput{Name: aws.String("web"), Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "https://api.example.org/status", "https://abc.execute-api.eu-west-1.amazonaws.com.example.org/", "https://a.b.execute-api.eu-west-1.amazonaws.com/"} {
		if err := s.Consume(t.Context(), cloudtest.Standby(), *k.Id, address); !errors.Is(err, drill.ErrNoAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	const gone = "https://abcdefghij.execute-api.eu-west-1.amazonaws.com/live/status"
	if err := s.Consume(t.Context(), cloudtest.Standby(), *k.Id, gone); err == nil || errors.Is(err, drill.ErrNoAddress) || err.Error() != gone+" answers 403 Forbidden" {
		t.Errorf("an API that is not there: %v", err)
	}
	if err := s.Consume(t.Context(), cloudtest.Standby(), "nope", gone); err == nil || errors.Is(err, drill.ErrNoAddress) {
		t.Errorf("a key that is not there: %v", err)
	}
}

// The promise: in a drill the time is the cloud's, which runs faster than ours.
func TestTheClockIsTheClouds(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t) // a thousand times as fast
	s := &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil)}
	p := cloudtest.Plan()
	p.Tables = []*plan.Table{{Table: cloudtest.Text("history")}}
	for plans, least := range map[*plan.Plan]time.Duration{cloudtest.Plan(): 0, p: stage.Speed * time.Millisecond} {
		before, err := s.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		now, err := s.Clock(t.Context(), plans)
		if err != nil {
			t.Fatal(err)
		}
		first := now.Now()
		if clock.Sleep(t.Context(), time.Millisecond) != nil || first.Before(before) || now.Now().Sub(first) < least {
			t.Errorf("%v, %v, %v", before, first, now.Now())
		}
	}
}

// The promise: a consumer who was told an API's address calls what the API has there for keys, whatever its method and path.
func TestConsumersCallWhatTheAPIHas(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), cloudtest.New(t)
	s := &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil)}
	gw := c.Open(t, cloudtest.Standby()).APIGateway
	api, err := gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	parent := api.RootResourceId
	for _, part := range []string{"orders", "{id}"} {
		r, err := gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: &part})
		if err != nil {
			t.Fatal(err)
		}
		parent = r.Id
	}
	post := aws.String("POST")
	_, err = gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: post, AuthorizationType: aws.String("NONE"), ApiKeyRequired: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: post, Type: "HTTP", IntegrationHttpMethod: post, Uri: aws.String("https://orders.example.org")}); err != nil {
		t.Fatal(err)
	}
	if _, err = gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("live")}); err != nil {
		t.Fatal(err)
	}
	k, err := gw.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("web"), Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	call := func(path string) error {
		return s.Consume(ctx, cloudtest.Standby(), *k.Id, "https://"+*api.Id+".execute-api.eu-west-1.amazonaws.com/live"+path)
	}
	if err := call("/orders"); err == nil {
		t.Error("a key that is in no usage plan was let through")
	}
	p, err := gw.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p"), ApiStages: []apigatewaytypes.ApiStage{{ApiId: api.Id, Stage: aws.String("live")}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = gw.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: k.Id, KeyType: aws.String("API_KEY")}); err != nil {
		t.Fatal(err)
	}
	for path, ok := range map[string]bool{"": true, "/orders": true, "/orders/7": true, "/other": false} {
		if err := call(path); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}
