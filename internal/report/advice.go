package report

import (
	"regexp"
	"strings"
)

// Advice makes the commands in a text ones that can be pasted: with the reader's own way to call lifeboat, and with the run's id. Steps do not know
// the first and need not say the second. Without a run the advice is to do the same again.
func Advice(text, call, run string) string {
	if !strings.Contains(text, "lifeboat ") && !strings.Contains(text, "esume the run") {
		return text
	}
	again := "`" + call + " resume " + run + "`"
	if run == "" {
		again = "the same command again"
	}
	text = regexp.MustCompile(`([rR])esume the run\b`).ReplaceAllStringFunc(text, func(s string) string {
		return map[bool]string{true: "Run ", false: "run "}[s[0] == 'R'] + again
	})
	text = regexp.MustCompile("`lifeboat ([a-z]+)([^`\n]*)`").ReplaceAllStringFunc(text, func(s string) string {
		command, rest, _ := strings.Cut(strings.Trim(s, "`")[len("lifeboat "):], " ")
		switch {
		case command == "resume" && rest == "":
			return again
		case run != "" && (command == "resume" || command == "status") && !strings.HasPrefix(rest, run):
			rest = strings.TrimSuffix(run+" "+rest, " ")
		}
		return "`" + strings.TrimSuffix(call+" "+command+" "+rest, " ") + "`"
	})
	if run == "" {
		return text
	}
	return regexp.MustCompile(`\blifeboat ([a-z]+) `+regexp.QuoteMeta(run)).ReplaceAllString(text, strings.ReplaceAll(call, "$", "$$")+" $1 "+run)
}

// advice is Advice to who looks at a run.
func (v View) advice(text, run string) string {
	call := v.Call
	if call == "" {
		call = "lifeboat"
	}
	return Advice(text, call, run)
}
