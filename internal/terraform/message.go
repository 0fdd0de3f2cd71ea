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

// message is one line of terraform's machine-readable UI, version 1 (Terraform internals, "Machine-Readable UI"). Tofu writes the same.
type message struct {
	Type       string            `json:"type"`
	Time       time.Time         `json:"@timestamp"`
	UI         string            `json:"ui"`
	Diagnostic *diagnostic       `json:"diagnostic"`
	Change     *resourceChange   `json:"change"`
	Hook       *resourceChange   `json:"hook"`
	Changes    *Counts           `json:"changes"`
	Outputs    map[string]Output `json:"outputs"`
}

type resourceChange struct {
	Resource struct {
		Addr string `json:"addr"`
	} `json:"resource"`
	Action  string  `json:"action"`
	Reason  string  `json:"reason"`
	Elapsed float64 `json:"elapsed_seconds"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// Counts are the numbers of a plan or an apply.
type Counts struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	Import int `json:"import"`
}

// Total is how many operations on resources that is. A replacement is two.
func (c Counts) Total() int { return c.Add + c.Change + c.Remove + c.Import }

// String is in the words of terraform.
func (c Counts) String() string {
	s := fmt.Sprintf("%d added, %d changed, %d destroyed", c.Add, c.Change, c.Remove)
	if c.Import > 0 {
		s = fmt.Sprintf("%d imported, ", c.Import) + s
	}
	return s
}

// Output is a stack's output. Value is JSON; a stream leaves it out when the output is sensitive.
type Output struct {
	Sensitive bool            `json:"sensitive"`
	Value     json.RawMessage `json:"value"`
}

// Event is something that happened to one resource while a command runs.
type Event struct {
	Kind    EventKind
	Address string
	Action  string // create, update, delete, read, import; empty when refreshed
	Elapsed time.Duration
}

// EventKind says what happened.
type EventKind string

// The kinds of events, as terraform names their messages.
const (
	Refreshed EventKind = "refresh_complete"
	Started   EventKind = "apply_start"
	Going     EventKind = "apply_progress"
	Finished  EventKind = "apply_complete"
	Failed    EventKind = "apply_errored"
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
