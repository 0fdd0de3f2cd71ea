package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxLine bounds one message, maxText what is kept of everything else that a command prints.
const (
	maxLine = 16 << 20
	maxText = 16 << 10
)

// stream is what the messages of one command come to.
type stream struct {
	on       func(Event)
	secrets  []string // never to be seen in what is kept
	changes  []Change
	counts   *Counts
	outputs  map[string]Output
	changed  bool // a plan that is not empty, by its exit code
	problems []Problem
	text     strings.Builder // lines that are no messages: a crash, a warning about the configuration
	part     []byte
}

// read takes what r has now. A line that is not complete yet waits for the next call.
func (s *stream) read(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read the command's stream: %w", err)
	}
	s.part = append(s.part, b...)
	for {
		line, rest, ok := bytes.Cut(s.part, []byte("\n"))
		if !ok {
			break
		}
		s.part = rest
		if err := s.line(line); err != nil {
			return err
		}
	}
	if len(s.part) > maxLine {
		return errors.New("the command's stream has a line that is too long to be one of its messages")
	}
	return nil
}

func (s *stream) line(line []byte) error {
	var m message
	if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &m) != nil {
		if s.text.Len()+len(line) < maxText {
			s.text.Write(line)
			s.text.WriteByte('\n')
		}
		return nil
	}
	switch m.Type {
	case "version":
		if !strings.HasPrefix(m.UI, "1.") {
			return fmt.Errorf("the command speaks version %q of its message format; Lifeboat knows version 1", m.UI)
		}
	case "diagnostic":
		if m.Diagnostic != nil {
			s.problems = append(s.problems, s.problem(*m.Diagnostic))
		}
	case "planned_change":
		if m.Change != nil {
			s.changes = append(s.changes, Change{Address: s.safe(m.Change.Resource.Addr), Action: m.Change.Action, Reason: m.Change.Reason})
		}
	case "change_summary":
		s.counts = m.Changes
	case "outputs":
		s.outputs = m.Outputs
	case string(Refreshed), string(Started), string(Going), string(Finished), string(Failed):
		if m.Hook != nil && s.on != nil {
			s.on(Event{
				Kind: EventKind(m.Type), Address: s.safe(m.Hook.Resource.Addr), Action: m.Hook.Action,
				Elapsed: time.Duration(m.Hook.Elapsed * float64(time.Second)),
			})
		}
	}
	return nil
}

// safe takes secrets out of text: a variable that its author did not mark as sensitive may be shown in a diagnostic.
func (s *stream) safe(text string) string {
	for _, x := range s.secrets {
		text = strings.ReplaceAll(text, x, "(secret)")
	}
	return text
}

func (s *stream) problem(d diagnostic) Problem {
	p := Problem{Warning: d.Severity == "warning", Address: s.safe(d.Address), Summary: s.safe(d.Summary), Detail: s.safe(d.Detail)}
	if d.Range != nil {
		p.File, p.Line = d.Range.Filename, d.Range.Start.Line
	}
	return p
}
