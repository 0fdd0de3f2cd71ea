package survey_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// TestColumns keeps the promise that a column counts characters, in lines of any length.
func TestColumns(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"a", "é", "\n", strings.Repeat("x", 5000), strings.Repeat("ü", 3000), "語"})
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "pieces"), "")
		at := rapid.IntRange(0, len(text)).Draw(r, "at")
		for at < len(text) && !utf8.RuneStart(text[at]) {
			at++
		}
		line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
		got := survey.Span{File: &survey.File{Src: []byte(text)}, Start: uint32(at), End: uint32(at)}.Range().Start
		if want := strings.Count(text[:at], "\n") + 1; got.Line != want || got.Column != utf8.RuneCountInString(line)+1 {
			r.Fatalf("byte %d is at %d:%d", at, got.Line, got.Column)
		}
	})
}
