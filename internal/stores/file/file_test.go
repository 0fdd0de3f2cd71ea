package file

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func store(t *testing.T) *Store {
	t.Helper()
	return &Store{Root: filepath.Join(t.TempDir(), "runs"), Clock: clock.System{}, Operator: journal.Operator{User: "ann", Host: "laptop", PID: 7}}
}

// create makes the run "run" with a few events, and closes it.
func create(t *testing.T, s *Store, events ...journal.Event) (journalFile string) {
	t.Helper()
	l, err := s.Create(t.Context(), journaltest.Started())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(s.Root, "run", journalName)
}

// The file log keeps the promises of every journal log.
func TestLog(t *testing.T) {
	t.Parallel()
	journaltest.Log(t, func(t *testing.T) journaltest.Place {
		t.Helper()
		s := store(t)
		return journaltest.Place{
			Create: func(first journal.RunStarted) (journal.Log, error) { return s.Create(t.Context(), first) },
			Open:   func() (journal.Log, error) { return s.Open(t.Context(), "run") },
		}
	})
}

// Wherever a kill cut the file, the run opens with all whole lines, keeps the torn bytes, and goes on.
func TestAnyCutIsRepaired(t *testing.T) {
	t.Parallel()
	s := store(t)
	name := create(t, s, journal.StepStarted{Step: "stack/one", Attempt: 1}, journal.StepSucceeded{Step: "stack/one", Attempt: 1})
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for cut := first; cut < len(whole); cut += 3 {
		if err := os.WriteFile(name, whole[:cut], fileMode); err != nil {
			t.Fatal(err)
		}
		torn := filepath.Join(s.Root, "run", tornName)
		_ = os.Remove(torn)
		l, err := s.Open(t.Context(), "run")
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		lines := bytes.Count(whole[:cut], []byte("\n"))
		if got := l.Head().Seq; got != uint64(lines) {
			t.Fatalf("cut at %d: head %d, want %d", cut, got, lines)
		}
		if _, err := l.Append(t.Context(), journal.RunResumed{}); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if st, err := s.Load(t.Context(), "run"); err != nil || len(st.Operators) != 2 {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		kept, _ := os.ReadFile(torn)
		if want := whole[bytes.LastIndexByte(whole[:cut], '\n')+1 : cut]; string(bytes.TrimSuffix(kept, []byte("\n"))) != string(want) {
			t.Fatalf("cut at %d: kept %q, want %q", cut, kept, want)
		}
	}
}

// A journal that was changed is refused, for reading and for writing, with the place; and it is left as it is.
func TestDamageIsRefused(t *testing.T) {
	t.Parallel()
	s := store(t)
	name := create(t, s, journal.StepStarted{Step: "stack/one", Attempt: 1}, journal.RunFinished{Result: journal.Failed})
	text, _ := os.ReadFile(name)
	text = bytes.Replace(text, []byte(`"attempt":1`), []byte(`"attempt":2`), 1)
	if err := os.WriteFile(name, text, fileMode); err != nil {
		t.Fatal(err)
	}
	_, lerr := s.Load(t.Context(), "run")
	_, oerr := s.Open(t.Context(), "run")
	for _, err := range []error{lerr, oerr} {
		if !errors.Is(err, journal.ErrBroken) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("got %v", err)
		}
	}
	if now, _ := os.ReadFile(name); !bytes.Equal(now, text) {
		t.Error("the damaged journal was touched")
	}
}

// A second process is told who has the run, and may read it. When the first is gone it may write.
func TestOneWriter(t *testing.T) {
	t.Parallel()
	s := store(t)
	l, err := s.Create(t.Context(), journaltest.Started())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Open(t.Context(), "run")
	if locked, ok := errors.AsType[*LockedError](err); !ok || locked.Holder != s.Operator || !strings.Contains(err.Error(), "ann on laptop, process 7") {
		t.Errorf("got %v", err)
	}
	if st, err := s.Load(t.Context(), "run"); err != nil || st.Facts.Application != "app" {
		t.Errorf("reading beside the writer: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := s.Open(t.Context(), "run")
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// Names of runs that do not exist, exist already, or lead out of the folder are refused.
func TestNames(t *testing.T) {
	t.Parallel()
	s := store(t)
	create(t, s)
	if _, err := s.Create(t.Context(), journaltest.Started()); !errors.Is(err, ErrExists) {
		t.Errorf("creating twice: %v", err)
	}
	for _, name := range []string{"other", "../run", "", ".", "run/..", "/run"} {
		if _, err := s.Open(t.Context(), name); !errors.Is(err, ErrNoRun) {
			t.Errorf("open %q: %v", name, err)
		}
	}
	if id := NewID(time.Date(2026, 11, 23, 16, 4, 55, 0, time.UTC), "region down!"); !strings.HasPrefix(id, "20261123T160455Z-region-down-") || len(id) != 33 {
		t.Errorf("id %q", id)
	}
	if dir, err := (&Log{dir: s.Root}).StepDir("../../x"); err == nil {
		t.Errorf("a step got the folder %s", dir)
	}
}

// A full disk says what to do, and after it the log takes nothing more: what is stored is unknown.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := store(t)
	l, err := s.Create(t.Context(), journaltest.Started())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	good := l.file
	l.file = full
	if _, err = l.Append(t.Context(), journal.RunResumed{}); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "Make room") {
		t.Errorf("got %v", err)
	}
	_ = full.Close()
	l.file = good
	if _, err = l.Append(t.Context(), journal.RunResumed{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("after a failure: %v", err)
	}
}

// Every way in which a disk takes nothing comes with advice.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	for err, advice := range map[error]string{syscall.EROFS: "can be written", os.ErrPermission: "can be written", syscall.EDQUOT: "Make room", syscall.EIO: "See that"} {
		if got := unwritable("x", err); !strings.Contains(got.Error(), advice) || step.ClassOf(got) != step.Permanent {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// waiting is a run that waits for an answer.
func waiting(t *testing.T, s *Store) {
	t.Helper()
	create(t, s, journal.StepStarted{Step: "manual/account", Attempt: 1}, journal.GateOpened{Step: "manual/account", Key: "done", Prompt: "done?"},
		journal.RunFinished{Result: journal.Waiting})
}

var confirm = journal.GateDecided{Step: "manual/account", Key: "done", Decision: step.Confirm, By: "bob"}

// A decision about a run that nobody works on is in the journal when Tell returns.
func TestTellNobody(t *testing.T) {
	t.Parallel()
	s := store(t)
	waiting(t, s)
	if queued, err := s.Tell(t.Context(), "run", confirm); queued || err != nil {
		t.Fatalf("%v, %v", queued, err)
	}
	st, err := s.Load(t.Context(), "run")
	if err != nil || len(st.Decisions) != 1 || st.Decisions[0].By != "bob" {
		t.Errorf("decisions %v, %v", st.Decisions, err)
	}
	if _, err := s.Tell(t.Context(), "run", confirm); !errors.Is(err, ErrRefused) {
		t.Errorf("the same again: %v", err)
	}
	if queued, err := s.Tell(t.Context(), "run", journal.StopRequested{Mode: journal.Abort, By: "bob"}); queued || err != nil {
		t.Fatalf("%v, %v", queued, err)
	}
	if st, _ = s.Load(t.Context(), "run"); st.Result != journal.Aborted || !st.Over() {
		t.Errorf("after an abort: %v", st.Result)
	}
}

// A decision about a run that a process works on waits in its inbox, and is given once; rubbish there is put aside.
func TestTellSomebody(t *testing.T) {
	t.Parallel()
	s := store(t)
	waiting(t, s)
	l, err := s.Open(t.Context(), "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if queued, err := s.Tell(t.Context(), "run", confirm); !queued || err != nil {
		t.Fatalf("%v, %v", queued, err)
	}
	rubbish := filepath.Join(s.Root, "run", inboxName, "0.json")
	if err := os.WriteFile(rubbish, []byte("{"), fileMode); err != nil {
		t.Fatal(err)
	}
	events, remove, err := l.Take()
	if err != nil || len(events) != 1 || events[0] != journal.Event(confirm) {
		t.Fatalf("took %v, %v", events, err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if events, _, err := l.Take(); err != nil || len(events) != 0 {
		t.Errorf("took again %v, %v", events, err)
	}
	if _, err := os.Stat(rubbish + ".refused"); err != nil {
		t.Error(err)
	}
}

// A message that its receiver did not live to take is taken by whoever comes next.
func TestInboxOfTheDead(t *testing.T) {
	t.Parallel()
	s := store(t)
	waiting(t, s)
	if err := s.post("run", confirm); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Tell(t.Context(), "run", journal.Marked{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	if st, err := s.Load(t.Context(), "run"); err != nil || len(st.Decisions) != 1 || len(st.Marks) != 1 {
		t.Errorf("%v, %v, %v", st.Decisions, st.Marks, err)
	}
}

// A list tells of each run what it was, how it ended and who works on it, and of a broken one that it is.
func TestList(t *testing.T) {
	t.Parallel()
	s := store(t)
	if runs, err := s.List(); err != nil || len(runs) != 0 {
		t.Fatalf("an absent folder: %v, %v", runs, err)
	}
	waiting(t, s)
	first := journaltest.Started()
	first.Run = "run-2"
	l, err := s.Create(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := os.MkdirAll(filepath.Join(s.Root, "run-3"), folderMode); err != nil {
		t.Fatal(err)
	}
	got, err := s.List()
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if a := got[0]; a.Run != "run" || a.Result != journal.Waiting || a.Application != "app" || a.Scenario != "region-down" || a.Holder != nil || a.Err != nil {
		t.Errorf("first: %+v", a)
	}
	if b := got[1]; b.Run != "run-2" || b.Result != "" || b.Holder == nil || b.Holder.User != "ann" {
		t.Errorf("second: %+v", b)
	}
	if got[2].Err == nil {
		t.Error("a folder without a journal is listed as a run")
	}
}

// An append whose context has ended writes nothing.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	s := store(t)
	l, err := s.Create(t.Context(), journaltest.Started())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Append(ctx, journal.RunResumed{}); !errors.Is(err, context.Canceled) || l.Head().Seq != 1 {
		t.Errorf("%v, head %d", err, l.Head().Seq)
	}
}

// A duty can be fulfilled after the run is over, once; nothing else is taken then.
func TestDutyAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := store(t)
	create(t, s, journal.StepStarted{Step: "stack/one", Attempt: 1}, journal.StepSucceeded{Step: "stack/one", Attempt: 1, Duties: []step.Duty{{Key: "vault", Text: "renew it"}}},
		journal.RunFinished{Result: journal.Recovered})
	done := journal.DutyDone{Step: "stack/one", Key: "vault", By: "bob"}
	if queued, err := s.Tell(t.Context(), "run", done); queued || err != nil {
		t.Fatalf("%v, %v", queued, err)
	}
	st, err := s.Load(t.Context(), "run")
	if err != nil || len(st.Open()) != 0 || st.Duties[0].By != "bob" || st.Result != journal.Recovered {
		t.Errorf("%+v, %v", st.Duties, err)
	}
	for _, ev := range []journal.Event{done, confirm, journal.StopRequested{Mode: journal.Abort, By: "bob"}} {
		if _, err := s.Tell(t.Context(), "run", ev); !errors.Is(err, ErrRefused) {
			t.Errorf("%T: %v", ev, err)
		}
	}
}
