package view

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/procedure"
)

// DOT writes the graph in Graphviz's language.
func DOT(w io.Writer, p *procedure.Procedure) error {
	var b strings.Builder
	d := Of(p)
	fmt.Fprintf(&b, "digraph %q {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n", d.Scenario)
	for _, s := range d.Steps {
		var attrs []string
		if s.Optional {
			attrs = append(attrs, "style=dashed")
		}
		if s.WaitsFor != "" {
			attrs = append(attrs, "shape=octagon")
		}
		if s.Critical {
			attrs = append(attrs, "color=crimson", "penwidth=2")
		}
		if s.LeftOut {
			attrs = append(attrs, "fontcolor=gray")
		}
		fmt.Fprintf(&b, "  %q [%s];\n", s.ID, strings.Join(attrs, ", "))
	}
	direct := p.Direct()
	for _, s := range d.Steps {
		for _, n := range direct[s.ID] {
			fmt.Fprintf(&b, "  %q -> %q;\n", n, s.ID)
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// The picture's measures, in pixels.
const (
	boxWidth, boxHeight = 220, 44
	gapX, gapY, margin  = 60, 18, 24
)

// SVG writes a picture of the graph: a column a wave, the critical path in red, optional steps dashed, gates rounded.
func SVG(w io.Writer, p *procedure.Procedure) error {
	var b strings.Builder
	d := Of(p)
	rows := 0
	type point struct{ x, y int }
	at := map[string]point{}
	for x, wave := range d.Waves {
		rows = max(rows, len(wave))
		for y, id := range wave {
			at[id] = point{margin + x*(boxWidth+gapX), margin + 40 + y*(boxHeight+gapY)}
		}
	}
	width := 2*margin + len(d.Waves)*(boxWidth+gapX) - gapX
	height := 2*margin + 40 + rows*(boxHeight+gapY) - gapY
	title := fmt.Sprintf("%s: %s, recover to %s (%s, %s)", d.Application, d.Scenario, d.Site.Name, d.Site.Account, d.Site.Region)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label=%q>`+"\n", width, height, width, height, html.EscapeString(title))
	b.WriteString(`<style>.b{fill:#fff;stroke:#556}.e{fill:none;stroke:#99a}.c{stroke:#b3123c;stroke-width:2}.o{stroke-dasharray:5 3}.s{fill:#667;font-size:11px}</style>` + "\n")
	fmt.Fprintf(&b, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fafafa\"/>\n<text x=\"%d\" y=\"%d\" font-weight=\"600\">%s</text>\n", margin, margin+8, html.EscapeString(title))
	direct := p.Direct()
	for _, s := range d.Steps {
		to := at[s.ID]
		for _, n := range direct[s.ID] {
			from := at[n]
			x1, y1, x2, y2 := from.x+boxWidth, from.y+boxHeight/2, to.x, to.y+boxHeight/2
			fmt.Fprintf(&b, `<path class="e%s" d="M%d %d C%d %d %d %d %d %d"/>`+"\n", critical(consecutive(d.CriticalPath, n, s.ID)), x1, y1, x1+gapX/2, y1, x2-gapX/2, y2, x2, y2)
		}
	}
	for _, s := range d.Steps {
		box(&b, s, at[s.ID].x, at[s.ID].y)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func box(b *strings.Builder, s Step, x, y int) {
	class, radius := "b"+critical(s.Critical), 4
	if s.Optional {
		class += " o"
	}
	if s.WaitsFor != "" {
		radius = boxHeight / 2
	}
	note := short(s.ForecastS)
	switch {
	case s.LeftOut:
		note = "left out"
	case s.WaitsFor != "":
		note = "waits for " + s.WaitsFor
	case s.Optional:
		note += ", optional"
	}
	fmt.Fprintf(b, `<g><title>%s</title><rect class=%q x="%d" y="%d" width="%d" height="%d" rx="%d"/><text x="%d" y="%d">%s</text><text class="s" x="%d" y="%d">%s</text></g>`+"\n",
		html.EscapeString(s.Title), class, x, y, boxWidth, boxHeight, radius, x+12, y+19, html.EscapeString(clip(s.ID, 30)), x+12, y+35, html.EscapeString(clip(note, 29)))
}

func critical(on bool) string {
	if on {
		return " c"
	}
	return ""
}

// consecutive tells whether b follows a on the path.
func consecutive(path []string, a, b string) bool {
	i := slices.Index(path, a)
	return i >= 0 && i+1 < len(path) && path[i+1] == b
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
