package adopt_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/adopt"
	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// wanted is a resource that a plan would create.
type wanted struct {
	kind, name string
	has        map[string]any    // known attributes
	refers     map[string]string // unknown ones, with what they refer to
	source     string            // provider; empty: aws
	provider   string            // configuration; empty: aws
}

// planned is a plan that creates all of them.
func planned(tb testing.TB, all ...wanted) *terraform.Detail {
	tb.Helper()
	type object = map[string]any
	var changes, resources []object
	for _, w := range all {
		unknown, expressions := object{}, object{}
		for attribute, ref := range w.refers {
			unknown[attribute] = true
			expressions[attribute] = object{"references": []string{ref, ref[:strings.LastIndexByte(ref, '.')]}}
		}
		source, provider := "registry.terraform.io/hashicorp/"+w.source, w.provider
		if w.source == "" {
			source += "aws"
		}
		if provider == "" {
			provider = "aws"
		}
		changes = append(changes, object{
			"address": w.kind + "." + w.name, "mode": "managed", "type": w.kind, "name": w.name, "provider_name": source,
			"change": object{"actions": []string{"create"}, "after": w.has, "after_unknown": unknown},
		})
		resources = append(resources, object{"mode": "managed", "type": w.kind, "name": w.name, "provider_config_key": provider, "expressions": expressions})
	}
	text, err := json.Marshal(object{
		"format_version": "1.2", "resource_changes": changes,
		"configuration": object{
			"provider_config": object{
				"aws": object{}, "aws.far": object{"expressions": object{"region": object{"constant_value": "us-east-1"}}},
				"aws.other": object{"expressions": object{"assume_role": []object{{}}}},
			},
			"root_module": object{"resources": resources},
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	d, err := terraform.ParseDetail(text)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// look looks at the standby, and fails if anything was changed there.
func look(tb testing.TB, c *cloudtest.Cloud, all ...wanted) map[string]adopt.Finding {
	tb.Helper()
	f := &steptest.Faults{}
	found, err := adopt.Look(tb.Context(), c.Clients(f), cloudtest.Standby(), planned(tb, all...))
	if err != nil {
		tb.Fatal(err)
	}
	if f.Writes() > 0 {
		tb.Errorf("a look wrote %d times", f.Writes())
	}
	out := map[string]adopt.Finding{}
	for _, x := range found {
		out[strings.TrimPrefix(x.Address, x.Type+".")] = x
	}
	return out
}

// Every type of the table is found where it lives, by the id that the provider imports it with, whatever is not known before; where
// nothing lives all of it is missing.
func TestEveryTypeIsFound(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	all := whole()
	for name, f := range look(t, c, all...) {
		if f.State != adopt.Missing {
			t.Errorf("in an empty account %s is %s: %s", name, f.State, f.Why)
		}
	}
	want := build(t, c)
	tested := map[string]bool{}
	for name, f := range look(t, c, all...) {
		tested[f.Type] = true
		if f.State != adopt.Present || f.ID != want[name] {
			t.Errorf("%s is %s (%s) with id %q, want %q", f.Address, f.State, f.Why, f.ID, want[name])
		}
	}
	for kind := range adopt.Types() {
		if !tested[kind] {
			t.Errorf("the table has %s, and this test has not", kind)
		}
	}
}

// What a person must know before anything is created is said by address.
func TestWhatCannotBeAdopted(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	build(t, c)
	makeBucket(t, c.Open(t, &plan.Site{Name: "other", Account: "999999999999", Region: "eu-west-1"}), "taken")
	makeBucket(t, c.Open(t, cloudtest.Primary()), "elsewhere")
	here := c.Open(t, cloudtest.Standby())
	far := c.Open(t, &plan.Site{Name: "standby", Account: cloudtest.Standby().Account, Region: "us-east-1"})
	makeQueue(t, far, "far")
	makeAPI(t, here, "api")
	makeKey(t, here, "twice")
	makeKey(t, here, "twice")
	aws := func(kind, name string, has map[string]any) wanted { return wanted{kind: kind, name: name, has: has} }
	found := look(t, c,
		aws("aws_s3_bucket", "foreign", map[string]any{"bucket": "taken"}),
		aws("aws_s3_bucket", "elsewhere", map[string]any{"bucket": "elsewhere"}),
		aws("aws_iam_role", "path", map[string]any{"name": "role", "path": "/elsewhere/"}),
		aws("aws_dynamodb_table", "key", map[string]any{"name": "table", "hash_key": "other"}),
		aws("aws_lambda_function", "packed", map[string]any{"function_name": "function", "package_type": "Image"}),
		aws("aws_api_gateway_rest_api", "second", map[string]any{"name": "api"}),
		wanted{kind: "aws_api_gateway_resource", name: "ofsecond", has: map[string]any{"path_part": "p"}, refers: map[string]string{"rest_api_id": "aws_api_gateway_rest_api.second.id"}},
		aws("aws_kms_key", "twins", map[string]any{"description": "twice"}),
		aws("aws_kms_key", "nameless", map[string]any{}),
		aws("aws_waf_thing", "unlisted", nil),
		wanted{kind: "aws_sqs_queue", name: "far", has: map[string]any{"name": "far"}, provider: "aws.far"},
		wanted{kind: "aws_sqs_queue", name: "role", has: map[string]any{"name": "queue"}, provider: "aws.other"},
		wanted{kind: "aws_sqs_queue", name: "prefixed", refers: map[string]string{"name": "random_id.x.hex"}},
		wanted{kind: "random_password", name: "secret", source: "random"},
		wanted{kind: "terraform_data", name: "data", source: "terraform"},
		wanted{kind: "dns_record", name: "record", source: "dns"},
		aws("aws_api_gateway_deployment", "triggered", map[string]any{"rest_api_id": "x", "triggers": map[string]any{"code": "1"}}),
	)
	want := map[string]struct {
		state adopt.State
		why   string
	}{
		"foreign": {adopt.Held, "another account"}, "elsewhere": {adopt.Held, "another region"}, "path": {adopt.Held, "/elsewhere/"}, "key": {adopt.Held, `wants "other"`}, "packed": {adopt.Held, "wants Image"},
		"second": {adopt.Held, "2 APIs named api"}, "ofsecond": {adopt.Blind, "aws_api_gateway_rest_api.second, is not clear"}, "twins": {adopt.Held, "2 keys"},
		"nameless": {adopt.Blind, "without an alias"}, "unlisted": {adopt.Blind, "no lookup for its type"}, "far": {adopt.Present, ""}, "role": {adopt.Blind, "assume_role"},
		"prefixed": {adopt.Blind, "its name is known only once"}, "secret": {adopt.Local, "a new one is made"}, "data": {adopt.Missing, ""},
		"record": {adopt.Blind, "provider dns"}, "triggered": {adopt.Missing, "its stage moved to it"},
	}
	for name, w := range want {
		if f := found[name]; f.State != w.state || !strings.Contains(f.Why, w.why) || w.why == "" && f.Why != "" {
			t.Errorf("%s is %s: %q, want %s: %q", name, f.State, f.Why, w.state, w.why)
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d findings, want %d", len(found), len(want))
	}
}

// A secret and a key in their deletion windows are found by name, and taken back; then they are present under the same id.
func TestDeletionWindows(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	want := build(t, c)
	doom(t, c.Open(t, cloudtest.Standby()), want)
	all := whole()
	found := look(t, c, all...)
	for _, name := range []string{"secret", "key", "described"} {
		f := found[name]
		if f.State != adopt.Dying || f.Why == "" || f.ID != want[name] {
			t.Fatalf("%s: %+v", name, f.Found)
		}
		if err := f.Back(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := f.Back(t.Context()); err != nil && !strings.Contains(err.Error(), "secret") { // our own request, whose answer was lost
			t.Errorf("a second time: %v", err)
		}
	}
	if f := found["version"]; f.State != adopt.Blind || !strings.Contains(f.Why, "once aws_secretsmanager_secret.secret is taken back") {
		t.Errorf("the version of a dying secret: %+v", f.Found)
	}
	for name, f := range look(t, c, all...) {
		if f.State != adopt.Present || f.ID != want[name] {
			t.Errorf("taken back, %s is %s: %s", name, f.State, f.Why)
		}
	}
}

// A lookup that is not allowed ends the look, and says which action is missing: what is not known is never created.
func TestDeniedLookup(t *testing.T) {
	t.Parallel()
	denied := awscloud.New(awscloud.Config{
		Endpoint: "http://127.0.0.1:1", Credentials: func(*plan.Site) awscloud.Keys { return awscloud.Keys{ID: "x", Secret: secret.New("y")} },
		Wire: func(http.RoundTripper) http.RoundTripper { return refusal{} },
	})
	_, err := adopt.Look(t.Context(), denied, cloudtest.Standby(), planned(t, wanted{kind: "aws_sqs_queue", name: "q", has: map[string]any{"name": "q"}}))
	e, ok := errors.AsType[*step.Error](err)
	if !ok || e.Action != "sqs:GetQueueUrl" || !strings.Contains(e.What, "aws_sqs_queue.q") || step.ClassOf(err) != step.Permanent {
		t.Errorf("a denied lookup gives %v", err)
	}
}

// refusal answers every call with a missing permission.
type refusal struct{}

func (refusal) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusBadRequest, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"not allowed"}`)),
	}, nil
}

// whole is one resource of every type, the names known and the ids not.
func whole() []wanted {
	ref := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for pair := range slices.Chunk(pairs, 2) {
			out[pair[0]] = pair[1]
		}
		return out
	}
	api := "aws_api_gateway_rest_api.api.id"
	method := ref("rest_api_id", api, "resource_id", "aws_api_gateway_resource.resource.id")
	setting := func(kind, name string) wanted {
		return wanted{kind: kind, name: name, refers: ref("bucket", "aws_s3_bucket.bucket.id")}
	}
	return []wanted{
		{kind: "aws_api_gateway_stage", name: "stage", has: map[string]any{"stage_name": "live"}, refers: ref("rest_api_id", api, "deployment_id", "aws_api_gateway_deployment.deployment.id")},
		{kind: "aws_api_gateway_method_settings", name: "settings", has: map[string]any{"method_path": "*/*", "stage_name": "live"}, refers: ref("rest_api_id", api)},
		{kind: "aws_api_gateway_deployment", name: "deployment", refers: ref("rest_api_id", api)},
		{kind: "aws_api_gateway_integration", name: "integration", has: map[string]any{"http_method": "GET"}, refers: method},
		{kind: "aws_api_gateway_integration_response", name: "integrationresponse", has: map[string]any{"http_method": "GET", "status_code": "200"}, refers: method},
		{kind: "aws_api_gateway_method", name: "method", has: map[string]any{"http_method": "GET"}, refers: method},
		{kind: "aws_api_gateway_method_response", name: "response", has: map[string]any{"http_method": "GET", "status_code": "200"}, refers: method},
		{kind: "aws_api_gateway_resource", name: "resource", has: map[string]any{"path_part": "status"}, refers: ref("rest_api_id", api, "parent_id", "aws_api_gateway_rest_api.api.root_resource_id")},
		{kind: "aws_api_gateway_rest_api", name: "api", has: map[string]any{"name": "api"}},
		{kind: "aws_api_gateway_account", name: "account", refers: ref("cloudwatch_role_arn", "aws_iam_role.role.arn")},
		{kind: "aws_api_gateway_api_key", name: "apikey", has: map[string]any{"name": "consumer"}},
		{kind: "aws_api_gateway_usage_plan", name: "plan", has: map[string]any{"name": "consumers"}},
		{kind: "aws_api_gateway_usage_plan_key", name: "plankey", refers: ref("usage_plan_id", "aws_api_gateway_usage_plan.plan.id", "key_id", "aws_api_gateway_api_key.apikey.id")},
		{kind: "aws_cloudwatch_log_group", name: "logs", has: map[string]any{"name": "/aws/logs"}},
		{kind: "aws_dynamodb_table", name: "table", has: map[string]any{"name": "table", "hash_key": "k"}},
		{kind: "aws_ecr_repository", name: "repository", has: map[string]any{"name": "repository"}},
		{kind: "aws_iam_policy", name: "policy", has: map[string]any{"name": "policy", "path": "/"}},
		{kind: "aws_iam_role", name: "role", has: map[string]any{"name": "role", "path": "/"}},
		{kind: "aws_iam_role_policy", name: "inline", has: map[string]any{"name": "inline"}, refers: ref("role", "aws_iam_role.role.id")},
		{kind: "aws_iam_role_policy_attachment", name: "attached", refers: ref("role", "aws_iam_role.role.name", "policy_arn", "aws_iam_policy.policy.arn")},
		{kind: "aws_kms_alias", name: "alias", has: map[string]any{"name": "alias/data"}, refers: ref("target_key_id", "aws_kms_key.key.key_id")},
		{kind: "aws_kms_key", name: "key", has: map[string]any{"description": "twins"}},
		{kind: "aws_kms_key", name: "described", has: map[string]any{"description": "one of its kind"}},
		{kind: "aws_lambda_event_source_mapping", name: "mapping", refers: ref("event_source_arn", "aws_sqs_queue.queue.arn", "function_name", "aws_lambda_function.function.arn")},
		{kind: "aws_lambda_function", name: "function", has: map[string]any{"function_name": "function", "package_type": "Zip"}},
		{kind: "aws_lambda_permission", name: "permission", has: map[string]any{"statement_id": "call"}, refers: ref("function_name", "aws_lambda_function.function.function_name")},
		{kind: "aws_s3_bucket", name: "bucket", has: map[string]any{"bucket": "the-bucket"}},
		setting("aws_s3_bucket_lifecycle_configuration", "lifecycle"), setting("aws_s3_bucket_ownership_controls", "ownership"), setting("aws_s3_bucket_policy", "bucketpolicy"),
		setting("aws_s3_bucket_public_access_block", "privacy"), setting("aws_s3_bucket_server_side_encryption_configuration", "encryption"), setting("aws_s3_bucket_versioning", "versioning"),
		{kind: "aws_secretsmanager_secret", name: "secret", has: map[string]any{"name": "secret"}},
		{kind: "aws_secretsmanager_secret_version", name: "version", refers: ref("secret_id", "aws_secretsmanager_secret.secret.id")},
		{kind: "aws_sqs_queue", name: "queue", has: map[string]any{"name": "queue"}},
		{kind: "aws_ssm_parameter", name: "parameter", has: map[string]any{"name": "/parameter"}},
	}
}
