package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Human writes a report for people: by scenario, the worst first, each finding with its place once, and at the end what to fix first.
func Human(w io.Writer, r *check.Report, width int) error {
	p := &page{r: r, width: width, told: map[string]bool{}}
	if len(r.Findings) == 0 {
		p.line("Nothing was found.")
	}
	for _, s := range r.Scores {
		p.scenario(s)
	}
	p.ignored()
	p.first()
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page is a report being written.
type page struct {
	r     *check.Report
	width int
	b     strings.Builder
	told  map[string]bool // findings whose reasons were given
}

// line writes a text, wrapped.
func (p *page) line(text string) { p.indent(0, text) }

// group is the findings of one rule in a scenario.
type group struct {
	rule     *check.Rule
	severity check.Severity
	found    []check.Finding
}

// groups are the findings that match, by rule, the worst first.
func groups(found []check.Finding, severity func(check.Finding) check.Severity) []group {
	var out []group
	for _, f := range found {
		s := severity(f)
		if s == check.None {
			continue
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.rule.ID == f.Rule.ID })
		if i < 0 {
			i, out = len(out), append(out, group{rule: f.Rule})
		}
		out[i].severity = max(out[i].severity, s)
		out[i].found = append(out[i].found, f)
	}
	slices.SortStableFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(len(b.found), len(a.found)), strings.Compare(a.rule.ID, b.rule.ID))
	})
	return out
}

func (p *page) scenario(s check.Score) {
	gs := groups(p.r.Findings, func(f check.Finding) check.Severity { return f.In(s) })
	var titles []string
	for _, k := range s.Kinds {
		titles = append(titles, k.Title())
	}
	head := s.Name
	if p.r.Plan == nil {
		head = "Recovery"
	}
	p.line(fmt.Sprintf("%s (%s): %s, %s.", head, strings.Join(titles, " and "), s, findings(gs)))
	p.b.WriteByte('\n')
	for _, g := range gs {
		p.group(g)
	}
}

func findings(gs []group) string {
	n := map[check.Severity]int{}
	for _, g := range gs {
		n[g.severity] += len(g.found)
	}
	return fmt.Sprintf("%d high, %d medium, %d low findings", n[check.High], n[check.Medium], n[check.Low])
}

// shown bounds how many places of one rule are listed.
const shown = 8

func (p *page) group(g group) {
	p.indent(2, fmt.Sprintf("%s %s %s", g.severity, g.rule.ID, g.rule.Title))
	for i, f := range g.found {
		if i == shown {
			p.indent(6, fmt.Sprintf("and %s more: --rules %s --format json lists all", diag.Count(len(g.found)-shown, "place"), g.rule.ID))
			break
		}
		at := fmt.Sprintf("%s:%d", p.r.Path(f.At.File), f.At.Start.Line)
		if rest, ok := strings.CutPrefix(f.Title, g.rule.Title+": "); ok {
			at += "  " + rest
		} else if f.Title != g.rule.Title {
			at += "  " + f.Title
		} else if f.Address != "" {
			at += "  " + f.Address
		}
		p.indent(6, at)
	}
	if !p.told[g.rule.ID] {
		p.told[g.rule.ID] = true
		p.indent(4, "why: "+g.rule.Why)
		p.indent(4, "fix: "+g.found[0].Fix)
	}
	p.b.WriteByte('\n')
}

func (p *page) indent(n int, text string) {
	for _, l := range diag.Wrap("", text, max(20, p.width-n)) {
		p.b.WriteString(strings.TrimRight(strings.Repeat(" ", n)+l, " ") + "\n")
	}
}

func (p *page) ignored() {
	if n := len(p.r.Ignored); n > 0 {
		p.line(fmt.Sprintf("%s set aside by comments (lifeboat:ignore); --format json lists them.", diag.Count(n, "finding")))
		p.b.WriteByte('\n')
	}
}

// first says what to fix before anything else: the rules whose findings are worst, by how many steps they touch.
func (p *page) first() {
	gs := groups(p.r.Findings, func(f check.Finding) check.Severity { return f.Severity })
	if len(gs) == 0 {
		return
	}
	touched := func(g group) int {
		steps := map[string]bool{}
		for _, f := range g.found {
			steps[f.Stack] = true
			for _, s := range f.Steps {
				steps[s] = true
			}
		}
		return len(steps)
	}
	slices.SortStableFunc(gs, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(touched(b), touched(a)), cmp.Compare(len(b.found), len(a.found)))
	})
	gs = gs[:min(5, len(gs))]
	word := [...]string{"", "this one", "these two", "these three", "these four", "these five"}[len(gs)]
	p.line("Fix " + word + " and the plan can work:")
	fixable := 0
	for i, g := range gs {
		p.indent(2, fmt.Sprintf("%d. %s %s (%s)", i+1, g.rule.ID, g.rule.Title, diag.Count(len(g.found), "place")))
		for _, f := range g.found {
			if f.Patch != nil {
				fixable++
			}
		}
	}
	if fixable > 0 {
		p.line(fmt.Sprintf("`lifeboat check --fix` shows a patch for %d of them.", fixable))
	}
}
