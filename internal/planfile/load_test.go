package planfile

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// world is a folder /plan with Terraform code beside the plan's files.
func world(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for _, d := range []string{"api-key", "shared-resources", "application", "blue-green-link"} {
		fs["plan/infrastructure/"+d+"/main.tf"] = &fstest.MapFile{Data: []byte("# code")}
	}
	for n, text := range files {
		fs["plan/"+n] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

// options load the plan of a world at a fixed instant.
func options(files map[string]string) Options {
	return Options{Dir: "/plan", Files: world(files), Env: proc.Env{}, Now: time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)}
}

func design(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile("testdata/design.hcl")
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// shown is what people would see of the diagnostics.
func shown(tb testing.TB, l diag.List, s diag.Sources) string {
	tb.Helper()
	var b strings.Builder
	if err := diag.Write(&b, l, s, 80); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// mustLoad loads a plan that has no errors.
func mustLoad(tb testing.TB, o Options) *plan.Plan {
	tb.Helper()
	p, s, diags := Load(o)
	if p == nil {
		tb.Fatalf("the plan does not load:\n%s", shown(tb, diags, s))
	}
	return p
}

// base is a small plan that is right; tests add to it.
const base = `
application "shop" {
  objectives { recovery_time = "4h" }
}
site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}
site "standby" {
  account = "222222222222"
  region  = "eu-west-1"
}
site "vault" {
  account = "333333333333"
  region  = "eu-central-1"
}
terraform {
  root = "infrastructure"
  state {
    bucket   = "shop-${site.account}-${site.region}"
    lockfile = true
  }
}
stack "shared" { path = "shared-resources" }
scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}
`

// with is the base plan and more text, in two files.
func with(more string) map[string]string {
	return map[string]string{"base.lifeboat.hcl": base, "lifeboat.hcl": more}
}

// resolved is what an expression gives at the standby site, where every output is "OUTPUT of STACK".
func resolved(t *testing.T, p *plan.Plan, x plan.Expr, stack string) plan.Value {
	t.Helper()
	v, err := x.Resolve(plan.Scope{Site: p.Site("standby"), Stack: stack, Output: func(stack, output string) (plan.Value, error) {
		return plan.Of(output + " of " + stack), nil
	}})
	if err != nil {
		t.Fatalf("resolve %s: %v", x.Range(), err)
	}
	return v
}

// TestDesignExampleLoads keeps the promise that the plan of docs/plan-language.md is a plan.
func TestDesignExampleLoads(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, options(map[string]string{"lifeboat.hcl": design(t)}))
	if p.Dir != "/plan" || len(p.Hash) != 64 {
		t.Errorf("dir %q, hash %q", p.Dir, p.Hash)
	}
	if got := p.Application.Objectives; got.RecoveryTime != 4*time.Hour || got.RecoveryPoint != 5*time.Minute {
		t.Errorf("objectives %v", got)
	}
	if n := []int{len(p.Sites), len(p.Images), len(p.Stacks), len(p.Tables), len(p.APIKeys), len(p.Verifies), len(p.Scenarios)}; !equal(n, []int{2, 1, 5, 1, 1, 1, 3}) {
		t.Errorf("blocks: %v", n)
	}
	if got := resolved(t, p, p.Terraform.State.Bucket, "").String(); got != "pharmacy-state-222222222222-eu-west-1" {
		t.Errorf("bucket %q", got)
	}
	if got := resolved(t, p, p.Terraform.State.Key, "blue").String(); got != "blue.tfstate" {
		t.Errorf("key %q", got)
	}
	link := p.Stacks[4]
	if got := resolved(t, p, link.Variables["queue_url"], "link").String(); got != "queue_url of shared-resources" {
		t.Errorf("queue_url %q", got)
	}
	refs := link.Variables["queue_url"].Refs()
	if len(refs) != 1 || refs[0].StepID() != "stack/shared-resources" || refs[0].Output != "queue_url" || refs[0].Range.Start.Line == 0 {
		t.Errorf("refs %+v", refs)
	}
	if got := p.Stacks[2].After; len(got) != 2 || got[1].StepID() != "image/change-event" || got[1].Range.File != "lifeboat.hcl" {
		t.Errorf("after %+v", got)
	}
	if got := p.Tables[0].After; len(got) != 1 || got[0].StepID() != "stack/shared-resources" {
		t.Errorf("a table comes after its stack: %+v", got)
	}
	if !p.Stacks[3].Optional || !p.Scenarios[2].InPlace() || p.Verifies[0].HTTP.Status != 200 {
		t.Error("optional, in place or status is wrong")
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestEveryBlock keeps the promise that every attribute of the reference reaches the plan.
func TestEveryBlock(t *testing.T) {
	t.Parallel()
	o := options(map[string]string{"lifeboat.hcl": read(t, "testdata/whole.hcl"), "policy.json": `{"rules":[]}`})
	for _, n := range []string{"infrastructure/providers.tf", "infrastructure/application/extra.tf", "images/change-event/index.json"} {
		o.Files.(fstest.MapFS)["plan/"+n] = &fstest.MapFile{Data: []byte("{}")}
	}
	o.Files.(fstest.MapFS)["plan/infrastructure/application/blue.tfvars"] = &fstest.MapFile{Data: []byte("")}
	p, s, diags := Load(o)
	if len(diags) > 0 {
		t.Fatalf("not even a warning was expected:\n%s", shown(t, diags, s))
	}
	blue := p.Stacks[1]
	checks := map[string][2]any{
		"owner":       {p.Application.Owner, "team@example.org"},
		"binary":      {p.Terraform.Binary, "tofu"},
		"parallelism": {p.Terraform.Parallel, 20},
		"overlay":     {strings.Join(p.Terraform.Overlay, " "), "providers.tf"},
		"lockfile":    {p.Terraform.State.Lockfile, true},
		"kms_key":     {resolved(t, p, p.Terraform.State.KMSKey, "").String(), "arn:aws:kms:eu-west-1:222222222222:alias/state"},
		"tags":        {p.Terraform.State.Tags["owner"], "team"},
		"profile":     {p.Sites[2].Profile, "vault"},
		"from site":   {p.Images[0].From[0].Site, "vault"},
		"from layout": {p.Images[0].From[1].Layout, "images/change-event"},
		"from remote": {p.Images[0].From[2].Remote, "ghcr.io/example/change-event"},
		"in":          {p.Images[0].In + " " + p.Images[0].Address, "blue aws_ecr_repository.change_event"},
		"immutable":   {*p.Images[0].Settings.Immutable, true},
		"scan":        {*p.Images[0].Settings.ScanOnPush, false},
		"lifecycle":   {p.Images[0].Settings.LifecyclePolicy, `{"rules":[]}`},
		"secret":      {p.Secrets[0].Secret + " " + p.Secrets[0].Keys[0] + " " + p.Secrets[0].From[0].Site, "pharmacy/token value vault"},
		"parameter":   {p.Parameters[0].Parameter, "/pharmacy/version"},
		"var_files":   {blue.VarFiles[0], "blue.tfvars"},
		"workspace":   {blue.Workspace, "blue"},
		"backend_key": {resolved(t, p, blue.BackendKey, "blue").String(), "app/blue/eu-west-1"},
		"timeout":     {blue.Timeout, 90 * time.Minute},
		"env":         {resolved(t, p, blue.Env["TF_LOG"], "blue").String(), "warn"},
		"secret var":  {blue.Secrets["token"], plan.SecretRef{Site: "vault", Secret: "pharmacy/token", Key: "value", Range: blue.Secrets["token"].Range}},
		"param var":   {blue.Secrets["version"].Parameter, "/pharmacy/version"},
		"merged":      {resolved(t, p, blue.Variables["queue"], "blue").String(), "queue of shared"},
		"local":       {resolved(t, p, blue.Variables["prefix"], "blue").String(), "live-eu-west-1"},
		"point":       {p.Tables[0].Point, "-15m"},
		"compare":     {p.Tables[0].Compare, 1000},
		"consumer":    {p.APIKeys[0].Consumers[0].Contact, "profile@example.org"},
		"who":         {p.Manuals[0].Who, "platform team"},
		"argv":        {resolved(t, p, p.Commands[0].Argv[1], "").String(), "table of shared"},
		"probe":       {len(p.Commands[0].Probe), 2},
		"method":      {p.Verifies[0].HTTP.Method, "POST"},
		"header":      {resolved(t, p, p.Verifies[0].HTTP.Headers["X-Key"], "").String(), "key of shared"},
		"resource":    {p.Verifies[1].Resource.Type, "sqs_queue"},
		"command":     {len(p.Verifies[2].Argv), 2},
		"all tables":  {p.Stacks[0].AllTables != nil && blue.AllTables == nil, true},
		"lost":        {p.Scenarios[1].Lost, plan.Lost{Kind: plan.LostAccount, Site: "primary"}},
	}
	for name, c := range checks {
		if c[0] != c[1] {
			t.Errorf("%s: got %v, want %v", name, c[0], c[1])
		}
	}
}

func read(tb testing.TB, name string) string {
	tb.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestPlanIsJSON keeps the promise that numbers reach Terraform as they were written.
func TestNumbersStayExact(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, options(with(`
stack "app" {
  path      = "application"
  variables = { big = 12345678901234567890, small = 0.1, list = [1, "a", true, null], object = { a = { b = 1 } } }
}`)))
	got, err := json.Marshal(map[string]plan.Value{
		"big": resolved(t, p, p.Stacks[0].Variables["big"], "app"), "small": resolved(t, p, p.Stacks[0].Variables["small"], "app"),
		"list": resolved(t, p, p.Stacks[0].Variables["list"], "app"), "object": resolved(t, p, p.Stacks[0].Variables["object"], "app"),
	})
	want := `{"big":12345678901234567890,"list":[1,"a",true,null],"object":{"a":{"b":1}},"small":0.1}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// BenchmarkLoad measures the plan of design.md: at most 5 ms.
func BenchmarkLoad(b *testing.B) {
	o := options(map[string]string{"lifeboat.hcl": design(b)})
	for b.Loop() {
		mustLoad(b, o)
	}
}
