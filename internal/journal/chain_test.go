package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// everyKind is one event of each kind, with every field set that has an effect.
func everyKind() []journal.Event {
	when, steps := at(7), journaltest.Started().Steps
	return []journal.Event{
		journaltest.Started(),
		journal.RunResumed{Operator: journal.Operator{User: "bob", Host: "other", PID: 2}},
		journal.PlanChanged{From: "1", To: "2", Diff: []string{"+ stack/one"}, Steps: steps, By: "ann"},
		journal.Marked{Name: journal.MarkDisaster, At: when, Note: "alarm <&> \u2028"},
		journal.StepProbed{Step: "stack/one", Status: step.Needed, Reason: "no state"},
		journal.StepStarted{Step: "stack/one", Attempt: 1},
		journal.StepProgress{Step: "stack/one", Progress: step.Progress{Message: "applying", Done: 1, Total: 2, Unit: "resources"}},
		journal.StepFailed{Step: "stack/one", Attempt: 1, Error: journal.Failure{Class: step.Throttle, Text: "slow down"}, RetryAt: &when},
		journal.GateOpened{Step: "stack/one", Key: "destroy", Prompt: "destroy 1?", Detail: "aws_x.y", Who: "ann"},
		journal.GateDecided{Step: "stack/one", Key: "destroy", Decision: step.Approve, By: "ann", Note: "ok"},
		journal.StepSucceeded{Step: "stack/one", Attempt: 2, Changed: true, Summary: "1 added", Outputs: map[string]json.RawMessage{"a": json.RawMessage(`"b"`)}, Secrets: []string{"key"}},
		journal.StepSkipped{Step: "manual/account", Reason: "because present", LeftOut: true},
		journal.StopRequested{Mode: journal.Drain, By: "ann"},
		journal.RunFinished{Result: journal.Waiting, Reason: "stopped"},
	}
}

func write(t interface {
	Helper()
	Fatal(...any)
}, events ...journal.Event,
) (text []byte, entries []journal.Entry) {
	t.Helper()
	var head journal.Head
	for i, ev := range events {
		var e journal.Entry
		var err error
		if text, e, err = head.Append(text, at(i), ev); err != nil {
			t.Fatal(err)
		}
		head, entries = e.Head(), append(entries, e)
	}
	return text, entries
}

func decode(text []byte) (entries []journal.Entry, offset int64, err error) {
	d := journal.NewDecoder(bytes.NewReader(text))
	for {
		e, err := d.Next()
		if errors.Is(err, io.EOF) {
			return entries, d.Offset(), nil
		}
		if err != nil {
			return entries, d.Offset(), err
		}
		entries = append(entries, e)
	}
}

// Every event comes back as it was written, with the same hashes.
func TestEveryKindComesBack(t *testing.T) {
	t.Parallel()
	text, want := write(t, everyKind()...)
	got, offset, err := decode(text)
	if d := cmp.Diff(want, got); d != "" || err != nil || offset != int64(len(text)) {
		t.Errorf("offset %d of %d, %v (-want +got):\n%s", offset, len(text), err, d)
	}
}

// Wherever the text of a journal is cut, all whole lines before the cut are read, and the rest is a torn line, never damage.
func TestACutAnywhereIsTorn(t *testing.T) {
	t.Parallel()
	text, want := write(t, everyKind()...)
	for cut := range len(text) {
		got, offset, err := decode(text[:cut])
		whole := bytes.Count(text[:cut], []byte("\n"))
		atLine := cut == 0 || text[cut-1] == '\n'
		if len(got) != whole || atLine != (err == nil) || !atLine && !errors.Is(err, journal.ErrTorn) {
			t.Fatalf("cut at %d: %d entries of %d, error %v", cut, len(got), whole, err)
		}
		if end := bytes.LastIndexByte(text[:cut], '\n') + 1; offset != int64(end) {
			t.Fatalf("cut at %d: repair would keep %d bytes, want %d", cut, offset, end)
		}
		if whole > 0 && got[whole-1].Hash != want[whole-1].Hash {
			t.Fatalf("cut at %d: another last entry", cut)
		}
	}
}

// A block of zeros after the last line, as a power cut leaves it, is torn; in the middle it is damage.
func TestZeros(t *testing.T) {
	t.Parallel()
	text, _ := write(t, everyKind()...)
	for name, tail := range map[string]string{"bare": "\x00\x00", "with newline": "\x00\x00\n"} {
		if got, _, err := decode(append(bytes.Clone(text), tail...)); len(got) != len(everyKind()) || !errors.Is(err, journal.ErrTorn) {
			t.Errorf("%s: %d entries, %v, want all and a torn line", name, len(got), err)
		}
	}
	first := bytes.IndexByte(text, '\n') + 1
	middle := append(append(bytes.Clone(text[:first]), "\x00\x00\n"...), text[first:]...)
	_, _, err := decode(middle)
	var at *journal.LineError
	if !errors.Is(err, journal.ErrBroken) || !errors.As(err, &at) || at.Line != 2 {
		t.Errorf("got %v, want damage in line 2", err)
	}
}

// Whatever is changed, left out or swapped before the last line is noticed.
func TestChangesAreNoticed(t *testing.T) {
	t.Parallel()
	text, _ := write(t, everyKind()...)
	last := bytes.LastIndexByte(text[:len(text)-1], '\n')
	rapid.Check(t, func(t *rapid.T) {
		bad := bytes.Clone(text)
		i := rapid.IntRange(0, last).Draw(t, "byte")
		bad[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "xor"))
		if _, _, err := decode(bad); err == nil || errors.Is(err, journal.ErrTorn) && i < last-len("\n") && bytes.IndexByte(bad[i:], '\n') >= 0 {
			t.Fatalf("byte %d changed from %q to %q: %v", i, text[i], bad[i], err)
		}
	})
	lines := strings.SplitAfter(string(text), "\n")
	lines[3], lines[4] = lines[4], lines[3]
	if _, _, err := decode([]byte(strings.Join(lines, ""))); !errors.Is(err, journal.ErrBroken) {
		t.Errorf("swapped lines: %v", err)
	}
}

// A journal of a newer version is refused with advice, not called damaged.
func TestNewerKind(t *testing.T) {
	t.Parallel()
	text, _ := write(t, everyKind()[:2]...)
	_, _, err := decode(bytes.Replace(text, []byte(`"kind":"run_resumed"`), []byte(`"kind":"run_teleported"`), 1))
	if !errors.Is(err, journal.ErrNewer) || !strings.Contains(err.Error(), "run_teleported") || !strings.Contains(err.Error(), "newer") {
		t.Errorf("got %v", err)
	}
}

// A line without end does not eat the memory, and is never written.
func TestLineBound(t *testing.T) {
	t.Parallel()
	big := journaltest.Started()
	big.Scenario = strings.Repeat("x", journal.MaxLine)
	if _, _, err := (journal.Head{}).Append(nil, noon, big); err == nil {
		t.Error("a line over the bound was written")
	}
	if _, _, err := decode(bytes.Repeat([]byte("x"), journal.MaxLine+2)); !errors.Is(err, journal.ErrBroken) {
		t.Errorf("read of an endless line: %v", err)
	}
}

func FuzzDecoder(f *testing.F) {
	text, _ := write(f, everyKind()...)
	f.Add(text)
	f.Add(text[:len(text)-5])
	f.Add([]byte(`{"seq":1,"kind":"run_started","prev":"` + journal.Origin + `","event":null}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, offset, _ := decode(text)
		if offset > int64(len(text)) {
			t.Fatalf("offset %d of %d", offset, len(text))
		}
		// What was read is a journal in itself.
		again, _, err := decode(text[:offset])
		if err != nil || len(again) != len(entries) {
			t.Fatalf("the good part gives %d entries, then %d, %v", len(entries), len(again), err)
		}
		s := &journal.State{}
		for _, e := range entries {
			s.Apply(e)
		}
		s.CriticalPath()
		s.RecoveryTime()
	})
}
