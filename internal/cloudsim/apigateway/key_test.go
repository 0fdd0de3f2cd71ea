package apigateway_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// A key's value is 20 to 128 characters, taken once in an account's region, generated where none is given, and told to who asks.
func TestKeyValues(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	for n, code := range map[int]string{19: "BadRequestException", 129: "BadRequestException"} {
		fails[*apigateway.CreateApiKeyOutput](t, code, "characters")(b.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Value: aws.String(strings.Repeat("k", n))}))
	}
	b.key(t, strings.Repeat("a", 20))
	b.key(t, strings.Repeat("b", 128))
	k := b.key(t, keyValue)
	fails[*apigateway.CreateApiKeyOutput](t, "ConflictException", "API Key already exists")(b.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Value: aws.String(keyValue)}))
	there := apigateway.NewFromConfig(simtest.At(b.cfg, sim.Scope{Account: "111111111111", Region: "eu-west-1"}))
	ok[*apigateway.CreateApiKeyOutput](t)(there.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Value: aws.String(keyValue)}))
	if made := ok[*apigateway.CreateApiKeyOutput](t)(b.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{})); len(*made.Value) != 40 || made.Enabled {
		t.Errorf("generated %+v", made)
	}
	for _, include := range []bool{false, true} {
		got := ok[*apigateway.GetApiKeyOutput](t)(b.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: k.Id, IncludeValue: &include}))
		if (aws.ToString(got.Value) == keyValue) != include || !got.Enabled || *got.Name != "apotheek" {
			t.Errorf("asked for the value: %t, got %+v", include, got)
		}
	}
}

// Keys are listed in pages, by the beginning of their names, with values only on demand; they are changed and deleted.
func TestKeyLife(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	k := b.key(t, keyValue)
	for range 3 {
		ok[*apigateway.CreateApiKeyOutput](t)(b.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("other")}))
	}
	seen := 0
	for pages := apigateway.NewGetApiKeysPaginator(b.Client, &apigateway.GetApiKeysInput{Limit: aws.Int32(3)}); pages.HasMorePages(); {
		part := ok[*apigateway.GetApiKeysOutput](t)(pages.NextPage(ctx))
		if len(part.Items) > 3 {
			t.Errorf("a page of %d", len(part.Items))
		}
		seen += len(part.Items)
	}
	if seen != 4 {
		t.Errorf("%d keys in all pages", seen)
	}
	named := ok[*apigateway.GetApiKeysOutput](t)(b.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String("apo"), IncludeValues: aws.Bool(true)}))
	if len(named.Items) != 1 || aws.ToString(named.Items[0].Value) != keyValue {
		t.Errorf("by name: %+v", named.Items)
	}
	off := ok[*apigateway.UpdateApiKeyOutput](t)(b.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: k.Id, PatchOperations: patch("replace", "/enabled", "false", "replace", "/description", "spare")}))
	if off.Enabled || *off.Description != "spare" {
		t.Errorf("updated to %+v", off)
	}
	fails[*apigateway.UpdateApiKeyOutput](t, "BadRequestException", "Invalid patch path  '/value'")(
		b.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: k.Id, PatchOperations: patch("replace", "/name", "x", "replace", "/value", keyValue)}))
	if got := ok[*apigateway.GetApiKeyOutput](t)(b.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: k.Id})); *got.Name != "apotheek" {
		t.Error("a refused update changed the name")
	}
	ok[*apigateway.DeleteApiKeyOutput](t)(b.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: k.Id}))
	fails[*apigateway.GetApiKeyOutput](t, "NotFoundException", "Invalid API Key identifier specified")(b.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: k.Id}))
}

func (b bundle) imported(t *testing.T, file string, strict bool) (*apigateway.ImportApiKeysOutput, error) {
	t.Helper()
	return b.ImportApiKeys(t.Context(), &apigateway.ImportApiKeysInput{Format: types.ApiKeysFormatCsv, FailOnWarnings: strict, Body: []byte(file)})
}

// A file of keys makes each with its plans; what is wrong is a warning that never shows a value, and with failonwarnings nothing is made.
func TestImportKeys(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	p := ok[*apigateway.CreateUsagePlanOutput](t)(b.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("consumers")}))
	q := ok[*apigateway.CreateUsagePlanOutput](t)(b.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("others")}))
	b.key(t, "taken-taken-taken-taken")
	file := "Name,key,description,Enabled,usageplanIds\n" +
		"first," + keyValue + ",the first,TRUE,\"" + *p.Id + "," + *q.Id + "\"\n" +
		"second,abcdef0123456789abcdef,,false,\n"
	wrong := "bad,short,,,\ntaken,taken-taken-taken-taken,,,\nlost,xyz-xyz-xyz-xyz-xyz-xyz,,,nowhere\n"
	_, err := b.imported(t, file+wrong, true)
	simtest.WantCode(t, err, "BadRequestException")
	if strings.Contains(err.Error(), "xyz-xyz") || strings.Contains(err.Error(), "taken-taken") {
		t.Errorf("a value is shown: %v", err)
	}
	if left := ok[*apigateway.GetUsagePlanKeysOutput](t)(b.GetUsagePlanKeys(ctx, &apigateway.GetUsagePlanKeysInput{UsagePlanId: p.Id})); len(left.Items) != 0 {
		t.Errorf("a refused import left %+v", left.Items)
	}
	out := ok[*apigateway.ImportApiKeysOutput](t)(b.imported(t, file+wrong, false))
	if len(out.Ids) != 2 || len(out.Warnings) != 3 {
		t.Fatalf("imported %v, warnings %v", out.Ids, out.Warnings)
	}
	for _, plan := range []*string{p.Id, q.Id} {
		in := ok[*apigateway.GetUsagePlanKeyOutput](t)(b.GetUsagePlanKey(ctx, &apigateway.GetUsagePlanKeyInput{UsagePlanId: plan, KeyId: &out.Ids[0]}))
		if *in.Name != "first" || *in.Value != keyValue {
			t.Errorf("in the plan: %+v", in)
		}
	}
	if second := ok[*apigateway.GetApiKeyOutput](t)(b.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: &out.Ids[1]})); second.Enabled {
		t.Error("the second is enabled")
	}
	for name, text := range map[string]string{"empty": "", "no key column": "name,value\na,b\n", "ragged": "name,key\na\n"} {
		_, err := b.imported(t, text, false)
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
