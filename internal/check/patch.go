package check

import (
	"bytes"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// setAttribute is the patch that gives a resource's attribute a value: in the place of what is written, or as a new line at the block's end.
func setAttribute(r *survey.Resource, name, value string) *Patch {
	v := r.Body.Get(name)
	if v == nil {
		return beforeEnd(r, "\n  "+name+" = "+value+"\n")
	}
	if v.Span.File == nil || v.Span.File != r.At.File || !strings.HasSuffix(v.Span.File.Path, ".tf") || strings.Contains(v.Span.Text(), "var.") {
		return nil
	}
	return &Patch{File: v.Span.File.Path, Start: int(v.Span.Start), End: int(v.Span.End), New: value}
}

// Apply gives the files that the patches of the findings change, by name, with how many findings that settles. Of patches that overlap, the first
// counts.
func Apply(inv *survey.Inventory, findings []Finding) (changed map[string][]byte, fixed int) {
	byFile := map[string][]*Patch{}
	for _, f := range findings {
		if f.Patch != nil {
			byFile[f.Patch.File] = append(byFile[f.Patch.File], f.Patch)
		}
	}
	changed = map[string][]byte{}
	for _, file := range inv.Files {
		patches := byFile[file.Path]
		if len(patches) == 0 {
			continue
		}
		slices.SortStableFunc(patches, func(a, b *Patch) int { return a.Start - b.Start })
		var out []byte
		at := 0
		for _, p := range patches {
			if p.Start < at || p.End > len(file.Src) {
				continue
			}
			out = append(append(out, file.Src[at:p.Start]...), ending(p.New, file.Src)...)
			at, fixed = p.End, fixed+1
		}
		changed[file.Path] = append(out, file.Src[at:]...)
	}
	return changed, fixed
}

// ending is a new text with the line endings of its file.
func ending(text string, src []byte) string {
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}
