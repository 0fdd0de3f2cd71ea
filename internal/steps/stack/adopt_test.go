package stack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// life is a terraform whose state is apart from the world: the world is the drill cloud's APIs, of which AWS makes a second one of the same
// name without a word. The code wants one API for each name.
type life struct {
	*fake
	cloud *awscloud.Clients
	names []string
	state map[string]string // address to id
	cut   int               // an apply is killed before so many more resources; negative: never
}

// deed is one change of a plan.
type deed struct{ Address, Name, ID string }

func (l *life) address(name string) string { return kindOf(name) + "." + name }

// kindOf is the type of a thing by its name: all are APIs, save one secret.
func kindOf(name string) string {
	if name == "secret" {
		return "aws_secretsmanager_secret"
	}
	return "aws_api_gateway_rest_api"
}

func (l *life) Run(ctx context.Context, c proc.Cmd) error {
	switch c.Args[0] {
	case "plan", "show", "apply":
	default:
		return l.fake.Run(ctx, c)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, strings.Join(c.Args, " "))
	if c.Args[0] == "show" {
		return l.show(c)
	}
	l.say(c, "version", `"ui":"1.2"`)
	if l.lock != "" {
		return l.fail(c, "Error acquiring the state lock", l.lock)
	}
	if c.Args[0] == "plan" {
		return l.plan(c)
	}
	return l.apply(ctx, c)
}

func (l *life) plan(c proc.Cmd) error {
	imports := map[string]string{}
	if b, err := os.ReadFile(filepath.Join(c.Dir, "zz_lifeboat_import.tf")); err == nil {
		for _, m := range regexp.MustCompile(`(?s)to = (\S+)\s+id = "(\S+)"`).FindAllStringSubmatch(string(b), -1) {
			imports[m[1]] = m[2]
		}
	}
	todo := []deed{}
	add := 0
	for _, name := range l.names {
		addr := l.address(name)
		if _, there := l.state[addr]; there {
			continue
		}
		action := "import"
		if imports[addr] == "" {
			add++
			action = "create"
		}
		l.say(c, "planned_change", fmt.Sprintf(`"change":{"resource":{"addr":"%s"},"action":"%s"}`, addr, action))
		todo = append(todo, deed{addr, name, imports[addr]})
	}
	text, err := json.Marshal(todo)
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Dir, "lifeboat.tfplan"), text, 0o600)
	}
	if err != nil {
		return err
	}
	l.say(c, "change_summary", fmt.Sprintf(`"changes":{"add":%d,"change":0,"import":%d,"remove":0,"operation":"plan"}`, add, len(todo)-add))
	l.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"action":"noop"}}`)
	if len(todo) > 0 {
		return &proc.Exit{Code: 2, Err: errors.New("exit status 2")}
	}
	return nil
}

func (l *life) todo(c proc.Cmd) (out []deed, err error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, c.Args[len(c.Args)-1]))
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

func (l *life) show(c proc.Cmd) error {
	todo, err := l.todo(c)
	if err != nil {
		return err
	}
	type object = map[string]any
	changes := []object{}
	for _, d := range todo {
		change := object{"actions": []string{"create"}, "after": object{"name": d.Name}}
		if d.ID != "" {
			change = object{"actions": []string{"no-op"}, "before": object{"id": d.ID}, "after": object{"id": d.ID}, "importing": object{"id": d.ID}}
		}
		changes = append(changes, object{
			"address": d.Address, "mode": "managed", "type": kindOf(d.Name), "name": d.Name,
			"provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
		})
	}
	return json.NewEncoder(c.Stdout).Encode(object{"format_version": "1.2", "resource_changes": changes})
}

func (l *life) apply(ctx context.Context, c proc.Cmd) error {
	todo, err := l.todo(c)
	if err != nil {
		return l.fail(c, "Failed to load plan", err.Error())
	}
	l.applied++
	for _, d := range todo {
		if l.cut == 0 {
			l.lock = holder("me@here")
			return &proc.Exit{Code: -1, Err: errors.New("signal: killed")}
		}
		l.cut--
		if d.ID == "" {
			out, err := l.cloud.APIGateway.CreateRestApi(context.WithoutCancel(ctx), &apigateway.CreateRestApiInput{Name: &d.Name})
			if err != nil {
				return err
			}
			d.ID = *out.Id
		}
		l.state[d.Address] = d.ID
	}
	l.say(c, "change_summary", fmt.Sprintf(`"changes":{"add":0,"change":0,"import":%d,"remove":0,"operation":"apply"}`, len(todo)))
	l.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"value":"u"},"key":{"sensitive":true}}`)
	return nil
}

// lives are the APIs of the site: id to name.
func (l *life) lives(ctx context.Context) (map[string]string, error) {
	out, err := l.cloud.APIGateway.GetRestApis(ctx, &apigateway.GetRestApisInput{})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, x := range out.Items {
		all[*x.Id] = *x.Name
	}
	return all, nil
}

// whole tells what is wrong: everything wanted lives once, and the state has it by its id.
func (l *life) whole(ctx context.Context) error {
	all, err := l.lives(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range l.names {
		if id := l.state[l.address(name)]; all[id] != name {
			return fmt.Errorf("the state has %v, there are %v", l.state, all)
		}
	}
	if len(all) != len(l.names) {
		return fmt.Errorf("%d APIs are wanted, there are %v", len(l.names), all)
	}
	return nil
}

// lost is a stack whose state is gone: the APIs one and two live, three does not.
func lost(tb testing.TB, f *steptest.Faults) (*bench, *life) {
	tb.Helper()
	b, cloud := newBench(tb), cloudtest.New(tb)
	b.cfg.Adopt, b.sites = true, cloud.Clients(f)
	b.cfg.Terraform.State.Bucket, b.cfg.Terraform.State.LockTable = text("states"), text("locks")
	l := &life{fake: b.fake, cloud: cloud.Open(tb, cloudtest.Standby()), names: []string{"one", "two", "three"}, state: map[string]string{}, cut: -1}
	b.runner = l
	for _, name := range []string{"one", "two"} {
		l.make(tb, name)
	}
	return b, l
}

func (l *life) make(tb testing.TB, name string) {
	tb.Helper()
	if _, err := l.cloud.APIGateway.CreateRestApi(tb.Context(), &apigateway.CreateRestApiInput{Name: &name}); err != nil {
		tb.Fatal(err)
	}
}

// agreeing answers every question of a step with yes, as a person would, one by one.
type agreeing struct{ step.Step }

func (a agreeing) Ensure(ctx context.Context, c *step.Call) (step.Outcome, error) {
	again := *c
	again.Answers = maps.Clone(c.Answers)
	for {
		out, err := a.Step.Ensure(ctx, &again)
		ask, ok := errors.AsType[*step.Ask](err)
		if !ok {
			return out, err
		}
		if again.Answers == nil {
			again.Answers = map[string]step.Answer{}
		}
		again.Answers[ask.Key] = step.Answer{Decision: step.Approve, By: "ann"}
	}
}

// Whichever call is cut, lost or denied, what lives is adopted once, and what is missing is made once.
func TestConformanceOfAnAdoption(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		b, l := lost(tb, f)
		b.runner = f.Runner(l)
		call := b.call()
		call.Report = nil
		return steptest.World{
			Step:   func() (step.Step, error) { s, err := b.process(); return agreeing{s}, err },
			Call:   *call,
			Check:  func() error { return l.whole(tb.Context()) },
			Writes: func() int { l.mu.Lock(); defer l.mu.Unlock(); return l.applied },
		}
	}})
}

// Nothing happens before a person has seen what would: how many are destroyed, replaced, adopted and created, and which. What is approved is
// exactly that: another list is another question. Afterwards an empty plan proves it.
func TestAdoptsAfterAQuestion(t *testing.T) {
	t.Parallel()
	b, l := lost(t, nil)
	s := b.step(t)
	p, err := s.Probe(t.Context(), b.call())
	if err != nil || p.Status != step.Needed || p.Reason != "2 to import, 1 to add" {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err = s.Ensure(t.Context(), b.call())
	yes := approved(t, err, "0 destroyed, 0 replaced, 2 adopted, 1 created; do it?", "Created, for nothing of the name lives (1):\n  aws_api_gateway_rest_api.three\n",
		"Adopted, by its id (2):\n  aws_api_gateway_rest_api.one = ")
	if all, err := l.lives(t.Context()); err != nil || len(all) != 2 || l.applied != 0 {
		t.Fatalf("before anybody approved: %v, %v, %d applies", all, err, l.applied)
	}
	l.names = append(l.names, "four")
	call := b.call()
	call.Answers = yes
	_, err = b.step(t).Ensure(t.Context(), call)
	call.Answers = approved(t, err, "2 adopted, 2 created")
	l.names = l.names[:3]
	call.Answers = yes
	out, err := b.step(t).Ensure(t.Context(), call)
	if err != nil || !strings.HasPrefix(out.Summary, "an empty plan proves it; ") || out.Outputs["url"].Reveal() != "https://example.org" {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := l.whole(t.Context()); err != nil {
		t.Error(err)
	}
	if p, err := b.step(t).Probe(t.Context(), b.call()); err != nil || p.Status != step.Done {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}

// A secret in its deletion window is taken back only after a question of its own, and then adopted under its id: nothing is made in its place.
func TestTakesBackThenAdopts(t *testing.T) {
	t.Parallel()
	b, l := lost(t, nil)
	l.names = []string{"one", "two", "secret"}
	sec, err := l.cloud.SecretsManager.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("secret"), SecretString: aws.String("v")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.cloud.SecretsManager.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: sec.ARN}); err != nil {
		t.Fatal(err)
	}
	deleted := func() bool {
		d, err := l.cloud.SecretsManager.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: sec.ARN})
		if err != nil {
			t.Fatal(err)
		}
		return d.DeletedDate != nil
	}
	s := b.step(t)
	_, err = s.Ensure(t.Context(), b.call())
	call := b.call()
	call.Answers = approved(t, err, "1 of what its code names will be deleted soon", "aws_secretsmanager_secret.secret = "+*sec.ARN+": it is scheduled for deletion")
	if !deleted() {
		t.Fatal("it was taken back before anybody agreed")
	}
	_, err = s.Ensure(t.Context(), call)
	maps.Copy(call.Answers, approved(t, err, "0 destroyed, 0 replaced, 3 adopted, 0 created; do it?"))
	out, err := s.Ensure(t.Context(), call)
	if err != nil || deleted() || l.state["aws_secretsmanager_secret.secret"] != *sec.ARN || !strings.Contains(out.Summary, "aws_secretsmanager_secret.secret taken back") {
		t.Errorf("%+v, %v, state %v", out, err, l.state)
	}
}

// A rejected adoption changes nothing and is not asked again.
func TestRejectedAdoption(t *testing.T) {
	t.Parallel()
	b, l := lost(t, nil)
	_, err := b.step(t).Ensure(t.Context(), b.call())
	call := b.call()
	call.Answers = map[string]step.Answer{}
	for key := range approved(t, err) {
		call.Answers[key] = step.Answer{Decision: step.Reject, By: "ann"}
	}
	_, err = b.step(t).Ensure(t.Context(), call)
	if e, ok := errors.AsType[*step.Error](err); !ok || e.Class != step.Permanent || !strings.Contains(e.What, "adopting what lives was rejected by ann") || l.applied != 0 {
		t.Errorf("%v, %d applies", err, l.applied)
	}
}

// Two of the same name are no guess: the question says that a third would be made, and names both.
func TestTwoOfTheSameNameAreHeld(t *testing.T) {
	t.Parallel()
	b, l := lost(t, nil)
	l.make(t, "two")
	_, err := b.step(t).Ensure(t.Context(), b.call())
	approved(t, err, "1 adopted, 2 created, 1 of them held by name", "Held by name: creating it fails, or makes a second one (1):\n  aws_api_gateway_rest_api.two: 2 APIs named two could be meant: ")
}

// An apply that is killed between two imports is taken up again: what it had adopted is in the state, the rest is found again, and
// nothing is made twice.
func TestKilledInTheMiddleOfAnAdoption(t *testing.T) {
	t.Parallel()
	for cut := range 4 {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			b, l := lost(t, nil)
			l.cut = cut
			_, err := agreeing{b.step(t)}.Ensure(t.Context(), b.call())
			if cut < 3 && step.ClassOf(err) != step.Transient || cut == 3 && err != nil {
				t.Fatal(err)
			}
			l.cut = -1
			if _, err := (agreeing{b.step(t)}).Ensure(t.Context(), b.call()); err != nil {
				t.Fatal(err)
			}
			if err := l.whole(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
