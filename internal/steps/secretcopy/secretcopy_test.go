package secretcopy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/secretcopy"
)

const name, value = "pharmacy/db", `{"user":"u","password":"hunter2"}`

func want() *plan.Secret {
	return &plan.Secret{Secret: name, Keys: []string{"user", "password"}, From: []plan.Source{{Site: "primary"}, {Site: "vault"}}}
}

func put(tb testing.TB, c *cloudtest.Cloud, site *plan.Site, text string) {
	tb.Helper()
	_, err := c.Open(tb, site).SecretsManager.CreateSecret(tb.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(name), SecretString: &text})
	if err != nil {
		tb.Fatal(err)
	}
}

func get(ctx context.Context, tb testing.TB, c *cloudtest.Cloud) (string, error) {
	tb.Helper()
	out, err := c.Open(tb, cloudtest.Standby()).SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(name)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.SecretString), nil
}

func ensure(t *testing.T, c *cloudtest.Cloud, w *plan.Secret, answers map[string]step.Answer) (step.Outcome, error) {
	t.Helper()
	s, err := secretcopy.New(c.Clients(nil), cloudtest.Plan())(step.Spec{ID: "secret/db", Config: &step.SecretConfig{Secret: w}})
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	call.Answers = answers
	return s.Ensure(t.Context(), &call)
}

func conforms(setup func(testing.TB, *cloudtest.Cloud)) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
			tb.Helper()
			c := cloudtest.New(tb)
			put(tb, c, cloudtest.Vault(), value)
			setup(tb, c)
			return steptest.World{
				Step: func() (step.Step, error) {
					return secretcopy.New(c.Clients(f), cloudtest.Plan())(step.Spec{ID: "secret/db", Config: &step.SecretConfig{Secret: want()}})
				},
				Call: cloudtest.Call(tb, cloudtest.Standby()),
				Check: func() error {
					if got, err := get(tb.Context(), tb, c); err != nil || got != value {
						return fmt.Errorf("the value is %q: %w", got, errors.Join(err, errors.New("not the vault's")))
					}
					return nil
				},
			}
		}})
	}
}

// The promise: secret keeps the contract of steps, whether the secret is not there or about to be deleted.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("absent", conforms(func(testing.TB, *cloudtest.Cloud) {}))
	t.Run("dying", conforms(func(tb testing.TB, c *cloudtest.Cloud) {
		tb.Helper()
		put(tb, c, cloudtest.Standby(), value)
		_, err := c.Open(tb, cloudtest.Standby()).SecretsManager.DeleteSecret(tb.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String(name)})
		if err != nil {
			tb.Fatal(err)
		}
	}))
	t.Run("without a value", conforms(func(tb testing.TB, c *cloudtest.Cloud) {
		tb.Helper()
		_, err := c.Open(tb, cloudtest.Standby()).SecretsManager.CreateSecret(tb.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(name)})
		if err != nil {
			tb.Fatal(err)
		}
	}))
}

// The promise: a source that lacks a key is passed over for one that has it; the copy says where it came from.
func TestSourcesAreTriedInOrder(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	put(t, c, cloudtest.Primary(), `{"user":"old"}`)
	put(t, c, cloudtest.Vault(), value)
	out, err := ensure(t, c, want(), nil)
	if err != nil || !out.Changed || out.Summary != `secret pharmacy/db copied from site "vault"` {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: an error names the secret and the missing key, each source's answer, and no value.
func TestMissingKeysAreNamed(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	put(t, c, cloudtest.Primary(), `{"user":"hunter2"}`)
	put(t, c, cloudtest.Vault(), `hunter2`)
	_, err := ensure(t, c, want(), nil)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("%v", err)
	}
	for _, s := range []string{"secret pharmacy/db", `Site "primary": secret pharmacy/db lacks key password`, `site "vault": secret pharmacy/db lacks key user, password`} {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("no %q in: %v", s, err)
		}
	}
}

// The promise: a value that is there is never overwritten, even when it lacks a key.
func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	put(t, c, cloudtest.Vault(), value)
	put(t, c, cloudtest.Standby(), `{"user":"newer"}`)
	if _, err := ensure(t, c, want(), nil); err == nil || !strings.Contains(err.Error(), "lacks key password") || !strings.Contains(err.Error(), "lifeboat resume") {
		t.Errorf("%v", err)
	}
	if got, err := get(t.Context(), t, c); err != nil || got != `{"user":"newer"}` {
		t.Errorf("%q, %v", got, err)
	}
}

// The promise: without a source a person is asked, and believed only when the secret is there.
func TestByHand(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	w := want()
	w.From = nil
	var ask *step.Ask
	if _, err := ensure(t, c, w, nil); !errors.As(err, &ask) || !strings.Contains(ask.Detail, "--region eu-west-1 --name pharmacy/db") {
		t.Fatalf("%v", err)
	}
	yes := map[string]step.Answer{secretcopy.Key: {Decision: step.Confirm, By: "ann"}}
	if _, err := ensure(t, c, w, yes); err == nil || !strings.Contains(err.Error(), "though ann answered confirm") {
		t.Errorf("%v", err)
	}
	put(t, c, cloudtest.Standby(), value)
	if out, err := ensure(t, c, w, yes); err != nil || out.Changed {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: a copied value that names the lost site is pointed out, without showing it.
func TestTracesOfOtherSites(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	put(t, c, cloudtest.Vault(), `{"user":"hunter2","password":"db.eu-west-2.rds.amazonaws.com"}`)
	out, err := ensure(t, c, want(), nil)
	if err != nil || !strings.Contains(out.Summary, `names region eu-west-2 of site "primary"`) || strings.Contains(out.Summary, "hunter2") {
		t.Errorf("%+v, %v", out, err)
	}
}
