package view

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestEdits keeps the promise that the edits lead from one text to the other, whatever the texts are, and leave what is between them alone.
func TestEdits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a\n", "b\n", "}\n", "\n"})
		a, b := split([]byte(strings.Join(rapid.SliceOf(line).Draw(t, "a"), ""))), split([]byte(strings.Join(rapid.SliceOf(line).Draw(t, "b"), "")))
		var out [][]byte
		i, k := 0, 0
		for _, e := range edits(a, b) {
			if e.i-i != e.k-k || e.j < e.i || e.l < e.k || e.i == e.j && e.k == e.l {
				t.Fatalf("edit %v after %d, %d", e, i, k)
			}
			out = append(append(out, a[i:e.i]...), b[e.k:e.l]...)
			i, k = e.j, e.l
		}
		if out = append(out, a[i:]...); !bytes.Equal(bytes.Join(out, nil), bytes.Join(b, nil)) {
			t.Fatalf("%q became %q, not %q", a, out, b)
		}
	})
}
