package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// context is how many lines a diff shows around a change.
const context = 3

// Diff writes the difference between two texts of a file as a unified diff that `git apply` and `patch -p1` take.
func Diff(w io.Writer, name string, before, after []byte) error {
	a, b := split(before), split(after)
	if _, err := fmt.Fprintf(w, "--- a/%s\n+++ b/%s\n", name, name); err != nil {
		return err
	}
	for _, h := range hunks(a, b) {
		if _, err := w.Write(h); err != nil {
			return err
		}
	}
	return nil
}

func split(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	return lines
}

// edit is a run of lines that differ: a[i:j] became b[k:l].
type edit struct{ i, j, k, l int }

// edits is the shortest way from a to b (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986): patches are small, so that N times D
// is too.
func edits(a, b [][]byte) []edit {
	n, m := len(a), len(b)
	v := map[int]int{1: 0}
	var trace []map[int]int
	for d := 0; ; d++ {
		trace = append(trace, maps.Clone(v))
		for k := -d; k <= d; k += 2 {
			x := v[k-1] + 1
			if k == -d || k != d && v[k-1] < v[k+1] {
				x = v[k+1]
			}
			for x < n && x-k < m && bytes.Equal(a[x], b[x-k]) {
				x++
			}
			v[k] = x
			if x >= n && x-k >= m {
				return back(trace, n, m)
			}
		}
	}
}

// back follows the way from its end, and joins steps that touch.
func back(trace []map[int]int, x, y int) []edit {
	var out []edit
	for d := len(trace) - 1; d > 0; d-- {
		v, k := trace[d], x-y
		from := k - 1
		if k == -d || k != d && v[k-1] < v[k+1] {
			from = k + 1
		}
		px := v[from]
		py := px - from
		for x > px && y > py { // equal lines
			if x == px+1 && from == k-1 || y == py+1 && from == k+1 {
				break
			}
			x, y = x-1, y-1
		}
		if last := len(out) - 1; last >= 0 && out[last].i == x && out[last].k == y {
			out[last].i, out[last].k = px, py
		} else {
			out = append(out, edit{px, x, py, y})
		}
		x, y = px, py
	}
	slices.Reverse(out)
	return out
}

// hunks puts edits that are near into one hunk, with context.
func hunks(a, b [][]byte) [][]byte {
	var out [][]byte
	all := edits(a, b)
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].i-all[n-1].j <= 2*context {
			n++
		}
		group := all[:n]
		all = all[n:]
		first, last := group[0], group[n-1]
		from, to := max(0, first.i-context), min(len(a), last.j+context)
		var h bytes.Buffer
		at := from
		for _, e := range group {
			lines(&h, ' ', a[at:e.i])
			lines(&h, '-', a[e.i:e.j])
			lines(&h, '+', b[e.k:e.l])
			at = e.j
		}
		lines(&h, ' ', a[at:to])
		head := fmt.Sprintf("@@ -%d,%d +%d,%d @@\n", from+1, to-from, first.k-(first.i-from)+1, last.l+(to-last.j)-(first.k-(first.i-from)))
		out = append(out, append([]byte(head), h.Bytes()...))
	}
	return out
}

func lines(h *bytes.Buffer, mark byte, in [][]byte) {
	for _, l := range in {
		h.WriteByte(mark)
		h.Write(l)
		if !bytes.HasSuffix(l, []byte("\n")) {
			h.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// Baseline reads an earlier JSON report, and gives what tells whether a finding is new since then. Lines may have moved; a second one of the same
// rule at the same address with the same title is new.
func Baseline(r *check.Report, earlier []byte) (isNew func(check.Finding) bool, err error) {
	var d Document
	if err := json.Unmarshal(earlier, &d); err != nil {
		return nil, fmt.Errorf("it is no report of lifeboat check --format json: %w", err)
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, and this program reads %s", d.Schema, Schema)
	}
	type key struct{ rule, file, address, title string }
	known := map[key]int{}
	for _, f := range d.Findings {
		known[key{f.Rule, f.File, f.Address, f.Title}]++
	}
	return func(f check.Finding) bool {
		k := key{f.Rule.ID, r.Path(f.At.File), f.Address, f.Title}
		known[k]--
		return known[k] < 0
	}, nil
}
