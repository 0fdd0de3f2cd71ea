// Package providertest holds the drill cloud to its most demanding client: the real hashicorp/aws provider, which reads back
// all that it makes. It has only tests.
package providertest

import (
	"bytes"
	"context"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// stack is one stack of the example, with the values that its plan gives it. One without a path is in testdata.
type stack struct {
	name, path string
	vars       proc.Env
}

// waves are the stacks in their order; those of a wave do not need each other.
func waves(home sim.Scope) [][]stack {
	queue := home.ARN("sqs", "live-pharmacy-change-events")
	return [][]stack{
		{{"api-key", "api-key", nil}, {"shared-resources", "shared-resources", nil}},
		{{"blue", "application", proc.Env{"TF_VAR_blue_green_environment": "blue"}}, {"green", "application", proc.Env{"TF_VAR_blue_green_environment": "green"}}},
		{{"link", "blue-green-link", proc.Env{"TF_VAR_active": "blue", "TF_VAR_queue_arn": queue}}},
	}
}

// TestExampleLivesAndDies: with the real provider every stack of the example applies, a second plan is empty, and what destroy leaves
// is nothing that still works.
func TestExampleLivesAndDies(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes two minutes, and a provider of 700 MB")
	}
	home := simtest.Home()
	b := setup(t, home, cloudsim.Config{Seed: 1})
	furnish(t, b.client, "1.4.2")
	before := inventory(t, b.client)
	all := waves(home)
	for _, wave := range all {
		for _, s := range wave {
			b.copied(t, s)
		}
		b.each(t, wave, b.live)
	}
	if len(inventory(t, b.client)) <= len(before) {
		t.Fatal("the stacks made nothing that the inventory sees")
	}
	for i := range all {
		b.each(t, all[len(all)-1-i], b.die)
	}
	if after := inventory(t, b.client); !slices.Equal(before, after) {
		t.Errorf("destroy left something\nbefore: %q\nafter:  %q", before, after)
	}
}

// TestSettings: what the example does not use is applied, changed in place and destroyed by the real provider too; it sees what it set.
func TestSettings(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a minute, and a provider of 700 MB")
	}
	b := setup(t, simtest.Home(), cloudsim.Config{Seed: 1})
	furnish(t, b.client, "1.4.2")
	before := inventory(t, b.client)
	s := stack{name: "settings"}
	b.copied(t, s)
	_ = b.live(t, s) && b.run(t, s, "apply", "-auto-approve", "-var=turn=2") && b.run(t, s, "plan", "-detailed-exitcode", "-var=turn=2")
	if b.die(t, s); t.Failed() {
		return
	}
	if after := inventory(t, b.client); !slices.Equal(before, after) {
		t.Errorf("destroy left something\nbefore: %q\nafter:  %q", before, after)
	}
}

// bundle is a drill cloud and a terraform that knows nothing of it but AWS_ENDPOINT_URL.
type bundle struct {
	tool   *terraform.Tool
	client aws.Config
	env    proc.Env
	work   string
	home   sim.Scope
	world  *sim.World
}

func setup(t *testing.T, home sim.Scope, cfg cloudsim.Config) *bundle {
	t.Helper()
	cloud, err := cloudsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(cloud)
	t.Cleanup(srv.Close)
	b := &bundle{work: t.TempDir(), home: home, world: cloud.World()}
	b.client = simtest.At(aws.Config{BaseEndpoint: &srv.URL, HTTPClient: srv.Client(), RetryMaxAttempts: 3}, home)
	me := proc.OS()
	b.env = proc.Env{
		"PATH": me.Env["PATH"] + string(os.PathListSeparator) + absolute(t, "../../../bin"), "HOME": t.TempDir(), terraform.EnvMirror: me.Env[terraform.EnvMirror],
		"AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": home.Account, "AWS_SECRET_ACCESS_KEY": "any", "AWS_MAX_ATTEMPTS": "3",
	}
	if _, err := proc.Look(b.env, terraform.Terraform); err != nil {
		t.Skip("no terraform on PATH")
	}
	b.tool, err = terraform.Open(t.Context(), terraform.Setup{Env: b.env, Runner: proc.Programs{}, Wanted: terraform.Terraform, Dir: filepath.Join(b.work, "tool"), Project: b.work})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.tool.Warm(t.Context(), []terraform.Source{{Root: b.copied(t, stack{"warm", "api-key", nil}), Path: "."}}, nil); err != nil {
		t.Skipf("hashicorp/aws 5 is in no mirror and not to be had from the registry: %v", err)
	}
	return b
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	out, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// copied gives a working copy of a stack: its folder, the shared provider file, and a state beside them.
func (b *bundle) copied(t *testing.T, s stack) string {
	t.Helper()
	dir := filepath.Join(b.work, s.name)
	root := absolute(t, "../../../examples/pharmacy-updates/infrastructure")
	code := filepath.Join(root, s.path)
	if s.path == "" {
		code = filepath.Join("testdata", s.name)
	}
	for _, from := range []string{code, filepath.Join(root, "shared")} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "backend_override.tf"), []byte("terraform {\n  backend \"local\" {}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// each works on the stacks of a wave at once, and ends the test when one of them failed.
func (b *bundle) each(t *testing.T, wave []stack, do func(*testing.T, stack) bool) {
	t.Helper()
	var all sync.WaitGroup
	for _, s := range wave {
		all.Go(func() { do(t, s) })
	}
	if all.Wait(); t.Failed() {
		t.FailNow()
	}
}

// live applies a stack and finds nothing to do after it.
func (b *bundle) live(t *testing.T, s stack) bool {
	t.Helper()
	return b.run(t, s, "init") && b.run(t, s, "apply", "-auto-approve") && b.run(t, s, "plan", "-detailed-exitcode") // 2: not empty
}

func (b *bundle) die(t *testing.T, s stack) bool {
	t.Helper()
	return b.run(t, s, "destroy", "-auto-approve")
}

// run runs terraform, and reports what it says when it does not exit 0.
func (b *bundle) run(t *testing.T, s stack, args ...string) bool {
	t.Helper()
	said, err := b.terraform(t, s, args...)
	if err != nil {
		t.Errorf("%s: terraform %s: %v\n%s", s.name, args[0], err, said)
	}
	return err == nil
}

// terraform runs terraform, and gives the end of what it says.
func (b *bundle) terraform(t *testing.T, s stack, args ...string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	vars := proc.Env{"TF_VAR_aws_region": b.home.Region, "TF_VAR_environment": "live"}
	maps.Copy(vars, s.vars)
	var out bytes.Buffer
	start := time.Now()
	err := proc.Programs{}.Run(ctx, proc.Cmd{
		Path: b.tool.Path, Args: append(args, "-no-color", "-input=false"), Env: b.tool.Environ(b.env, vars),
		Dir: filepath.Join(b.work, s.name), Stdout: &out, Stderr: &out, Grace: 10 * time.Second,
	})
	t.Logf("%s %s: %.1f s", s.name, args[0], time.Since(start).Seconds())
	return tail(out.String()), err
}

// tail is the end of what terraform said, where its errors are.
func tail(s string) string { return s[max(0, len(s)-8000):] }
