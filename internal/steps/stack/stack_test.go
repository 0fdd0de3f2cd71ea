package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

const code = `
variable "region" { type = string }
variable "token" { type = string }
variable "colour" { type = string }
`

// bench is a place with one stack in it.
type bench struct {
	fake   *fake
	runner proc.Runner
	root   string
	dir    string // the step's private folder
	path   string // PATH with a terraform
	cfg    *step.StackConfig
	asked  []step.Progress
	sites  stack.Sites
}

func text(s string) plan.Expr { return plan.Literal{Value: plan.Of(s)} }

func newBench(tb testing.TB) *bench {
	tb.Helper()
	b := &bench{fake: newFake(), root: tb.TempDir(), dir: tb.TempDir(), path: tb.TempDir()}
	b.runner = b.fake
	for name, content := range map[string]string{
		filepath.Join(b.root, "infra", "app", "main.tf"): code,
		filepath.Join(b.path, "terraform"):               "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	b.cfg = &step.StackConfig{
		Dir: b.root,
		Stack: &plan.Stack{
			Block: plan.Block{Name: "blue"}, Path: "app",
			Variables: map[string]plan.Expr{"colour": text("blue")},
			Secrets:   map[string]plan.SecretRef{"token": {Secret: "s"}},
			Env:       map[string]plan.Expr{"EXTRA": text("1")},
		},
		Terraform: plan.Terraform{
			Root:      "infra",
			State:     plan.State{Bucket: text("b"), Key: text("k"), LockTable: text("l")},
			Variables: map[string]plan.Expr{"region": text("eu-west-1"), "unknown": text("x")},
		},
	}
	return b
}

type vault struct{}

func (vault) Get(context.Context, *plan.Site, plan.SecretRef) (secret.Value, error) {
	return secret.New("hunter2-hunter2"), nil
}

// Run asks the fake for its version without faults: that is not the step's call.
func (b *bench) Run(ctx context.Context, c proc.Cmd) error {
	if c.Args[0] == "version" {
		return b.fake.Run(ctx, c)
	}
	return b.runner.Run(ctx, c)
}

// process builds the step as a new process would.
func (b *bench) process() (step.Step, error) {
	tool, err := terraform.Open(context.Background(), terraform.Setup{
		Env: proc.Env{"PATH": b.path}, Runner: b, Who: "me@here", Dir: filepath.Join(b.root, ".lifeboat"), Project: b.root,
	})
	if err != nil {
		return nil, err
	}
	return stack.New(stack.Deps{
		Tool: tool, Secrets: vault{}, Sites: b.sites,
		Env: func(context.Context, *plan.Site) (proc.Env, error) { return proc.Env{"AWS_REGION": "eu-west-1"}, nil },
	})(step.Spec{ID: "stack/blue", Kind: step.Stack, Config: b.cfg})
}

func (b *bench) step(t *testing.T) step.Step {
	t.Helper()
	s, err := b.process()
	if err != nil {
		t.Fatal(err)
	}
	b.fake.said = nil
	return s
}

func (b *bench) call() *step.Call {
	return &step.Call{
		Run: "run", Step: "stack/blue", Site: &plan.Site{Name: "standby", Account: "222222222222", Region: "eu-west-1"}, Dir: b.dir,
		Resolve: func(e plan.Expr) (plan.Value, error) { return e.Resolve(plan.Scope{}) },
		Report:  func(p step.Progress) { b.asked = append(b.asked, p) },
	}
}

// The step keeps the contract of all steps, whichever terraform command is cut.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		b := newBench(tb)
		b.runner = f.Runner(b.fake)
		call := b.call()
		call.Report = nil
		return steptest.World{
			Step: b.process, Call: *call, Check: b.fake.complete,
			Writes: func() int { b.fake.mu.Lock(); defer b.fake.mu.Unlock(); return b.fake.applied },
		}
	}})
}

// Probe's init and plan are Ensure's: what is applied is what was judged, and no command runs twice.
func TestPlansOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.step(t)
	p, err := s.Probe(t.Context(), b.call())
	if err != nil || p.Status != step.Needed || p.Reason != "2 to add" {
		t.Fatalf("probe %+v, %v", p, err)
	}
	out, err := s.Ensure(t.Context(), b.call())
	if err != nil {
		t.Fatal(err)
	}
	if !out.Changed || out.Summary != "2 added, 0 changed, 0 destroyed" {
		t.Errorf("outcome %+v", out)
	}
	if got := b.fake.commands(); got != "init plan apply output" {
		t.Errorf("commands: %s", got)
	}
	if v := out.Outputs["key"]; !v.IsSecret() || v.Reveal() != "k-1234567890" {
		t.Errorf("sensitive output %v (secret %v)", v.Reveal(), v.IsSecret())
	}
	if v := out.Outputs["url"]; v.IsSecret() || v.Reveal() != "https://example.org" {
		t.Errorf("output %v", v)
	}
	var last step.Progress
	for _, p := range b.asked {
		if p.Unit != "" {
			last = p
		}
	}
	if last.Done != 2 || last.Total != 2 || last.Message != "aws_b.y: create done in 3s" {
		t.Errorf("last progress %+v", last)
	}
	s = b.step(t)
	p, err = s.Probe(t.Context(), b.call())
	if err != nil || p.Status != step.Done || !p.Outputs["key"].IsSecret() {
		t.Errorf("probe of an applied stack %+v, %v", p, err)
	}
	recalled, err := b.step(t).(step.Recaller).Recall(t.Context(), b.call())
	if err != nil || recalled["url"].Reveal() != "https://example.org" || !recalled["key"].IsSecret() {
		t.Errorf("recalled %v, %v", recalled, err)
	}
	if got := b.fake.commands(); got != "init output" {
		t.Errorf("recall ran %s", got)
	}
}

// Variables reach terraform by standard input, those of all stacks only where they are declared; secrets are nowhere else, and
// nothing of them stays on the disk.
func TestVariablesAndSecrets(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.outputs["url"] = `{"a":["prefix hunter2-hunter2"]}`
	out, err := b.step(t).Ensure(t.Context(), b.call())
	if err != nil {
		t.Fatal(err)
	}
	if want := "colour = \"blue\"\nregion = \"eu-west-1\"\ntoken = \"hunter2-hunter2\"\n"; b.fake.vars != want {
		t.Errorf("variables:\n%swant:\n%s", b.fake.vars, want)
	}
	if b.fake.env["EXTRA"] != "1" || b.fake.env["AWS_REGION"] != "eu-west-1" || b.fake.env["TF_INPUT"] != "0" {
		t.Errorf("environment %v", b.fake.env)
	}
	if !out.Outputs["url"].IsSecret() {
		t.Error("an output that carries a secret's text is not secret")
	}
	if args := strings.Join(b.fake.said, "\n"); strings.Contains(args, "hunter2") {
		t.Errorf("a secret is an argument:\n%s", args)
	}
	err = filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			content, err := os.ReadFile(path)
			if strings.Contains(string(content), "hunter2") || strings.Contains(path, "tfplan") {
				t.Errorf("%s was left behind: %s", path, content)
			}
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.fake.warn = "colour"
	b.fake.wants["aws_c.z"] = "1"
	if _, err := b.step(t).Ensure(t.Context(), b.call()); err == nil || !strings.Contains(err.Error(), `has no variable "colour"`) {
		t.Errorf("a variable that the code does not have: %v", err)
	}
}

// Nothing is destroyed unless a person allowed it by name, and an answer counts for what was asked.
func TestDestroyingWaitsForAPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.has["aws_old.x"] = "1"
	s := b.step(t)
	_, err := s.Ensure(t.Context(), b.call())
	var ask *step.Ask
	if !errors.As(err, &ask) || !strings.Contains(ask.Detail, "delete aws_old.x") {
		t.Fatalf("error %v, want a question that names aws_old.x", err)
	}
	if b.fake.applied != 0 {
		t.Fatal("it was applied unasked")
	}
	again := b.call()
	again.Answers = map[string]step.Answer{ask.Key: {Decision: step.Reject, By: "ana"}}
	if _, err := s.Ensure(t.Context(), again); err == nil || !strings.Contains(err.Error(), "rejected by ana") {
		t.Errorf("rejected: %v", err)
	}
	again.Answers[ask.Key] = step.Answer{Decision: step.Approve, By: "ana"}
	b.fake.has["aws_other.x"] = "1"
	b.fake.serial++
	var second *step.Ask
	if _, err := s.Ensure(t.Context(), again); !errors.As(err, &second) || second.Key == ask.Key {
		t.Errorf("a plan that destroys more was not asked about: %v", err)
	}
	again.Answers[second.Key] = step.Answer{Decision: step.Approve, By: "ana"}
	if _, err := s.Ensure(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.complete(); err != nil {
		t.Error(err)
	}
}

// A lock that somebody else holds is broken only when a person says so.
func TestForeignLock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.lock = holder("bob@laptop")
	s := b.step(t)
	if p, err := s.Probe(t.Context(), b.call()); err != nil || p.Status != step.Needed || !strings.Contains(p.Reason, "bob@laptop") {
		t.Errorf("probe %+v, %v", p, err)
	}
	_, err := s.Ensure(t.Context(), b.call())
	var ask *step.Ask
	if !errors.As(err, &ask) || !strings.Contains(ask.Prompt, "bob@laptop") || b.fake.lock == "" {
		t.Fatalf("error %v, lock %q, want a question about bob", err, b.fake.lock)
	}
	again := b.call()
	again.Answers = map[string]step.Answer{ask.Key: {Decision: step.Approve, By: "ana"}}
	if _, err := s.Ensure(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.complete(); err != nil {
		t.Error(err)
	}
}

// A killed apply leaves its lock; the next process knows the lock as its own and goes on without asking.
func TestOwnLeftOverLock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.strike = func(addr string) error {
		if addr == "aws_b.y" {
			return &proc.Exit{Code: -1, Err: errors.New("signal: killed")}
		}
		return nil
	}
	if _, err := b.step(t).Ensure(t.Context(), b.call()); step.ClassOf(err) != step.Transient {
		t.Fatalf("a killed apply: %v", err)
	}
	if b.fake.lock == "" {
		t.Fatal("the fake's lock was released")
	}
	b.fake.strike = nil
	if _, err := b.step(t).Ensure(t.Context(), b.call()); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.complete(); err != nil {
		t.Error(err)
	}
	// The same name on the lock does not make it ours when no command of ours was cut.
	b.fake.lock = holder("me@here")
	var ask *step.Ask
	if _, err := b.step(t).Ensure(t.Context(), b.call()); !errors.As(err, &ask) {
		t.Errorf("another command's lock was broken: %v", err)
	}
}

// A failed resource is named with its AWS action; the next try plans anew.
func TestFailedApply(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fake.strike = func(addr string) error {
		if addr == "aws_b.y" {
			return errors.New("operation error SQS: CreateQueue, https response error StatusCode: 403, api error AccessDenied: no")
		}
		return nil
	}
	s := b.step(t)
	_, err := s.Ensure(t.Context(), b.call())
	var e *step.Error
	if !errors.As(err, &e) || e.Action != "sqs:CreateQueue" || e.Class != step.Permanent || e.Site != "standby" || !strings.Contains(err.Error(), "aws_b.y") {
		t.Fatalf("error %v", err)
	}
	b.fake.strike = nil
	if _, err := s.Ensure(t.Context(), b.call()); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.complete(); err != nil {
		t.Error(err)
	}
}

// A plan that somebody's change made stale is made again, and judged again.
func TestStalePlan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.step(t)
	if _, err := s.Probe(t.Context(), b.call()); err != nil {
		t.Fatal(err)
	}
	b.fake.serial++
	b.fake.has["aws_a.x"] = "1"
	if _, err := s.Ensure(t.Context(), b.call()); err != nil {
		t.Fatal(err)
	}
	if got := b.fake.commands(); got != "init plan apply init plan apply output" {
		t.Errorf("commands: %s", got)
	}
	if err := b.fake.complete(); err != nil {
		t.Error(err)
	}
}
