package source_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func app() (*plan.Plan, []plan.Source) {
	p := &plan.Plan{Sites: []*plan.Site{{Name: "a", Account: "111111111111", Region: "eu-west-1"}, {Name: "b", Account: "222222222222", Region: "eu-west-2"}}}
	return p, []plan.Source{{Site: "a"}, {Site: "b"}}
}

// The promise: a source that says nothing costs Patience, not the step's time, and the next one is asked.
func TestASilentSourceIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, from := app()
		got, site, err := source.First(t.Context(), p, from, "secret x", func(ctx context.Context, s *plan.Site) (string, error) {
			if s.Name == "a" {
				<-ctx.Done()
				return "", ctx.Err()
			}
			return "value", nil
		})
		if err != nil || got != "value" || site.Name != "b" {
			t.Errorf("%q, %v, %v", got, site, err)
		}
	})
}

// The promise: the error of all says what each answered, names the missing permission, and is worth a retry when any of them is.
func TestTheErrorOfAll(t *testing.T) {
	t.Parallel()
	p, from := app()
	denied := &step.Error{Class: step.Permanent, What: "denied", Action: "ssm:GetParameter", Next: "allow it"}
	down := &step.Error{Class: step.Transient, What: "down"}
	for name, tt := range map[string]struct {
		a, b  error
		class step.Class
	}{
		"one refused, one empty": {errors.New("empty"), denied, step.Permanent},
		"one refused, one down":  {denied, down, step.Transient},
	} {
		_, _, err := source.First(t.Context(), p, from, "parameter x", func(_ context.Context, s *plan.Site) (int, error) {
			if s.Name == "a" {
				return 0, tt.a
			}
			return 0, tt.b
		})
		var e *step.Error
		if !errors.As(err, &e) || e.Class != tt.class || !strings.Contains(e.Why, `site "a": `) || !strings.Contains(e.Why, `site "b": `) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.class == step.Permanent && e.Action != "ssm:GetParameter" {
			t.Errorf("%s: action %q", name, e.Action)
		}
	}
}

// The promise: when we are told to stop, no further source is asked.
func TestCancelledIsNoAnswer(t *testing.T) {
	t.Parallel()
	p, from := app()
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	_, _, err := source.First(ctx, p, from, "x", func(ctx context.Context, _ *plan.Site) (int, error) { asked++; cancel(); return 0, ctx.Err() })
	if asked != 1 || step.ClassOf(err) != step.Cancelled {
		t.Errorf("asked %d, %v", asked, err)
	}
}

// The promise: a value that names another site is pointed out; the site's own names are not.
func TestTraces(t *testing.T) {
	t.Parallel()
	p, _ := app()
	for value, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:111111111111:q": "", "q.eu-west-2.amazonaws.com": `region eu-west-2 of site "b"`, "222222222222": `account 222222222222 of site "b"`,
	} {
		if got := source.Traces(p, p.Sites[0], value); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", value, got)
		}
	}
}
