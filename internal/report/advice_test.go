package report_test

import (
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/report"
)

// Whatever a step advises, the reader can paste it: the run is named, and the plan's folder where it is another one.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Allow it, then run `lifeboat resume`":                                "Allow it, then run `lifeboat -C 'a $1' resume R-1`",
		"`lifeboat resume` goes on":                                           "`lifeboat -C 'a $1' resume R-1` goes on",
		"run `lifeboat resume --accept-plan-change`, or not":                  "run `lifeboat -C 'a $1' resume R-1 --accept-plan-change`, or not",
		"look at `lifeboat status`, then `lifeboat resume`":                   "look at `lifeboat -C 'a $1' status R-1`, then `lifeboat -C 'a $1' resume R-1`",
		"`lifeboat resume R-1` looks again":                                   "`lifeboat -C 'a $1' resume R-1` looks again",
		"If Ann is sure:\n  lifeboat confirm R-1 x/y --by \"Ann\"":            "If Ann is sure:\n  lifeboat -C 'a $1' confirm R-1 x/y --by \"Ann\"",
		"type it in with `lifeboat put R-1 secret/x`; then `lifeboat resume`": "type it in with `lifeboat -C 'a $1' put R-1 secret/x`; then `lifeboat -C 'a $1' resume R-1`",
		"Run `lifeboat protect` before the next disaster":                     "Run `lifeboat -C 'a $1' protect` before the next disaster",
		"Empty the table, then resume the run and approve":                    "Empty the table, then run `lifeboat -C 'a $1' resume R-1` and approve",
		"Resume the run to be asked again":                                    "Run `lifeboat -C 'a $1' resume R-1` to be asked again",
		"lifeboat is a boat":                                                  "lifeboat is a boat",
	} {
		got := report.Advice(text, "lifeboat -C 'a $1'", "R-1")
		if got != want {
			t.Errorf("%q became\n%q, not\n%q", text, got, want)
		}
		if again := report.Advice(got, "lifeboat -C 'a $1'", "R-1"); again != got {
			t.Errorf("said twice it became %q", again)
		}
	}
	if got := report.Advice("Renew them, then run `lifeboat resume`", "lifeboat", ""); got != "Renew them, then run the same command again" {
		t.Errorf("without a run: %q", got)
	}
}
