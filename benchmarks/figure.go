package main

import (
	"fmt"
	"slices"
	"strings"
)

// figure is one line of a table: the median of what was measured.
type figure struct {
	name   string
	values []float64
	unit   string
	most   float64 // the target; 0: none, the figure is for information
	least  bool    // the target is a lower bound
	how    string  // the command or the method
	skip   string  // why there is no value
}

func (f *figure) add(v float64) { f.values = append(f.values, v) }

// met tells whether the target was kept, in a word.
func (f figure) met() string {
	switch {
	case f.most == 0:
		return ""
	case f.skip != "" || len(f.values) == 0:
		return "not measured"
	case f.least && median(f.values) >= f.most, !f.least && median(f.values) <= f.most:
		return "yes"
	default:
		return "**no**"
	}
}

func (f figure) target() string {
	switch {
	case f.most == 0:
		return ""
	case f.least:
		return "≥ " + quantity(f.most, f.unit)
	default:
		return "≤ " + quantity(f.most, f.unit)
	}
}

// few is how many values are shown one by one.
const few = 5

func (f figure) measured() string {
	if f.skip != "" || len(f.values) == 0 {
		return f.skip
	}
	text := quantity(median(f.values), f.unit)
	switch n := len(f.values); {
	case n == 1:
		return text
	case n <= few:
		var all []string
		for _, v := range f.values {
			all = append(all, quantity(v, ""))
		}
		return text + " (" + strings.Join(all, ", ") + ")"
	default:
		return fmt.Sprintf("%s (%d times, %s to %s)", text, n, quantity(slices.Min(f.values), ""), quantity(slices.Max(f.values), ""))
	}
}

// table is the figures in Markdown.
func table(figures []figure) string {
	var b strings.Builder
	b.WriteString("| figure | target | measured | met | how |\n|---|---|---|---|---|\n")
	for _, f := range figures {
		cells := []string{f.name, f.target(), f.measured(), f.met(), f.how}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// quantity is a number with three digits that count, and its unit.
func quantity(v float64, unit string) string {
	digits := 2
	switch {
	case v == float64(int64(v)), v >= 100:
		digits = 0
	case v >= 10:
		digits = 1
	case v < 0.1:
		digits = 3
	}
	space := " "
	if unit == "%" || unit == "" {
		space = ""
	}
	return fmt.Sprintf("%.*f%s%s", digits, v, space, unit)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// skipped are figures that this machine cannot give.
func skipped(why error, figures ...figure) []figure {
	for i := range figures {
		figures[i].skip = "skipped: " + why.Error()
	}
	return figures
}
