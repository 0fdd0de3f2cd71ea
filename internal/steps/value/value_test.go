package value_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
)

// What the tests' values are called. Every value that must not be shown has hunter2 in it.
const (
	secretName, parameterName = "pharmacy/db", "/pharmacy/endpoint"
	whole                     = `{"user":"u","password":"hunter2"}`
)

// world is a drill cloud with a value in it, of either kind.
type world struct {
	*cloudtest.Cloud
	kind step.Kind
}

func (w world) put(tb testing.TB, site *plan.Site, text string) {
	tb.Helper()
	c, ctx := w.Open(tb, site), tb.Context()
	var err error
	if w.kind == step.Parameter {
		_, err = c.SSM.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String(parameterName), Value: &text, Type: types.ParameterTypeSecureString, Overwrite: aws.Bool(true)})
	} else if _, err = c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String(secretName), SecretString: &text}); err != nil {
		_, err = c.SecretsManager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String(secretName), SecretString: &text})
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// get gives what is at the standby.
func (w world) get(tb testing.TB) (string, error) {
	tb.Helper()
	c := w.Open(tb, cloudtest.Standby())
	if w.kind == step.Parameter {
		out, err := c.SSM.GetParameter(tb.Context(), &ssm.GetParameterInput{Name: aws.String(parameterName), WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.Parameter.Value), nil
	}
	out, err := c.SecretsManager.GetSecretValue(tb.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretName)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.SecretString), nil
}

// now is the cloud's time: until then its clock has gone on since the last write.
func (w world) now(tb testing.TB) time.Time {
	tb.Helper()
	w.put(tb, &plan.Site{Name: "clock", Account: "444444444444", Region: "eu-west-1"}, "tick")
	return w.stamp(tb)
}

func (w world) stamp(tb testing.TB) time.Time {
	tb.Helper()
	c := w.Open(tb, &plan.Site{Name: "clock", Account: "444444444444", Region: "eu-west-1"})
	if w.kind == step.Parameter {
		out, err := c.SSM.GetParameter(tb.Context(), &ssm.GetParameterInput{Name: aws.String(parameterName)})
		if err != nil {
			tb.Fatal(err)
		}
		return *out.Parameter.LastModifiedDate
	}
	out, err := c.SecretsManager.GetSecretValue(tb.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretName)})
	if err != nil {
		tb.Fatal(err)
	}
	return *out.CreatedDate
}

// wish is what a test's plan says.
type wish struct {
	keys     []string
	from     []string
	generate *plan.Generate
	trust    step.Trust
}

func (w world) spec(x wish) step.Spec {
	var from []plan.Source
	for _, s := range x.from {
		from = append(from, plan.Source{Site: s})
	}
	if w.kind == step.Parameter {
		return step.Spec{ID: "parameter/x", Config: &step.ParameterConfig{Trust: x.trust, Parameter: &plan.Parameter{Parameter: parameterName, From: from, Generate: x.generate}}}
	}
	return step.Spec{ID: "secret/x", Config: &step.SecretConfig{Trust: x.trust, Secret: &plan.Secret{Secret: secretName, Keys: x.keys, From: from, Generate: x.generate}}}
}

func (w world) ensure(t *testing.T, x wish, change func(*step.Call)) (step.Outcome, error) {
	t.Helper()
	s, err := value.New(w.Clients(nil), cloudtest.Plan())(w.spec(x))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	if change != nil {
		change(&call)
	}
	out, err := s.Ensure(t.Context(), &call)
	if strings.Contains(out.Summary, "hunter2") || err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a value is shown: %s, %v", out.Summary, err)
	}
	return out, err
}

func both(t *testing.T, f func(*testing.T, world)) {
	t.Helper()
	for _, k := range []step.Kind{step.Secret, step.Parameter} {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			f(t, world{cloudtest.New(t), k})
		})
	}
}

func conforms(k step.Kind, x wish, setup func(testing.TB, world), good string) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
			tb.Helper()
			w := world{cloudtest.New(tb), k}
			setup(tb, w)
			return steptest.World{
				Step: func() (step.Step, error) { return value.New(w.Clients(f), cloudtest.Plan())(w.spec(x)) },
				Call: cloudtest.Call(tb, cloudtest.Standby()),
				Check: func() error {
					if got, err := w.get(tb); err != nil || !regexp.MustCompile(good).MatchString(got) {
						return fmt.Errorf("the value is %q, not %s: %w", got, good, errors.Join(err, errors.New("wrong")))
					}
					return nil
				},
			}
		}})
	}
}

// The promise: values keep the contract of steps, whether they are not there, about to be deleted, to be copied, generated or rotated.
func TestConformance(t *testing.T) {
	t.Parallel()
	keys, exactly := []string{"user", "password"}, "^"+regexp.QuoteMeta(whole)+"$"
	copied := wish{keys: keys, from: []string{"primary", "vault"}}
	inVault := func(tb testing.TB, w world) { tb.Helper(); w.put(tb, cloudtest.Vault(), whole) }
	late := step.Trust{Compromised: true, Until: time.Now().Add(1000 * time.Hour)}
	t.Run("absent", conforms(step.Secret, copied, inVault, exactly))
	t.Run("dying", conforms(step.Secret, copied, func(tb testing.TB, w world) {
		tb.Helper()
		w.put(tb, cloudtest.Standby(), whole)
		_, err := w.Open(tb, cloudtest.Standby()).SecretsManager.DeleteSecret(tb.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String(secretName)})
		if err != nil {
			tb.Fatal(err)
		}
	}, exactly))
	t.Run("dying with its key", conforms(step.Secret, copied, func(tb testing.TB, w world) {
		tb.Helper()
		c := w.Open(tb, cloudtest.Standby())
		k, err := c.KMS.CreateKey(tb.Context(), &kms.CreateKeyInput{})
		if err == nil {
			_, err = c.SecretsManager.CreateSecret(tb.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(secretName), SecretString: aws.String(whole), KmsKeyId: k.KeyMetadata.KeyId})
		}
		if err == nil {
			_, err = c.SecretsManager.DeleteSecret(tb.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String(secretName)})
		}
		if err == nil {
			_, err = c.KMS.ScheduleKeyDeletion(tb.Context(), &kms.ScheduleKeyDeletionInput{KeyId: k.KeyMetadata.KeyId})
		}
		if err != nil {
			tb.Fatal(err)
		}
	}, exactly))
	t.Run("without a value", conforms(step.Secret, copied, func(tb testing.TB, w world) {
		tb.Helper()
		inVault(tb, w)
		_, err := w.Open(tb, cloudtest.Standby()).SecretsManager.CreateSecret(tb.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(secretName)})
		if err != nil {
			tb.Fatal(err)
		}
	}, exactly))
	t.Run("an older version", conforms(step.Secret, wish{keys: keys, from: []string{"vault"}, trust: late}, inVault, exactly))
	t.Run("partly generated", conforms(step.Secret, wish{keys: keys, from: []string{"vault"}, trust: late, generate: &plan.Generate{Length: 20, Keys: []string{"password"}}},
		func(tb testing.TB, w world) { tb.Helper(); w.put(tb, cloudtest.Vault(), whole) }, `^{"password":"[A-Za-z0-9]{20}","user":"u"}$`))
	t.Run("rotated", conforms(step.Secret, wish{trust: late, generate: &plan.Generate{Length: 20}},
		func(tb testing.TB, w world) { tb.Helper(); w.put(tb, cloudtest.Standby(), "old") }, `^[A-Za-z0-9]{20}$`))
	t.Run("parameter", conforms(step.Parameter, wish{from: []string{"primary", "vault"}}, inVault, exactly))
	t.Run("parameter, generated", conforms(step.Parameter, wish{generate: &plan.Generate{Length: 20}}, func(testing.TB, world) {}, `^[A-Za-z0-9]{20}$`))
	t.Run("parameter, rotated", conforms(step.Parameter, wish{trust: late, generate: &plan.Generate{Length: 20}},
		func(tb testing.TB, w world) { tb.Helper(); w.put(tb, cloudtest.Standby(), "old") }, `^[A-Za-z0-9]{20}$`))
}

// The promise: a source that lacks a key is passed over for one that has it; the copy says where it came from.
func TestSourcesAreTriedInOrder(t *testing.T) {
	t.Parallel()
	w := world{cloudtest.New(t), step.Secret}
	w.put(t, cloudtest.Primary(), `{"user":"old"}`)
	w.put(t, cloudtest.Vault(), whole)
	out, err := w.ensure(t, wish{keys: []string{"user", "password"}, from: []string{"primary", "vault"}}, nil)
	if err != nil || !out.Changed || out.Summary != `secret pharmacy/db copied from site "vault"` {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: an error names the secret and the missing key, each source's answer, what to do, and no value.
func TestMissingKeysAreNamed(t *testing.T) {
	t.Parallel()
	w := world{cloudtest.New(t), step.Secret}
	w.put(t, cloudtest.Primary(), `{"user":"hunter2"}`)
	w.put(t, cloudtest.Vault(), `hunter2`)
	_, err := w.ensure(t, wish{keys: []string{"user", "password"}, from: []string{"primary", "vault"}}, nil)
	for _, s := range []string{"secret pharmacy/db", `Site "primary": secret pharmacy/db lacks key password`, `site "vault": secret pharmacy/db lacks key user, password`} {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("no %q in: %v", s, err)
		}
	}
}

// The promise: a value that is there is not overwritten, even when it lacks a key, or could be generated without a compromise.
func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		w.put(t, cloudtest.Vault(), whole)
		w.put(t, cloudtest.Standby(), `{"user":"newer"}`)
		if out, err := w.ensure(t, wish{from: []string{"vault"}, generate: &plan.Generate{Length: 20}}, nil); err != nil || out.Changed {
			t.Errorf("%+v, %v", out, err)
		}
		if w.kind == step.Secret {
			_, err := w.ensure(t, wish{keys: []string{"user", "password"}, from: []string{"vault"}}, nil)
			if err == nil || !strings.Contains(err.Error(), "lacks key password") || !strings.Contains(err.Error(), "lifeboat put run-1 kind/name --replace") {
				t.Errorf("%v", err)
			}
		}
		if got, err := w.get(t); err != nil || got != `{"user":"newer"}` {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// The promise: without a source a person is asked, told how to answer, and believed only when the value is there.
func TestByHand(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		var ask *step.Ask
		if _, err := w.ensure(t, wish{}, nil); !errors.As(err, &ask) || ask.Key != step.AskTyped || !strings.Contains(ask.Detail, "lifeboat put run-1 kind/name") || !strings.Contains(ask.Detail, "--region eu-west-1 --name ") {
			t.Fatalf("%v", err)
		}
		yes := func(c *step.Call) {
			c.Answers = map[string]step.Answer{step.AskTyped: {Decision: step.Confirm, By: "ann"}}
		}
		if _, err := w.ensure(t, wish{}, yes); err == nil || !strings.Contains(err.Error(), "though ann answered confirm") {
			t.Errorf("%v", err)
		}
		w.put(t, cloudtest.Standby(), whole)
		if out, err := w.ensure(t, wish{}, yes); err != nil || out.Changed {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// The promise: a copied value that names the lost site is pointed out, without showing it.
func TestTracesOfOtherSites(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		w.put(t, cloudtest.Vault(), `{"user":"hunter2","password":"db.eu-west-2.rds.amazonaws.com"}`)
		out, err := w.ensure(t, wish{from: []string{"vault"}}, nil)
		if err != nil || !strings.Contains(out.Summary, `names region eu-west-2 of site "primary"`) {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
