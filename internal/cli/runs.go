package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

// maxVerified bounds the journals that a list reads to their ends, in bytes, the newest first: 10,000 steps write about 20 MB.
const maxVerified = 256 << 20

// listed is one run in the JSON list.
type listed struct {
	Run       string    `json:"run"`
	Scenario  string    `json:"scenario"`
	Label     string    `json:"label"`
	Result    string    `json:"result"` // as in a report; damaged when the journal does not verify
	StartedAt time.Time `json:"started_at"`
	LastAt    time.Time `json:"last_at"`
	By        string    `json:"by,omitempty"`           // who works on it now
	Duties    int       `json:"duties,omitempty"`       // that stay to be done by people
	Damaged   int       `json:"damaged_from,omitempty"` // the first entry of the journal that does not verify
	Unchecked bool      `json:"unchecked,omitempty"`    // the journals are too many: this one was not read to its end
	Problem   string    `json:"problem,omitempty"`
}

func (p *Program) runList(ctx context.Context) error {
	sums, err := p.runs().List()
	if err != nil {
		return err
	}
	list := make([]listed, len(sums))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	left := int64(maxVerified)
	for i := len(sums) - 1; i >= 0; i-- {
		if st, err := os.Stat(filepath.Join(p.runs().Root, sums[i].Run, "journal.jsonl")); err == nil {
			left -= st.Size()
		}
		read := left >= 0
		group.Go(func() error {
			list[i] = p.listed(ctx, sums[i], read)
			return nil
		})
	}
	_ = group.Wait() // none of them fails
	if p.format == "json" {
		err = writeJSON(p.Stdout, map[string]any{"schema": "lifeboat.runs/v1", "runs": list})
	} else {
		err = p.showRuns(list)
	}
	return errors.Join(err, p.damaged(list))
}

// listed looks at one run; read is to read all of its journal.
func (p *Program) listed(ctx context.Context, s file.Summary, read bool) listed {
	l := listed{Run: s.Run, Scenario: s.Scenario, Label: string(s.Label), Result: string(s.Result), StartedAt: s.Began, LastAt: s.Last, Unchecked: !read}
	switch {
	case s.Err != nil:
		l.Problem = s.Err.Error()
	case s.Holder != nil:
		l.Result, l.By = "running", fmt.Sprintf("%s on %s, process %d", s.Holder.User, s.Holder.Host, s.Holder.PID)
	case l.Result == "":
		l.Result = "unfinished"
	}
	if !read {
		return l
	}
	state, err := p.runs().Load(ctx, s.Run)
	bad := new(journal.LineError)
	switch {
	case err == nil:
		l.Duties = len(state.Open())
	case errors.As(err, &bad) && errors.Is(err, journal.ErrBroken):
		l.Result, l.Damaged = "damaged", bad.Line // one line is one entry
		l.Problem = fmt.Sprintf("its journal does not verify from entry %d on: %s", bad.Line, bad.Detail)
	case l.Problem == "":
		l.Problem = err.Error()
	}
	return l
}

func (p *Program) showRuns(list []listed) error {
	if len(list) == 0 {
		_, err := fmt.Fprintf(p.Stdout, "There are no runs in %s. `%s drill SCENARIO` makes one.\n", p.runs().Root, p.call)
		return err
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	for _, l := range list {
		note := l.By + l.Problem
		if l.Duties > 0 {
			note = strings.TrimPrefix(fmt.Sprintf("%s; stays to be done: %d", note, l.Duties), "; ")
		}
		if l.Unchecked {
			note = strings.TrimPrefix(fmt.Sprintf("%s; journal not verified here: %s status %s does", note, p.call, l.Run), "; ")
		}
		row := []string{l.Run, l.Label, l.Result, note}
		if _, err := fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// damaged says which journals do not verify.
func (p *Program) damaged(list []listed) error {
	var names []string
	for _, l := range list {
		if l.Damaged > 0 {
			names = append(names, fmt.Sprintf("%s (from entry %d on)", filepath.Join(p.runs().Root, l.Run, "journal.jsonl"), l.Damaged))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", journal.ErrBroken, strings.Join(names, ", "))
}
