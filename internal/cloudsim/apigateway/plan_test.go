package apigateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A usage plan covers stages that exist, with limits that can be; its updates reach stages, methods, throttle and quota; it is deleted
// when it covers nothing.
func TestPlanLife(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", true, "{}")
	b.deploy(t, a.Id)
	create := func(stage string, q *types.QuotaSettings) (*apigateway.CreateUsagePlanOutput, error) {
		return b.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p"), Quota: q, ApiStages: []types.ApiStage{{ApiId: a.Id, Stage: &stage}}})
	}
	fails[*apigateway.CreateUsagePlanOutput](t, "BadRequestException", "API Stage not found")(create("dead", nil))
	fails[*apigateway.CreateUsagePlanOutput](t, "BadRequestException", "offset")(create("live", &types.QuotaSettings{Limit: 1, Offset: 7, Period: types.QuotaPeriodTypeWeek}))
	p := ok[*apigateway.CreateUsagePlanOutput](t)(create("live", &types.QuotaSettings{Limit: 9, Period: types.QuotaPeriodTypeDay}))
	stage := *a.Id + ":live"
	change := func(triples ...string) (*apigateway.UpdateUsagePlanOutput, error) {
		return b.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: p.Id, PatchOperations: patch(triples...)})
	}
	got := ok[*apigateway.UpdateUsagePlanOutput](t)(change(
		"replace", "/throttle/rateLimit", "2.5", "replace", "/throttle/burstLimit", "4", "replace", "/quota/limit", "10", "replace", "/description", "d",
		"add", "/apiStages/"+stage+"/throttle/~1/GET/rateLimit", "1"))
	if got.Throttle.RateLimit != 2.5 || got.Throttle.BurstLimit != 4 || got.Quota.Limit != 10 || *got.Description != "d" || got.ApiStages[0].Throttle["//GET"].RateLimit != 1 {
		t.Errorf("updated to %+v %+v %+v", got, got.Throttle, got.ApiStages)
	}
	got = ok[*apigateway.UpdateUsagePlanOutput](t)(change("remove", "/throttle", "", "remove", "/quota", "", "remove", "/apiStages/"+stage+"/throttle", ""))
	if got.Throttle != nil || got.Quota != nil || len(got.ApiStages[0].Throttle) != 0 {
		t.Errorf("removed to %+v", got)
	}
	for _, bad := range [][]string{{"replace", "/id", "x"}, {"replace", "/throttle/rateLimit", "much"}, {"copy", "/name", "x"}, {"add", "/apiStages/" + stage, "x"}, {"replace", "/quota/limit", "0"}} {
		_, err := change(bad...)
		fails[any](t, "BadRequestException", "")(nil, err)
	}
	fails[*apigateway.UpdateUsagePlanOutput](t, "ConflictException", "already associated")(change("add", "/apiStages", stage))
	fails[*apigateway.UpdateUsagePlanOutput](t, "NotFoundException", "API Stage")(change("remove", "/apiStages", "x:y"))
	gone := &apigateway.DeleteUsagePlanInput{UsagePlanId: p.Id}
	fails[*apigateway.DeleteUsagePlanOutput](t, "BadRequestException", "API Stages associated with it, including "+stage)(b.DeleteUsagePlan(ctx, gone))
	ok[*apigateway.UpdateUsagePlanOutput](t)(change("remove", "/apiStages", stage))
	ok[*apigateway.DeleteUsagePlanOutput](t)(b.DeleteUsagePlan(ctx, gone))
	fails[*apigateway.GetUsagePlanOutput](t, "NotFoundException", "Usage Plan")(b.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: p.Id}))
}

// A key is in a plan once, is told with its value, finds its plans, and leaves them when it or the plan's entry goes.
func TestPlanKeys(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	k := b.key(t, keyValue)
	p := ok[*apigateway.CreateUsagePlanOutput](t)(b.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p")}))
	ok[*apigateway.CreateUsagePlanOutput](t)(b.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("empty")}))
	in := &apigateway.CreateUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: k.Id, KeyType: aws.String("API_KEY")}
	ok[*apigateway.CreateUsagePlanKeyOutput](t)(b.CreateUsagePlanKey(ctx, in))
	fails[*apigateway.CreateUsagePlanKeyOutput](t, "ConflictException", "already exists")(b.CreateUsagePlanKey(ctx, in))
	in.KeyId = aws.String("nobody")
	fails[*apigateway.CreateUsagePlanKeyOutput](t, "NotFoundException", "API Key")(b.CreateUsagePlanKey(ctx, in))
	if plans := ok[*apigateway.GetUsagePlansOutput](t)(b.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{KeyId: k.Id})); len(plans.Items) != 1 || *plans.Items[0].Id != *p.Id {
		t.Errorf("plans of the key: %+v", plans.Items)
	}
	ok[*apigateway.DeleteUsagePlanKeyOutput](t)(b.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: k.Id}))
	fails[*apigateway.GetUsagePlanKeyOutput](t, "NotFoundException", "API Key")(b.GetUsagePlanKey(ctx, &apigateway.GetUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: k.Id}))
	in.KeyId = k.Id
	ok[*apigateway.CreateUsagePlanKeyOutput](t)(b.CreateUsagePlanKey(ctx, in))
	ok[*apigateway.DeleteApiKeyOutput](t)(b.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: k.Id}))
	if left := ok[*apigateway.GetUsagePlanKeysOutput](t)(b.GetUsagePlanKeys(ctx, &apigateway.GetUsagePlanKeysInput{UsagePlanId: p.Id})); len(left.Items) != 0 {
		t.Errorf("a deleted key is in %+v", left.Items)
	}
}
