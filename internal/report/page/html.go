package page

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/report"
)

// text is HTML as it is written. Templates are not used: html/template keeps the linker from leaving out any exported method of any type,
// which makes the program 24 MB larger.
type text struct{ strings.Builder }

// put writes markup with values in it. Every value is escaped, so that it is text wherever it stands: between tags or in a quoted attribute. The
// format is markup of our own, with %s for each value.
func (t *text) put(markup string, values ...any) {
	escaped := make([]any, len(values))
	for i, v := range values {
		escaped[i] = html.EscapeString(fmt.Sprint(v))
	}
	_, _ = fmt.Fprintf(t, markup, escaped...) // a builder never fails
}

// some writes markup with a value in it, unless the value is empty.
func (t *text) some(markup, value string) {
	if value != "" {
		t.put(markup, value)
	}
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (t *text) head(p page) {
	simulated := ""
	if p.Simulated {
		simulated = " (simulated)"
	}
	t.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s%s: %s, %s</title>
<style>
`, p.Result, simulated, p.Application, p.Scenario)
	t.WriteString(style)
	late := ""
	if p.Tone == "late" {
		late = ", late"
	}
	t.put("</style>\n</head>\n<body>\n<main>\n<header class=\"%s\">\n<p class=\"label %s\"><strong>%s</strong>", p.Tone, p.Label, p.Label)
	t.some(" %s", p.Proof)
	t.put("</p>\n<h1>%s%s</h1>\n", p.Result, late)
	t.some("<p class=\"text\">%s</p>\n", p.Reason)
	t.put("<dl class=\"facts\">\n<div><dt>Application</dt><dd>%s</dd></div>\n<div><dt>Scenario</dt><dd>%s</dd></div>\n", p.Application, p.Scenario)
	t.put("<div><dt>Recovered to</dt><dd>%s</dd></div>\n<div><dt>Began</dt><dd>%s</dd></div>\n", p.Site, utc(p.StartedAt))
	name, when := "As of", p.AsOf
	if p.FinishedAt != nil {
		name, when = "Stopped", *p.FinishedAt
		if p.Over {
			name = "Ended"
		}
	}
	t.put("<div><dt>%s</dt><dd>%s</dd></div>\n<div class=\"wide\"><dt>Run</dt><dd>%s</dd></div>\n</dl>\n</header>\n", name, utc(when), p.Run)
}

// tile is one figure of the objectives.
func (t *text) tile(name, value string) {
	t.put("<div><dt>%s</dt><dd>%s</dd></div>\n", name, value)
}

func (t *text) objectives(p page) {
	answers, until := "", ""
	if p.Objectives.ConsumersWork != nil {
		answers, until = ": application answers", "; consumers work once each has its key, has confirmed it and has called"
	}
	objective := "none in the plan"
	if o := p.Objectives.RecoveryTime.ObjectiveS; o != nil {
		objective = report.Duration(*o)
	}
	t.put("<section>\n<h2>Objectives</h2>\n<dl class=\"tiles\">\n")
	t.tile("Recovery time"+answers, p.Measured)
	t.tile("Objective", objective)
	if p.Against != "" {
		compared := "So far"
		if p.Objectives.RecoveryTime.MeasuredS != nil {
			compared = "Compared"
		}
		t.tile(compared, p.Against)
	}
	if p.Point != "" {
		t.tile("Recovery point", p.Point)
	}
	if c := p.Objectives.ConsumersWork; c != nil {
		after := "not reached"
		if c.MeasuredS != nil {
			after = "after " + report.Duration(*c.MeasuredS)
		}
		t.tile("Consumers work", after)
	}
	t.put("</dl>\n<p class=\"quiet\">Measured %s (%s) until the last proof held%s; waits for people count.</p>\n</section>\n", p.Clock, utc(p.Objectives.RecoveryTime.From), until)
}

func (t *text) owed(p page) {
	if len(p.Owed) == 0 {
		return
	}
	t.put("<section>\n<h2>Stays to be done <small>%s</small></h2>\n", len(p.Owed))
	for _, d := range p.Owed {
		t.put("<article class=\"ask\">\n<h3>%s", d.Step)
		t.some(": %s", d.Who)
		t.put("</h3>\n<p class=\"text\">%s</p>\n<p>Since %s. When it is done:</p>\n<pre>lifeboat confirm %s %s --duty %s</pre>\n</article>\n", d.Text, utc(d.Since), p.Run, d.Step, d.Key)
	}
	t.put("</section>\n")
}

func (t *text) open(p page) {
	stands := !p.Over && p.Result != "running"
	if len(p.Waiting) == 0 && len(p.Failed) == 0 && !stands {
		return
	}
	title := "What to do"
	if p.Over {
		title = "What failed"
	}
	t.put("<section>\n<h2>%s</h2>\n", title)
	for _, g := range p.Waiting {
		t.gate(p.Run, g)
	}
	t.items(p.Failed)
	if stands {
		t.put("<p>To go on:</p>\n<pre>lifeboat resume %s</pre>\n", p.Run)
	}
	t.put("</section>\n")
}

func (t *text) gate(run string, g report.Gate) {
	who := g.Who
	if who == "" {
		who = "a person"
	}
	t.put("<article class=\"ask\">\n<h3>%s waits for %s</h3>\n<p class=\"text\">%s</p>\n", g.Step, who, g.Prompt)
	t.some("<pre>%s</pre>\n", g.Detail)
	t.put("<p>Since %s. To answer, after a look at it:</p>\n", utc(g.Since))
	switch {
	case g.Only:
		t.put("<pre>lifeboat confirm %s %s --by \"%s\"</pre>\n<p class=\"quiet\">when they have said so; or reject, in place of confirm</p>\n", run, g.Step, g.Who)
	case g.Typed:
		t.put("<pre>lifeboat put %s %s</pre>\n<p class=\"quiet\">or confirm, when the value is there, or reject</p>\n", run, g.Step)
	default:
		t.put("<pre>lifeboat approve %s %s</pre>\n<p class=\"quiet\">or confirm, or reject, in place of approve</p>\n", run, g.Step)
	}
	t.put("</article>\n")
}
