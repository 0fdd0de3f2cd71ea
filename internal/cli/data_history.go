package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/history"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

type historyOptions struct {
	pastOptions
	key, since string
	restore    []string
}

func (p *Program) history() *cobra.Command {
	var o historyOptions
	c := &cobra.Command{
		Use: "history TABLE", Short: "Show one item of a table over time", Args: exactly("TABLE"),
		Long: "Puts together what is known of one item: the item as it is, what the vault's exports have of it, and the last 24 hours of the table's stream if that is on. " +
			"Says between which instants each state held, how that is known, and where there are gaps that nobody can see into. With --restore TIME the table is also " +
			"restored beside itself as of that instant, after a question that shows time and cost, and the copy deleted again.",
		Example: "  lifeboat data history orders --key '{\"id\":\"42\"}'\n" +
			"  lifeboat data history orders --key '{\"pk\":{\"S\":\"order#42\"},\"sk\":{\"N\":\"7\"}}' --since -48h --restore 2026-11-23T03:00:00Z",
		RunE: func(c *cobra.Command, args []string) error { return p.runHistory(c.Context(), args[0], o) },
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&o.key, "key", "", "the item's key, as `JSON`, plain or as DynamoDB writes it")
	f.StringVar(&o.since, "since", "", "only what was since `TIME`: 2026-11-23T03:00:00Z, or -48h; default: all that is known")
	f.StringArrayVar(&o.restore, "restore", nil, "also restore the table as of `TIME`; may be repeated")
	return c
}

func (p *Program) runHistory(ctx context.Context, name string, o historyOptions) (err error) {
	if o.key == "" {
		return usage(`write it as --key '{"id":"42"}'`, "nobody said which item: --key is missing")
	}
	t, err := p.past(o.pastOptions, name)
	if err != nil {
		return err
	}
	since, err := p.instants("since", o.since)
	if err != nil {
		return err
	}
	restore, err := p.instants("restore", o.restore...)
	if err != nil {
		return err
	}
	if len(restore) > beside.MaxRestores || slices.ContainsFunc(restore, time.Time.IsZero) {
		return usage("", "--restore wants an instant, at most %d times", beside.MaxRestores)
	}
	ctx, stop := p.untilSignal(ctx)
	defer stop()
	h, err := p.History(ctx, t, history.Config{Config: t.Look, Key: o.key, Since: since[0], Restore: restore, Clock: p.Clock})
	if k, ok := errors.AsType[*history.KeyError](err); ok {
		return usage("write it as "+k.Example, "%v", k)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if len(restore) > 0 && !o.yes {
		n := len(restore)
		p.say("%s, one after the other: at least %s in AWS, %s.\n%s\n", diag.Count(n, "restore"), clock.Brief(time.Duration(n)*beside.Shortest), dollars(h.Shelf.Cost(n, false)),
			strings.Join(diag.Wrap("", aboutCost, width(p.Stderr, 100)), "\n"))
		if err := p.ask(fmt.Sprintf("\nRestore table %s in account %s, %s, and delete the copies again? Type the table's name to go on: ", h.Table, t.Home.Account, t.Home.Region), h.Table); err != nil {
			return err
		}
	}
	r, err := h.Look(ctx)
	if len(restore) > 0 {
		err = p.tidy(ctx, h, len(h.Shelf.Left()), err)
	}
	if err != nil {
		return err
	}
	return p.showHistory(h, r)
}

// lived is the result of history.
type lived struct {
	Schema  string           `json:"schema"`
	Table   string           `json:"table"`
	Key     json.RawMessage  `json:"key"`
	Now     time.Time        `json:"now"`
	States  []was            `json:"states"`
	Sources []history.Source `json:"sources"`
}

// was is a state of an item.
type was struct {
	From    time.Time       `json:"from"`
	To      time.Time       `json:"to"`
	State   string          `json:"state"`          // item, absent or unknown
	Item    json.RawMessage `json:"item,omitempty"` // DynamoDB JSON
	Sources []string        `json:"sources"`
	Unless  string          `json:"unless,omitempty"`
	Why     string          `json:"why,omitempty"`     // of an unknown one
	Changed bool            `json:"changed,omitempty"` // an unknown one, which was not the same at both ends
}

func (p *Program) showHistory(h *history.History, r history.Result) error {
	key, err := item.Encode(r.Key)
	if err != nil {
		return err
	}
	out := lived{Schema: "lifeboat.history/v1", Table: h.Table, Key: key, Now: r.Now, States: []was{}, Sources: r.Sources}
	for _, s := range r.States {
		w := was{From: s.From, To: s.To, State: "item", Sources: append([]string{}, s.Sources...), Unless: s.Unless, Why: s.Why, Changed: s.Changed}
		switch {
		case !s.Known:
			w.State = "unknown"
		case s.Item == nil:
			w.State = "absent"
		default:
			if w.Item, err = item.Encode(s.Item); err != nil {
				return err
			}
		}
		out.States = append(out.States, w)
	}
	if p.format == "json" {
		return writeJSON(p.Stdout, out)
	}
	_, err = p.Stdout.Write([]byte(out.human(width(p.Stdout, 100))))
	return err
}

// human is the history as text, the oldest state first.
func (l lived) human(columns int) string {
	var b strings.Builder
	line := func(indent, text string) {
		for _, s := range diag.Wrap("", text, max(20, columns-len(indent))) {
			b.WriteString(indent + s + "\n")
		}
	}
	fmt.Fprintf(&b, "item %s of table %s\n\n", diag.Clean(string(l.Key)), l.Table)
	for i, w := range l.States {
		to := fine(w.To)
		if w.To.Equal(l.Now) {
			to = "now"
		}
		span := fine(w.From) + " to " + to
		if w.From.Equal(w.To) {
			span = to
		}
		switch w.State {
		case "unknown":
			what := "unknown"
			if w.Changed {
				what = "changed in between, at least once; when is unknown"
			}
			line("", span+": "+what)
			line("    ", w.Why)
			continue
		case "absent":
			what := "not there"
			if slices.ContainsFunc(l.States[:i], func(x was) bool { return x.State == "item" }) {
				what = "deleted"
			}
			line("", span+": "+what+comma(w.Unless))
		default:
			line("", span+":")
			line("  ", string(w.Item))
		}
		line("    ", "known from "+strings.Join(w.Sources, "; "))
	}
	b.WriteString("\nlooked into:\n")
	for _, s := range l.Sources {
		said := s.Said
		if s.Failed {
			said = "cannot be read, and proves nothing: " + said
		}
		line("  ", s.Name+": "+said)
	}
	return b.String()
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// fine writes an instant as finely as it is known. What holds just before a second ends there.
func fine(t time.Time) string {
	if up := t.Add(time.Microsecond); up.Equal(up.Truncate(time.Second)) {
		t = up
	}
	if t.Equal(t.Truncate(time.Second)) {
		return moment(t)
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 MST")
}
