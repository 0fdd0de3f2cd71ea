package diag

import (
	"strings"
)

const cut = "…" // stands for what is left out of a long line

// snippet gives the shown line and the marks below it, both at most limit columns wide.
func snippet(text []byte, from, to, limit int) (line, marks string) {
	cs := cells(string(text))
	first, last := len(cs), 0
	for i, c := range cs {
		if c.at >= from && first == len(cs) {
			first = i
		}
		if c.at < to {
			last = i + 1
		}
	}
	last = max(last, first)
	lo, hi := window(cs, first, limit)
	var l strings.Builder
	pad, wide := 0, 0
	if lo > 0 {
		l.WriteString(cut)
		pad = 1
	}
	for i := lo; i < hi; i++ {
		l.WriteString(cs[i].text)
		switch {
		case i < first:
			pad += cs[i].cols
		case i < last:
			wide += cs[i].cols
		}
	}
	if hi < len(cs) {
		l.WriteString(cut)
	}
	return strings.TrimRight(l.String(), " "), strings.Repeat(" ", pad) + strings.Repeat("^", max(wide, 1))
}

// window chooses which cells of a long line are shown: those around the first marked one, a third of the room before it.
func window(cs []cell, first, limit int) (lo, hi int) {
	if columns(cs) <= limit {
		return 0, len(cs)
	}
	room := limit - 2 // for the two cut marks
	lo, used := first, 0
	for lo > 0 && used+cs[lo-1].cols <= room/3 {
		lo--
		used += cs[lo].cols
	}
	hi = lo
	for used = 0; hi < len(cs) && used+cs[hi].cols <= room; hi++ {
		used += cs[hi].cols
	}
	if hi < len(cs) {
		return lo, hi
	}
	for lo > 0 && used+cs[lo-1].cols <= room { // the end of the line left room
		lo--
		used += cs[lo].cols
	}
	return lo, hi
}
