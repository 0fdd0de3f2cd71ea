package diag

import "strings"

// wrap breaks a text into lines of at most limit columns, at spaces. Its own line ends stay. A longer word stays whole, so that it can be copied.
func wrap(text string, limit int) []string {
	var out []string
	for para := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line, used := "", 0
		for _, w := range strings.Fields(para) {
			w = Clean(w)
			n := columns(cells(w))
			if line != "" && used+1+n > limit {
				out = append(out, line)
				line, used = "", 0
			}
			if line != "" {
				line, used = line+" ", used+1
			}
			line, used = line+w, used+n
		}
		out = append(out, line)
	}
	return out
}
