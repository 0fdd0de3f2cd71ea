package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Summary is what can be said of a run without reading all of its journal.
type Summary struct {
	Run         string
	Application string
	Scenario    string
	Label       journal.Label
	Began       time.Time
	Result      journal.Result    // empty: at work, or cut off
	Last        time.Time         // of the last entry
	Holder      *journal.Operator // who works on it now; nil: nobody
	Err         error             // why nothing more can be said
}

// Holder tells who works on a run now; nil: nobody.
func (s *Store) Holder(run string) *journal.Operator {
	dir, err := s.dir(run)
	if err != nil {
		return nil
	}
	if who, ok := held(filepath.Join(dir, lockName)); ok {
		return &who
	}
	return nil
}

// tail is how much of the end of a journal a summary reads, in bytes.
const tail = 64 << 10

// List sums up all runs, the oldest first. The chain of a journal is not checked; Load does that.
func (s *Store) List() ([]Summary, error) {
	runs, err := s.Runs()
	if err != nil {
		return nil, err
	}
	out := make([]Summary, 0, len(runs))
	for _, run := range runs {
		sum, err := summary(filepath.Join(s.Root, run))
		sum.Run, sum.Holder, sum.Err = run, s.Holder(run), err
		out = append(out, sum)
	}
	return out, nil
}

// glance is what a summary takes from a line.
type glance struct {
	Time  time.Time    `json:"time"`
	Kind  journal.Kind `json:"kind"`
	Event struct {
		Application string         `json:"application"`
		Scenario    string         `json:"scenario"`
		Label       journal.Label  `json:"label"`
		Result      journal.Result `json:"result"`
	} `json:"event"`
}

func summary(dir string) (Summary, error) {
	var s Summary
	f, err := os.Open(filepath.Join(dir, journalName)) //nolint:gosec // inside the run's folder
	if err != nil {
		return s, err
	}
	defer f.Close() //nolint:errcheck // read only
	first, err := bufio.NewReader(io.LimitReader(f, journal.MaxLine+1)).ReadBytes('\n')
	if err != nil {
		return s, errors.New("its journal has no first line yet")
	}
	var g glance
	if err := json.Unmarshal(first, &g); err != nil || g.Kind != journal.KindRunStarted {
		return s, journal.ErrBroken
	}
	s.Application, s.Scenario, s.Label, s.Began, s.Last = g.Event.Application, g.Event.Scenario, g.Event.Label, g.Time, g.Time
	end, err := lastLines(f)
	if err != nil {
		return s, err
	}
	for line := range bytes.Lines(end) {
		var g glance
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &g) != nil {
			continue // cut by the tail's start, or torn
		}
		s.Last = g.Time
		switch g.Kind {
		case journal.KindRunFinished:
			s.Result = g.Event.Result
		case journal.KindRunResumed:
			s.Result = ""
		default:
		}
	}
	return s, nil
}

func lastLines(f *os.File) ([]byte, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, st.Size()-tail)
	b := make([]byte, st.Size()-from)
	n, err := f.ReadAt(b, from)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:n], err
}
