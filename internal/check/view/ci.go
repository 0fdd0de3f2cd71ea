package view

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name     string  `xml:"name,attr"`
		Tests    int     `xml:"tests,attr"`
		Failures int     `xml:"failures,attr"`
		Cases    []tcase `xml:"testcase"`
	}
	tcase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Failure *failure `xml:"failure,omitempty"`
	}
	failure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
)

// JUnit writes a report as JUnit XML: a test suite a rule, which passes when nothing at or above the threshold was found.
func JUnit(w io.Writer, r *check.Report, threshold check.Severity) error {
	all := suites{Name: "lifeboat check"}
	for _, rule := range check.Rules() {
		s := suite{Name: rule.ID + " " + rule.Title}
		for _, f := range r.Findings {
			if f.Rule.ID != rule.ID {
				continue
			}
			c := tcase{Name: fmt.Sprintf("%s:%d %s", r.Path(f.At.File), f.At.Start.Line, f.Title), Class: rule.ID}
			if f.Severity >= threshold {
				c.Failure = &failure{Message: f.Title, Type: f.Severity.String(), Text: f.Why + "\n" + f.Fix + "\n" + rule.Doc()}
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
		if len(s.Cases) == 0 {
			s.Cases = []tcase{{Name: rule.Title, Class: rule.ID}}
		}
		s.Tests = len(s.Cases)
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// GitHub writes a report as workflow commands, which GitHub shows beside the lines of a change.
func GitHub(w io.Writer, r *check.Report) error {
	for _, f := range r.Findings {
		command := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[level(f.Severity)]
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,endLine=%d,title=%s::%s\n", command, property(r.Path(f.At.File)), f.At.Start.Line, max(f.At.Start.Line, f.At.End.Line),
			property(f.Rule.ID+" "+f.Title), message(f.Why+"\n"+f.Fix+"\n"+f.Rule.Doc()))
		if err != nil {
			return err
		}
	}
	return nil
}

// message and property escape what a workflow command must not hold (actions/toolkit, command.ts).
func message(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = diag.Clean(lines[i])
	}
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(strings.Join(lines, "\n"))
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
