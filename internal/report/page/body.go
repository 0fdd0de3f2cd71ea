package page

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/report"
)

func (t *text) timeline(p page) {
	t.put("<section>\n<h2>Timeline</h2>\n")
	if len(p.Timeline.Rows) == 0 {
		t.put("<p>No step was begun.</p>\n</section>\n")
		return
	}
	t.put("<p class=\"legend\">")
	for i, k := range [][2]string{{"work", "work"}, {"lost", "failed or cut off"}, {"pause", "pause before a retry"}, {"wait", "wait for a person"}} {
		if i > 0 {
			t.put("\n")
		}
		t.put(`<span><svg class="key"><rect class="%s" width="100%%" height="100%%"/></svg>%s</span>`, k[0], k[1])
	}
	t.put("\n<span><svg class=\"key\"><rect class=\"critical\" y=\"6\" width=\"100%%\" height=\"4\"/></svg>critical path</span></p>\n")
	t.put("<ol class=\"timeline\">\n<li class=\"axis\" aria-hidden=\"true\"><div class=\"lane\"><svg>\n")
	for _, x := range p.Timeline.Ticks {
		t.put("<text x=\"%s%%\" y=\"12\" text-anchor=\"%s\">%s</text>\n", x.X, x.Anchor(), x.Text)
	}
	for _, x := range p.Timeline.Flags {
		t.put("<text class=\"flag\" x=\"%s%%\" y=\"29\" text-anchor=\"%s\">%s</text>\n", x.X, x.Anchor(), x.Letter)
	}
	t.put("</svg></div></li>\n")
	for _, r := range p.Timeline.Rows {
		t.row(p.Timeline, r)
	}
	t.put("</ol>\n")
	if len(p.Timeline.Flags) > 0 {
		t.put("<ul class=\"flags\">")
		for _, x := range p.Timeline.Flags {
			t.put("<li><b>%s</b> %s</li>", x.Letter, x.Text)
		}
		t.put("</ul>\n")
	}
	if len(p.CriticalPath) > 0 {
		t.put("<p>Critical path, which made the recovery take as long as it did: <span class=\"path\">%s</span></p>\n", strings.Join(p.CriticalPath, " → "))
	}
	t.put("<p class=\"quiet\">A look before a step begins, such as a Terraform plan, has no bar.")
	if p.Timeline.Left > 0 {
		t.put(" Nor has what was not begun (%s of %s steps); it is listed below.", p.Timeline.Left, len(p.Steps))
	}
	t.put("</p>\n</section>\n")
}

func (t *text) row(all timeline, r row) {
	critical := ""
	if r.Critical {
		critical = ` class="critical"`
	}
	t.WriteString("<li" + critical + ">\n")
	t.put("<a href=\"#%s\">%s</a>\n<span class=\"took\">%s</span>\n<div class=\"lane\"><svg role=\"img\" aria-label=\"%s\">\n", r.Anchor, r.ID, r.Took, r.Text)
	for _, x := range all.Ticks {
		t.put("<line class=\"tick\" x1=\"%s%%\" x2=\"%s%%\" y2=\"100%%\"/>", x.X, x.X)
	}
	t.put("\n")
	for _, x := range all.Flags {
		t.put("<line class=\"flag\" x1=\"%s%%\" x2=\"%s%%\" y2=\"100%%\"/>", x.X, x.X)
	}
	t.put("\n")
	for _, b := range r.Bars {
		t.put("<rect class=\"%s\" x=\"%s%%\" y=\"50%%\" width=\"%s%%\" height=\"12\" transform=\"translate(0 -7)\"><title>%s</title></rect>\n", b.Class, b.X, b.Width, b.Text)
	}
	if r.Critical {
		t.put("<rect class=\"critical\" x=\"%s%%\" y=\"50%%\" width=\"%s%%\" height=\"3\" transform=\"translate(0 7)\"/>\n", r.From, r.Width)
	}
	t.put("</svg></div>\n</li>\n")
}

func (t *text) groups(p page) {
	for _, g := range p.Groups {
		if len(g.Steps) > 0 {
			t.put("<section>\n<h2>%s <small>%s</small></h2>\n", g.Title, len(g.Steps))
			t.items(g.Steps)
			t.put("</section>\n")
		}
	}
}

func (t *text) items(list []item) {
	for _, x := range list {
		t.put("<article id=\"%s\" class=\"step %s\">\n<div>\n<h3>%s</h3>\n<p class=\"quiet\"><b>%s</b>", x.Anchor, x.Status, x.ID, x.Status)
		if x.Optional {
			t.put(", optional")
		}
		if x.StartedAt != nil {
			t.put(", %s", report.Duration(x.DurationS))
		}
		if x.Retried() {
			t.put(", attempt %s", x.Attempts)
		}
		t.put("</p>\n</div>\n<div>\n")
		t.some("<p class=\"quiet\">%s</p>\n", x.Title)
		t.some("<p class=\"text\">%s</p>\n", x.Reason)
		for _, e := range x.Earlier {
			t.put("<p class=\"text quiet\">An attempt before failed: %s</p>\n", e)
		}
		t.some("<p class=\"text next\"><b>Next:</b> %s</p>\n", x.Next)
		t.put("</div>\n</article>\n")
	}
}

func (t *text) people(p page) {
	t.put("<section>\n<h2>People</h2>\n")
	for _, d := range p.Decisions {
		past := strings.TrimSuffix(d.Decision, "e") + "ed" // approve, confirm, reject
		t.put("<article>\n<h3>%s: %s by %s</h3>\n<p class=\"text\">%s</p>\n", d.Step, past, d.By, d.Prompt)
		t.some("<p class=\"text\">“%s”</p>\n", d.Note)
		t.put("<p class=\"quiet\">%s</p>\n</article>\n", utc(d.At))
	}
	if len(p.Decisions) == 0 {
		t.put("<p>Nobody was asked for a decision.</p>\n")
	}
	for _, d := range p.Duties {
		if d.Done == nil {
			continue
		}
		t.put("<article>\n<h3>%s: done by %s</h3>\n<p class=\"text\">%s</p>\n", d.Step, d.By, d.Text)
		t.some("<p class=\"text\">“%s”</p>\n", d.Note)
		t.put("<p class=\"quiet\">%s</p>\n</article>\n", utc(*d.Done))
	}
	for _, c := range p.PlanChanges {
		t.put("<article>\n<h3>Plan changed in the middle of the run, accepted by %s</h3>\n<ul>", c.By)
		for _, x := range c.Diff {
			t.put("<li>%s</li>", x)
		}
		t.put("</ul>\n<p class=\"hash\">%s → %s</p>\n</article>\n", c.From, c.To)
	}
	t.put("<p>Worked on by ")
	for i, o := range p.Operators {
		if i > 0 {
			t.put(", then ")
		}
		t.put("%s on %s", o.User, o.Host)
	}
	t.put(".</p>\n</section>\n")
}

func (t *text) identity(p page) {
	version := p.Version
	if version == "" {
		version = "of no version"
	}
	t.put("<section>\n<h2>Identity</h2>\n<dl class=\"identity\">\n<div><dt>Plan</dt><dd class=\"hash\">%s</dd></div>\n<div><dt>Journal head</dt><dd class=\"hash\">%s</dd></div>\n", p.PlanHash, p.Journal.HeadHash)
	t.put("<div><dt>Journal</dt><dd>%s events</dd></div>\n<div><dt>Lifeboat</dt><dd>%s</dd></div>\n</dl>\n", p.Journal.Events, version)
	t.put("<p class=\"quiet\">The journal is the truth about the run; each of its entries names the hash of the one before. A report with another head is of another journal.</p>\n</section>\n</main>\n</body>\n</html>\n")
}
