package check

import (
	"strconv"
	"strings"
)

// Changed are the lines that a change touches, by file: pairs of first and last line.
type Changed map[string][][2]int

// ParseDiff reads a unified diff without context, as `git diff --unified=0` writes it.
func ParseDiff(diff string) Changed {
	out, file := Changed{}, ""
	for line := range strings.Lines(diff) {
		line = strings.TrimRight(line, "\r\n")
		if name, ok := strings.CutPrefix(line, "+++ "); ok {
			file = strings.TrimPrefix(strings.Trim(strings.TrimSuffix(name, "\t"), `"`), "b/")
			continue
		}
		head, ok := strings.CutPrefix(line, "@@ -")
		if !ok || file == "" || file == "/dev/null" {
			continue
		}
		_, added, ok := strings.Cut(head, " +")
		added, _, _ = strings.Cut(added, " ")
		first, count, several := strings.Cut(added, ",")
		from, err := strconv.Atoi(first)
		n := 1
		if several {
			n, _ = strconv.Atoi(count)
		}
		if ok && err == nil && n > 0 {
			out[file] = append(out[file], [2]int{from, from + n - 1})
		}
	}
	return out
}

// Whole adds a file that is new.
func (c Changed) Whole(file string) { c[file] = append(c[file], [2]int{1, 1 << 30}) }

// Has tells whether a finding is on a line that was touched. One of a whole block is when its header is.
func (c Changed) Has(f Finding) bool {
	for _, span := range c[f.At.File] {
		if f.At.Start.Line <= span[1] && max(f.At.Start.Line, f.At.End.Line) >= span[0] {
			return true
		}
	}
	return false
}
