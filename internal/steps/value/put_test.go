package value_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
)

func (w world) typed(t *testing.T, x wish, text string, change func(*value.Typed)) (asked bool, err error) {
	t.Helper()
	in := value.Typed{Site: cloudtest.Standby(), Ask: func(context.Context) (secret.Value, error) {
		asked = true
		return secret.New(text), nil
	}}
	if change != nil {
		change(&in)
	}
	_, err = value.Put(t.Context(), w.Clients(nil), w.spec(x), in)
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a value is shown: %v", err)
	}
	return asked, err
}

// The promise: a typed-in value is at the site afterwards, and the step has nothing to do.
func TestPut(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		x := wish{}
		if w.kind == step.Secret {
			x.keys = []string{"user", "password"}
		}
		text := `{"password":"hunter2","user":"u"}`
		if _, err := w.typed(t, x, text, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := w.get(t); err != nil || got != text {
			t.Errorf("%q, %v", got, err)
		}
		if out, err := w.ensure(t, x, nil); err != nil || out.Changed {
			t.Errorf("%+v, %v", out, err)
		}
		// What is there is replaced only on demand, and members that are not given stay.
		var refused *value.RefusedError
		if asked, err := w.typed(t, x, text, nil); asked || !errors.As(err, &refused) || !strings.Contains(refused.Next, "--replace") {
			t.Errorf("asked %v, %v", asked, err)
		}
		replace := func(in *value.Typed) { in.Replace = true }
		if w.kind == step.Secret {
			w.put(t, cloudtest.Standby(), `{"more":"stays","user":"x"}`)
			text = `{"more":"stays","password":"hunter2","user":"u"}`
		}
		if _, err := w.typed(t, x, `{"password":"hunter2","user":"u"}`, replace); err != nil {
			t.Fatal(err)
		}
		if got, err := w.get(t); err != nil || got != text {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// The promise: what AWS or the code could not use is refused with its reason, and nothing is written.
func TestBadValuesAreRefused(t *testing.T) {
	t.Parallel()
	keys := wish{keys: []string{"user", "password"}}
	for name, tt := range map[string]struct {
		kind step.Kind
		x    wish
		text string
		want string
	}{
		"empty":                 {step.Secret, wish{}, " \n", "the value of secret pharmacy/db is empty"},
		"too long a secret":     {step.Secret, wish{}, strings.Repeat("a", 65537), "65537 bytes, more than the 65536"},
		"too long a parameter":  {step.Parameter, wish{}, strings.Repeat("a", 4097), "4097 bytes, more than the 4096"},
		"bytes":                 {step.Parameter, wish{}, "\xff", "is not text"},
		"no object":             {step.Secret, keys, "hunter2", "is not a JSON object"},
		"a key is missing":      {step.Secret, keys, `{"user":"hunter2"}`, "the value of secret pharmacy/db lacks key password"},
		"a key is empty":        {step.Secret, keys, `{"user":"hunter2","password":""}`, "key password of secret pharmacy/db is empty"},
		"nobody types it in":    {step.Secret, wish{generate: &plan.Generate{Length: 20}}, "hunter2", "is generated: nobody types it in"},
		"null is not an object": {step.Secret, keys, "null", "is not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world{cloudtest.New(t), tt.kind}
			var refused *value.RefusedError
			if _, err := w.typed(t, tt.x, tt.text, nil); !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || refused.Next == "" {
				t.Errorf("%v", err)
			}
			if got, err := w.get(t); err == nil {
				t.Errorf("it was written: %q", got)
			}
		})
	}
}

// The promise: credentials of another account are found out before a person is asked.
func TestPutVerifiesTheAccount(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		asked, err := w.typed(t, wish{}, "hunter2", func(in *value.Typed) { in.Site = &plan.Site{Name: "x", Account: "12", Region: "eu-west-1"} })
		if asked || err == nil {
			t.Errorf("asked %v, %v", asked, err)
		}
	})
}
