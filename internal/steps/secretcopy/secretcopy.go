// Package secretcopy is the step for a Secrets Manager secret that Terraform only reads.
//
// Promise: afterwards the secret is at the site with every JSON key that the code reads. It is created from the first source that has it whole, or
// taken back out of its deletion window; a value that is there is never overwritten. No error, outcome or progress holds a
// value: a missing key is named, not its neighbours.
package secretcopy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Key is the key in Call.Answers of the request to create a secret that has no source.
const Key = "typed"

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// API are the operations that the step uses. *secretsmanager.Client has them.
type API interface {
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
	RestoreSecret(context.Context, *secretsmanager.RestoreSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.RestoreSecretOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

var _ API = (*secretsmanager.Client)(nil)

// New makes the kind. A Spec's Config is a *step.SecretConfig; its sources are sites of p.
func New(sites Sites, p *plan.Plan) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.SecretConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: secret needs a *step.SecretConfig, not %T", spec.ID, spec.Config)
		}
		return &secretStep{want: cfg.Secret, plan: p, sites: sites}, nil
	}
}

type secretStep struct {
	want  *plan.Secret
	plan  *plan.Plan
	sites Sites
}

var _ step.Step = (*secretStep)(nil)

// value is a secret's content, one of the two.
type value struct {
	text   secret.Value
	binary []byte
}

// state is what is at the site.
type state struct {
	there, dying, valued bool
	missing              []string // keys
}

func (st state) whole() bool { return st.there && !st.dying && st.valued && len(st.missing) == 0 }

func (st state) reason(name string) string {
	switch {
	case !st.there:
		return "secret " + name + " does not exist"
	case st.dying:
		return "secret " + name + " is scheduled for deletion"
	case !st.valued:
		return "secret " + name + " has no value"
	case len(st.missing) > 0:
		return fmt.Sprintf("secret %s lacks key %s", name, strings.Join(st.missing, ", "))
	}
	return "secret " + name + " is there"
}

// Probe looks at the secret.
func (s *secretStep) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return step.Probe{}, err
	}
	st, err := s.look(ctx, c.SecretsManager, call.Site)
	if err != nil {
		return step.Probe{}, err
	}
	p := step.Probe{Status: step.Needed, Reason: st.reason(s.want.Secret)}
	if st.whole() {
		p.Status = step.Done
	}
	return p, nil
}

// Ensure restores or creates the secret.
func (s *secretStep) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return step.Outcome{}, err
	}
	api, name := API(c.SecretsManager), s.want.Secret
	st, err := s.look(ctx, api, call.Site)
	if err != nil {
		return step.Outcome{}, err
	}
	out := step.Outcome{Summary: st.reason(name)}
	if st.dying {
		if _, err := api.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &name}); err != nil {
			return step.Outcome{}, awscloud.Explain(err, "secret "+name+" cannot be taken back from its deletion", call.Site)
		}
		out = step.Outcome{Changed: true, Summary: "secret " + name + " taken back from its deletion window"}
		if st, err = s.look(ctx, api, call.Site); err != nil {
			return step.Outcome{}, err
		}
	}
	switch {
	case st.whole():
		return out, nil
	case st.valued:
		return step.Outcome{}, &step.Error{
			Class: step.Permanent, Site: call.Site.Name, What: st.reason(name),
			Why:  "The code reads it, and a value that is there is never overwritten",
			Next: "Add the key to the secret's JSON, or delete the secret so that it is copied, then run `lifeboat resume`",
		}
	}
	return s.copy(ctx, call, api, st)
}

// copy gives the secret its value.
func (s *secretStep) copy(ctx context.Context, call *step.Call, api API, st state) (step.Outcome, error) {
	name, site := s.want.Secret, call.Site
	if len(s.want.From) == 0 {
		return step.Outcome{}, s.byHand(call)
	}
	got, from, err := source.First(ctx, s.plan, s.want.From, "secret "+name, s.read)
	if err != nil {
		return step.Outcome{}, err
	}
	// The token makes a repeated request the same request, for the same run, step and value.
	token := sha256.Sum256([]byte(call.Key()))
	id := hex.EncodeToString(token[:])
	if st.there {
		in := &secretsmanager.PutSecretValueInput{SecretId: &name, ClientRequestToken: &id, SecretBinary: got.binary}
		if got.binary == nil {
			in.SecretString = reveal(got.text)
		}
		_, err = api.PutSecretValue(ctx, in)
	} else {
		in := &secretsmanager.CreateSecretInput{Name: &name, ClientRequestToken: &id, SecretBinary: got.binary}
		if got.binary == nil {
			in.SecretString = reveal(got.text)
		}
		_, err = api.CreateSecret(ctx, in)
	}
	if err != nil {
		return step.Outcome{}, awscloud.Explain(err, "secret "+name+" cannot be written", site)
	}
	return step.Outcome{Changed: true, Summary: fmt.Sprintf("secret %s copied from site %q%s", name, from.Name, source.Traces(s.plan, site, got.text.Reveal()))}, nil
}

func reveal(v secret.Value) *string { s := v.Reveal(); return &s }

// byHand asks a person to create what the plan gives no source for.
func (s *secretStep) byHand(call *step.Call) error {
	name, region := s.want.Secret, call.Site.Region
	detail := fmt.Sprintf("The plan names no source for it that the disaster left. Create it at site %q:\n  aws secretsmanager create-secret --region %s --name %s --secret-string file://VALUE", call.Site.Name, region, name)
	if len(s.want.Keys) > 0 {
		detail += "\nIts JSON keys: " + strings.Join(s.want.Keys, ", ")
	}
	if a, ok := call.Answers[Key]; ok {
		return &step.Error{Class: step.Permanent, Site: call.Site.Name, What: fmt.Sprintf("secret %s has no value, though %s answered %s", name, a.By, a.Decision), Next: detail}
	}
	return &step.Ask{Key: Key, Prompt: "Is secret " + name + " created?", Detail: detail}
}

// look tells what is at the site.
func (s *secretStep) look(ctx context.Context, api API, site *plan.Site) (state, error) {
	name := s.want.Secret
	d, err := api.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if notFound(err) {
		return state{}, nil
	}
	if err != nil {
		return state{}, awscloud.Explain(err, "secret "+name+" cannot be looked at", site)
	}
	if d.DeletedDate != nil {
		return state{there: true, dying: true}, nil
	}
	got, err := get(ctx, api, name)
	if notFound(err) {
		return state{there: true}, nil
	}
	if err != nil {
		return state{}, awscloud.Explain(err, "secret "+name+" cannot be read", site)
	}
	return state{there: true, valued: true, missing: got.lacks(s.want.Keys)}, nil
}

// read takes the secret from a source, when it has it whole.
func (s *secretStep) read(ctx context.Context, site *plan.Site) (value, error) {
	c, err := s.sites.At(ctx, site)
	if err != nil {
		return value{}, err
	}
	got, err := get(ctx, c.SecretsManager, s.want.Secret)
	if err != nil {
		return value{}, err
	}
	if lacks := got.lacks(s.want.Keys); len(lacks) > 0 {
		return value{}, &step.Error{
			Class: step.Permanent, Site: site.Name, What: fmt.Sprintf("secret %s lacks key %s", s.want.Secret, strings.Join(lacks, ", ")),
			Next: "Add the key at the source, or take it out of the plan's keys",
		}
	}
	return got, nil
}

func get(ctx context.Context, api API, name string) (value, error) {
	out, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return value{}, err
	}
	if out.SecretString == nil {
		return value{binary: out.SecretBinary}, nil
	}
	return value{text: secret.New(*out.SecretString)}, nil
}

// lacks are the keys that are not in the value, all of them when it is not a JSON object. The parser's words are not passed on:
// they would quote the value.
func (v value) lacks(keys []string) []string {
	var object map[string]json.RawMessage
	if len(keys) == 0 {
		return nil
	}
	_ = json.Unmarshal([]byte(v.text.Reveal()), &object) // what is no object has no key
	var out []string
	for _, k := range keys {
		if _, ok := object[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}

func notFound(err error) bool { return awscloud.Code(err) == "ResourceNotFoundException" }
