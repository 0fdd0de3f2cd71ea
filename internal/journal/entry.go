package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxLine bounds one line of a journal, in bytes without its newline. A procedure of 10,000 steps fits.
const MaxLine = 4 << 20

// Origin is the hash that the first entry names as the one before it.
const Origin = "0000000000000000000000000000000000000000000000000000000000000000"

// The ways a journal can be bad. A *LineError carries one of them and says where.
var (
	ErrBroken = errors.New("the journal is damaged or was changed")
	ErrTorn   = errors.New("the journal's last line is incomplete")
	ErrNewer  = errors.New("the journal was written by a newer lifeboat")
)

// LineError is what is wrong with a line of a journal.
type LineError struct {
	Line   int // from 1
	Err    error
	Detail string
}

// Error is one line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v: %s", e.Line, e.Err, e.Detail) }

// Unwrap gives ErrBroken, ErrTorn or ErrNewer.
func (e *LineError) Unwrap() error { return e.Err }

// Entry is an event in its place in the chain.
type Entry struct {
	Seq   uint64 // from 1, without gaps
	Time  time.Time
	Prev  string // hash of the entry before, or Origin
	Event Event
	Hash  string // sha256 (hex) of this entry's line without the newline
}

// Head is the end of a chain. The zero Head is the empty journal's.
type Head struct {
	Seq  uint64
	Hash string
}

// Head is the end of the chain at this entry.
func (e Entry) Head() Head { return Head{Seq: e.Seq, Hash: e.Hash} }

// line is how an entry is written.
type line struct {
	Seq   uint64          `json:"seq"`
	Time  time.Time       `json:"time"`
	Kind  Kind            `json:"kind"`
	Prev  string          `json:"prev"`
	Event json.RawMessage `json:"event"`
}

// Append writes the entry that follows h to dst, with a newline.
func (h Head) Append(dst []byte, at time.Time, ev Event) ([]byte, Entry, error) {
	if _, first := ev.(RunStarted); first != (h.Seq == 0) {
		return dst, Entry{}, fmt.Errorf("journal: %s cannot be entry %d: a journal starts with run_started, once", ev.Kind(), h.Seq+1)
	}
	raw, err := json.Marshal(ev)
	if err != nil {
		return dst, Entry{}, fmt.Errorf("journal: write %s: %w", ev.Kind(), err)
	}
	e := Entry{Seq: h.Seq + 1, Time: at.UTC().Round(0), Prev: h.Hash, Event: ev}
	if h.Seq == 0 {
		e.Prev = Origin
	}
	start := len(dst)
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, `,"time":"`...)
	dst = e.Time.AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","kind":"`...)
	dst = append(dst, ev.Kind()...)
	dst = append(dst, `","prev":"`...)
	dst = append(dst, e.Prev...)
	dst = append(dst, `","event":`...)
	dst = append(dst, raw...)
	dst = append(dst, '}')
	if n := len(dst) - start; n > MaxLine {
		return dst[:start], Entry{}, fmt.Errorf("journal: %s takes %d bytes, more than the %d that a line may have", ev.Kind(), n, MaxLine)
	}
	e.Hash = hash(dst[start:])
	return append(dst, '\n'), e, nil
}

func hash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// next reads the line that follows h.
func (h Head) next(text []byte) (Entry, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Entry{}, errNotJSON
	}
	prev := h.Hash
	if h.Seq == 0 {
		prev = Origin
	}
	switch {
	case l.Seq != h.Seq+1:
		return Entry{}, h.broken("entry %d stands where %d should", l.Seq, h.Seq+1)
	case l.Prev != prev:
		return Entry{}, h.broken("it does not continue the line before it (it names %s, that line's hash is %s)", short(l.Prev), short(prev))
	case (h.Seq == 0) != (l.Kind == KindRunStarted):
		return Entry{}, h.broken("%q cannot be entry %d", l.Kind, l.Seq)
	}
	ev, err := UnmarshalEvent(l.Kind, l.Event)
	if errors.Is(err, ErrNewer) {
		return Entry{}, &LineError{Line: h.line(), Err: ErrNewer, Detail: fmt.Sprintf("this version does not know the event %q; use the lifeboat that wrote it, or a newer one", l.Kind)}
	}
	if err != nil {
		return Entry{}, h.broken("%v", err)
	}
	return Entry{Seq: l.Seq, Time: l.Time, Prev: l.Prev, Event: ev, Hash: hash(text)}, nil
}

var errNotJSON = errors.New("it is not a JSON object")

func (h Head) line() int { return int(h.Seq) + 1 } //nolint:gosec // a journal has far fewer lines than an int counts

func (h Head) broken(format string, args ...any) error {
	return &LineError{Line: h.line(), Err: ErrBroken, Detail: fmt.Sprintf(format, args...)}
}

func short(hash string) string {
	if len(hash) > 12 {
		hash = hash[:12] + "..."
	}
	return strings.ToValidUTF8(hash, "?")
}

// UnmarshalEvent reads an event of a kind. It gives ErrNewer for a kind that it does not know.
func UnmarshalEvent(k Kind, raw []byte) (Event, error) {
	switch k {
	case KindRunStarted:
		return read[RunStarted](raw)
	case KindRunResumed:
		return read[RunResumed](raw)
	case KindPlanChanged:
		return read[PlanChanged](raw)
	case KindMarked:
		return read[Marked](raw)
	case KindStepProbed:
		return read[StepProbed](raw)
	case KindStepStarted:
		return read[StepStarted](raw)
	case KindStepProgress:
		return read[StepProgress](raw)
	case KindStepSucceeded:
		return read[StepSucceeded](raw)
	case KindDutyDone:
		return read[DutyDone](raw)
	case KindStepSkipped:
		return read[StepSkipped](raw)
	case KindStepFailed:
		return read[StepFailed](raw)
	case KindGateOpened:
		return read[GateOpened](raw)
	case KindGateDecided:
		return read[GateDecided](raw)
	case KindStopRequested:
		return read[StopRequested](raw)
	case KindRunFinished:
		return read[RunFinished](raw)
	}
	return nil, fmt.Errorf("%w: event %q", ErrNewer, k)
}

func read[E Event](raw []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("event %s: %w", e.Kind(), err)
	}
	return e, nil
}
