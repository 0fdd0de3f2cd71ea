package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

func (p *page) people(d Document) {
	for _, c := range d.PlanChanges {
		p.line(0, fmt.Sprintf("plan changed in the middle of the run, accepted by %s: %s", c.By, strings.Join(c.Diff, "; ")))
	}
	for _, x := range d.Decisions {
		note := ""
		if x.Note != "" {
			note = ": " + x.Note
		}
		p.line(0, fmt.Sprintf("%s %s by %s at %s%s", x.Step, past(x.Decision), x.By, x.At.Format(time.RFC3339), note))
	}
	if len(d.Decisions)+len(d.PlanChanges) > 0 {
		p.b.WriteByte('\n')
	}
}

func past(decision string) string {
	return map[string]string{"approve": "approved", "confirm": "confirmed", "reject": "rejected"}[decision]
}

// todo says what waits for whom, and what would bring the run forward.
func (p *page) todo(d Document, s *journal.State, v View) {
	for _, g := range d.Waiting {
		p.line(0, fmt.Sprintf("%s waits for %s: %s", g.Step, orSomebody(g.Who), g.Prompt))
		for l := range strings.Lines(g.Detail) {
			p.line(4, l)
		}
		if g.Only {
			p.line(2, fmt.Sprintf("%s confirm %s %s --by %q   (or reject)", v.Call, d.Run, g.Step, g.Who))
			continue
		}
		if g.Typed {
			p.line(2, fmt.Sprintf("%s put %s %s   (or confirm, when it is there, or reject)", v.Call, d.Run, g.Step))
			continue
		}
		p.line(2, fmt.Sprintf("%s approve %s %s   (or confirm, or reject)", v.Call, d.Run, g.Step))
	}
	for _, x := range d.Duties {
		p.duty(x, d.Run, v)
	}
	if s.Over() {
		return
	}
	for _, x := range d.Steps {
		if x.Status == string(journal.StatusFailed) && x.Next != "" {
			p.line(0, x.ID+": "+x.Next)
		}
	}
	if d.Result != resultRunning {
		p.line(0, fmt.Sprintf("Go on with: %s resume %s", v.Call, d.Run))
	}
}

// duty says what stays to be done, after the run too.
func (p *page) duty(x Duty, run string, v View) {
	if x.Done != nil {
		p.line(0, fmt.Sprintf("%s: done by %s at %s: %s", x.Step, x.By, x.Done.Format(time.RFC3339), x.Text))
		return
	}
	p.line(0, fmt.Sprintf("STAYS TO BE DONE since %s by %s: %s", x.Since.Format(time.RFC3339), orSomebody(x.Who), x.Text))
	p.line(2, fmt.Sprintf("when it is: %s confirm %s %s --duty %s", v.Call, run, x.Step, x.Key))
}
