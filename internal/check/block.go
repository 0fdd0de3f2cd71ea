package check

import (
	"bytes"
	"sort"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// topLevel is where the blocks of an HCL file begin: the lines that start with a letter at the left margin, which is how `terraform fmt` and
// people write them.
type topLevel struct {
	starts []int
	heads  []string
}

func topLevelOf(f *survey.File) *topLevel {
	b := &topLevel{}
	for at := 0; at < len(f.Src); {
		end := bytes.IndexByte(f.Src[at:], '\n')
		if end < 0 {
			end = len(f.Src) - at
		}
		if c := f.Src[at]; c >= 'a' && c <= 'z' {
			b.starts, b.heads = append(b.starts, at), append(b.heads, string(f.Src[at:at+end]))
		}
		at += end + 1
	}
	return b
}

// block is the first line of the block that an offset of an HCL file is in, and where it starts.
func (t *tree) block(f *survey.File, offset int) (head string, start int) {
	b := t.blocks.of(f)
	i := sort.SearchInts(b.starts, offset+1) - 1
	if i < 0 {
		return "", 0
	}
	return b.heads[i], b.starts[i]
}

// lineOf is the text of the line that an offset is on, and the offset's place in it.
func lineOf(src []byte, offset int) (line string, column int) {
	offset = min(offset, len(src))
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	end := bytes.IndexByte(src[offset:], '\n')
	if end < 0 {
		end = len(src) - offset
	}
	return string(src[start : offset+end]), offset - start
}

// comment tells whether a line is a comment of HCL, a shell or most templates.
func comment(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")
}
