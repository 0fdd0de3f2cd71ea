package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/apikey"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

func conforms(setup func(testing.TB, *world)) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
			tb.Helper()
			w := newWorld(tb)
			setup(tb, w)
			return steptest.World{
				Step: func() (step.Step, error) { return w.make(f, apikey.New) }, Call: w.call,
				Check: func() error {
					if n := len(w.keys(tb)); n > 2 {
						return fmt.Errorf("%d keys", n)
					}
					return w.works(context.WithoutCancel(tb.Context()))
				},
			}
		}})
	}
}

// The promise: api_key keeps the contract of steps, with a kept value, after a compromise, and with all ways to the consumer.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("kept", conforms(func(tb testing.TB, w *world) {
		tb.Helper()
		w.remember(tb, map[string]string{"Website": value})
		w.hook(tb)
	}))
	t.Run("compromised", conforms(func(tb testing.TB, w *world) {
		tb.Helper()
		w.cfg.Trust.Compromised, w.cfg.Consumer.Shared = true, "web/key"
		w.there(tb, name, "old-"+value, true, true)
		w.remember(tb, map[string]string{"Website": "old-" + value})
	}))
}

// The promise: after a region loss the consumer's value is imported, and the letter says all that the consumer needs.
func TestSameValueAfterARegionLoss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remember(t, map[string]string{"Website": value, "Other": "x"})
	out, err := w.ensure(t)
	if err != nil || !out.Changed || len(out.Duties) != 0 || out.Summary != "Website has its key again, with the same value; web@example.org confirmed it" {
		t.Fatalf("%+v, %v", out, err)
	}
	k := w.keys(t)[0]
	if *k.Value != value || *k.Name != name || !k.Enabled || out.Outputs["key_id"].String() != *k.Id {
		t.Errorf("%+v, outputs %v", k, out.Outputs)
	}
	text, key, err := w.letter()
	if err != nil || key != value || !strings.Contains(text, "Address: "+out.Outputs["url"].String()) || !strings.Contains(text, "pharmacy") {
		t.Errorf("%s, %v", text, err)
	}
	if err := w.works(t.Context()); err != nil {
		t.Error(err)
	}
	if p := w.probe(t); p.Status != step.Done || p.Outputs["url"].String() == "" {
		t.Errorf("%+v", p)
	}
	if got := w.remembered(t); got["Website"] != value || got["Other"] != "x" {
		t.Errorf("the vault has %v", got)
	}
}

// The promise: after a compromise the value is new though the vault keeps one, the vault gets the new one beside what else it keeps, and an
// older key of the name stops working.
func TestNewValueAfterACompromise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Trust.Compromised = true
	w.remember(t, map[string]string{"Website": value, "Other": "x"})
	w.there(t, name, value, true, true)
	if p := w.probe(t); p.Status != step.Needed {
		t.Errorf("%+v", p)
	}
	out, err := w.ensure(t)
	if err != nil || len(out.Duties) != 0 || !strings.Contains(out.Summary, "a new key, because of the compromise; older keys of its name are disabled") {
		t.Fatalf("%+v, %v", out, err)
	}
	_, key, err := w.letter()
	if err != nil || key == value || len(key) < 40 {
		t.Errorf("%q, %v", key, err)
	}
	if err := w.works(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.calls(t.Context(), value); err == nil {
		t.Error("the intruder's key still works")
	}
	if got := w.remembered(t); got["Website"] != key || got["Other"] != "x" {
		t.Errorf("the vault has %v", got)
	}
}

// The promise: a vault that takes nothing does not keep the consumer from its key; what is left to do is a duty, told once.
func TestVaultThatTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Trust.Compromised = true
	for range 2 {
		out, err := w.ensure(t)
		if err != nil || len(out.Duties) != 1 || out.Duties[0].Who != "team@example.org" || !strings.Contains(out.Duties[0].Text, `secret pharmacy/consumer-keys at site "vault"`) {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	// Cut off after the confirmation, the duty is told by the probe; on a machine that does not know it, the step looks again.
	if p := w.probe(t); p.Status != step.Done || len(p.Duties) != 1 {
		t.Errorf("%+v", p)
	}
	w.call.Dir = t.TempDir()
	if p := w.probe(t); p.Status != step.Needed {
		t.Errorf("%+v", p)
	}
	w = newWorld(t)
	w.cfg.Key.From = nil // the disaster took the vault
	if out, err := w.ensure(t); err != nil || len(out.Duties) != 1 || !strings.Contains(out.Summary, "no value was kept") {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: what cannot be known is no reason for a new value: a vault that does not answer, or that cannot be read, stops the step.
func TestVaultThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must[*secretsmanager.CreateSecretOutput](t)(w.cloud.Open(t, cloudtest.Vault()).SecretsManager.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(vault), SecretString: aws.String("canary")}))
	if _, err := w.ensure(t); err == nil || !strings.Contains(err.Error(), "is no JSON object") || len(w.keys(t)) != 0 {
		t.Errorf("%v", err)
	}
}

// The promise: a kept value of a wrong length is refused before anything is made, and told without being shown.
func TestWrongLength(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"canary0123456789123", strings.Repeat("canary", 22)} {
		w := newWorld(t)
		w.remember(t, map[string]string{"Website": v})
		if _, err := w.ensure(t); err == nil || !strings.Contains(err.Error(), fmt.Sprintf(`the kept key of consumer "Website" has %d characters`, len(v))) || !strings.Contains(err.Error(), "20 to 128") || len(w.keys(t)) != 0 {
			t.Errorf("%v", err)
		}
	}
}

// The promise: a value that another key has is told with that key's name and what to do; the key is left as it is.
func TestTakenValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remember(t, map[string]string{"Website": value})
	id := w.there(t, "by-hand", value, true, false)
	_, err := w.ensure(t)
	if step.ClassOf(err) != step.Permanent || !strings.Contains(err.Error(), "ConflictException") || !strings.Contains(err.Error(), `API key "by-hand" (`+id+") has the same value") ||
		!strings.Contains(err.Error(), "value="+name) {
		t.Errorf("%v", err)
	}
}

// The promise: in place a key that is there, enabled and in its plan needs nothing; one that lacks something gets only that, and keeps its value.
func TestOnlyIfNeededInPlace(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ enabled, planned bool }{"whole": {true, true}, "disabled": {false, true}, "not in the plan": {true, false}} {
		w := newWorld(t)
		w.spec.IfNeeded, w.call.Answers = true, nil
		w.remember(t, map[string]string{"Website": "another-" + value})
		id := w.there(t, name, value, c.enabled, c.planned)
		if p := w.probe(t); (p.Status == step.Done) != (what == "whole") || p.Status == step.Done && p.Outputs["key_id"].String() != id {
			t.Errorf("%s: %+v", what, p)
		}
		if what == "whole" {
			continue
		}
		var ask *step.Ask
		if _, err := w.ensure(t); !errors.As(err, &ask) {
			t.Errorf("%s: %v", what, err)
		}
		if _, key, err := w.letter(); err != nil || key != value || len(w.keys(t)) != 1 || w.works(t.Context()) != nil {
			t.Errorf("%s: %q, %v", what, key, err)
		}
	}
}

// The promise: the question names the file and the only person who may answer; asked again, nothing is made or sent a second time.
func TestQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call.Answers = nil
	w.hook(t)
	var before []byte
	for range 3 {
		var ask *step.Ask
		if _, err := w.ensure(t); !errors.As(err, &ask) || ask.Key != step.AskReceived || ask.Who != contact || !ask.Only || ask.Again {
			t.Fatalf("%+v", err)
		}
		if !strings.Contains(ask.Detail, filepath.Join(w.deps.Dir, "handover", "consumers-website.age")) || !strings.Contains(ask.Detail, `--by "web@example.org"`) || strings.Contains(ask.Detail, "/hook") {
			t.Errorf("%s", ask.Detail)
		}
		b := must[[]byte](t)(os.ReadFile(filepath.Join(w.deps.Dir, "handover", "consumers-website.age")))
		if before != nil && string(b) != string(before) {
			t.Error("the letter was written again")
		}
		before = b
	}
	if w.posts != 1 || len(w.keys(t)) != 1 {
		t.Errorf("%d posts, %d keys", w.posts, len(w.keys(t)))
	}
	if p := w.probe(t); p.Status != step.Needed || !strings.Contains(p.Reason, "has not confirmed") {
		t.Errorf("%+v", p)
	}
	other, _ := newWorld(t).own, 0
	w.cfg.Consumer.AgeRecipient = other.Recipient().String() // the plan was corrected
	_, _ = w.ensure(t)
	if b := must[[]byte](t)(os.ReadFile(filepath.Join(w.deps.Dir, "handover", "consumers-website.age"))); string(b) == string(before) || w.posts != 2 {
		t.Error("nothing was sent to the new recipient")
	}
}

// The promise: a shared secret holds exactly the value, is made once and renewed later.
func TestSharedSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Consumer.Shared, w.cfg.Consumer.AgeRecipient = "web/key", ""
	w.remember(t, map[string]string{"Website": value})
	read := func() string {
		return *must[*secretsmanager.GetSecretValueOutput](t)(w.cloud.Open(t, cloudtest.Standby()).SecretsManager.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("web/key")})).SecretString
	}
	if out, err := w.ensure(t); err != nil || !out.Changed || read() != value {
		t.Fatalf("%+v, %v", out, err)
	}
	w.cfg.Trust.Compromised = true
	w.call.Run = "run-2"
	if _, err := w.ensure(t); err != nil || read() == value || w.calls(t.Context(), read()) != nil {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(w.deps.Dir, "handover")); err == nil {
		t.Error("a file was written for a consumer without a recipient")
	}
}

// The promise: a key that Terraform made is handed over as it is; one older than the compromise, or disabled, is refused.
func TestTerraformsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.there(t, "terraforms", value, true, true)
	w.cfg.Key.UsagePlan, w.cfg.Key.Secret, w.cfg.Key.From, w.cfg.Key.KeyID = nil, "", nil, cloudtest.Text(id)
	out, err := w.ensure(t)
	if _, key, lerr := w.letter(); err != nil || lerr != nil || key != value || out.Outputs["key_id"].String() != id || len(w.keys(t)) != 1 {
		t.Errorf("%+v, %v, %v", out, err, lerr)
	}
	w.cfg.Trust.Compromised, w.call.Disaster = true, time.Now().Add(48*time.Hour)
	if _, err := w.ensure(t); err == nil || !strings.Contains(err.Error(), "older than the compromise") {
		t.Errorf("%v", err)
	}
	w.cfg.Trust.Compromised, w.call.Answers, w.spec.IfNeeded = false, nil, true
	for at, want := range map[time.Time]step.Status{{}: step.Unknown, time.Now().Add(48 * time.Hour): step.Done, time.Now().Add(-time.Hour): step.Needed} {
		w.call.Disaster = at
		if p := w.probe(t); p.Status != want {
			t.Errorf("disaster %v: %+v", at, p)
		}
	}
	off := w.there(t, "off", "off-"+value, false, true)
	w.cfg.Key.KeyID = cloudtest.Text(off)
	if _, err := w.ensure(t); err == nil || !strings.Contains(err.Error(), "is disabled") {
		t.Errorf("%v", err)
	}
}
