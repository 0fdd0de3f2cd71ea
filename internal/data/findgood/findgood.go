// Package findgood looks for the last instant at which the data of a table was right.
//
// Promise: what is called good or bad was seen: each answer is a count over a full, consistent scan of the table, restored as it was at that second.
// The last good instant and the first bad one are both answers. The search assumes that what broke stays broken; both ends are looked at, and
// an answer that contradicts it is reported. Answers are kept until the search is over: one that was killed or interrupted goes on with them. The
// copies that it reads are made and deleted by package beside.
package findgood

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// API is what a search calls. *dynamodb.Client has it.
type API interface {
	beside.API
	scan.API
}

// Invariant is what is right: the query finds at least and at most so many items.
type Invariant struct {
	Query   string `json:"query,omitempty"` // empty: every item is found
	AtLeast int64  `json:"at_least"`
	AtMost  int64  `json:"at_most"` // negative: no bound
}

func (i Invariant) holds(matches int64) bool {
	return matches >= i.AtLeast && (i.AtMost < 0 || matches <= i.AtMost)
}

// Config is what to look for, and where. Span.From and Span.To may be zero: as far as the table can be restored, or what an unfinished search has.
type Config struct {
	beside.Config
	API       API
	Invariant Invariant
	Span      Span
	Clock     clock.Clock
}

// Search is one search. It must be closed.
type Search struct {
	Config
	Shelf  *beside.Shelf
	Now    Answer        // of the live table, which costs no restore; its instant is that of the question
	Known  int           // answers of an earlier, unfinished search for the same
	Window beside.Window // to which the table can be restored

	filter  scan.Filter
	mu      sync.Mutex
	memory  memory
	answers []Answer // those within the span
}

// memory is what is kept of a search until it is over.
type memory struct {
	Schema    string    `json:"schema"`
	ARN       string    `json:"table_arn"`
	Invariant Invariant `json:"invariant"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Answers   []Answer  `json:"answers"`
}

const (
	memorySchema = "lifeboat.search/v1"
	maxMemory    = 16 << 20
)

// Prepare makes ready what costs nothing: it asks the live table the question, and looks at how far back it can be restored.
func Prepare(ctx context.Context, c Config) (s *Search, err error) {
	c.Config.API = c.API
	s = &Search{Config: c}
	if c.Invariant.Query != "" {
		if s.filter, err = Query(c.Invariant.Query); err != nil {
			return nil, err
		}
	}
	if s.Shelf, err = beside.Open(ctx, c.Config); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Now, err = s.count(ctx, c.Table, c.Clock.Now()); err != nil {
		return s, awscloud.Explain(err, "table "+c.Table+" does not answer the query", c.Site)
	}
	if s.Window, err = s.Shelf.Window(ctx); err != nil {
		return s, err
	}
	if err := s.recall(); err != nil {
		return s, err
	}
	s.bound()
	if err := s.Span.Check(); err != nil {
		return s, err
	}
	for _, a := range s.memory.Answers {
		if !a.At.Before(s.Span.From) && !a.At.After(s.Span.To) {
			s.answers = append(s.answers, a)
		}
	}
	s.Known = len(s.answers)
	for _, at := range s.Span.Next(s.answers) {
		if err := s.Shelf.Check(s.Window, at); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Close lets other searches in.
func (s *Search) Close() error { return s.Shelf.Close() }

// bound gives the span its ends where nobody named them. A window that moves on is entered where it will still be when the search ends.
func (s *Search) bound() {
	s.Span.From, s.Span.To = s.Span.From.Truncate(time.Second), s.Span.To.Truncate(time.Second)
	if s.Span.To.IsZero() {
		s.Span.To = s.memory.To
	}
	if s.Span.To.IsZero() {
		s.Span.To = s.Window.Latest
	}
	if s.Span.From.IsZero() {
		s.Span.From = s.memory.From
	}
	if s.Span.From.IsZero() {
		s.Span.From = s.Window.Earliest
		if s.Window.Rolling && s.Span.Check() == nil {
			rounds, _ := s.Span.Forecast()
			s.Span.From = s.Span.From.Add(time.Duration(rounds) * time.Hour)
		}
	}
	s.memory.From, s.memory.To = s.Span.From, s.Span.To
}

// recall reads what an earlier search for the same left. Another one's answers are of no use.
func (s *Search) recall() error {
	fresh := memory{Schema: memorySchema, ARN: aws.ToString(s.Shelf.Source.TableArn), Invariant: s.Invariant}
	text, err := proc.ReadFile(s.Shelf.File("search.json"), maxMemory)
	if errors.Is(err, fs.ErrNotExist) {
		s.memory = fresh
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s.memory)
	}
	if err != nil {
		return fmt.Errorf("what an earlier search left cannot be read; delete %s to begin anew: %w", s.Shelf.File("search.json"), err)
	}
	if s.memory.Schema != fresh.Schema || s.memory.ARN != fresh.ARN || s.memory.Invariant != fresh.Invariant {
		s.memory = fresh
	}
	return nil
}

// remember keeps an answer.
func (s *Search) remember(a Answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, a)
	s.memory.Answers = append(s.memory.Answers, a)
	return s.save()
}

func (s *Search) save() error {
	text, err := json.MarshalIndent(s.memory, "", "  ")
	if err != nil {
		return err
	}
	return proc.WriteFile(s.Shelf.File("search.json"), text, 0o600)
}

func (s *Search) forget() error {
	if err := os.Remove(s.Shelf.File("search.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Forecast is what the rest of the search takes at most, if what broke stays broken.
type Forecast struct {
	Rounds   int           `json:"rounds"`
	Restores int           `json:"restores"`
	Shortest time.Duration `json:"-"`       // AWS takes at least as long
	Dollars  float64       `json:"dollars"` // about, at the prices of US East (N. Virginia)
}

// Forecast tells what a search with so many ways takes; 0 ways are its own.
func (s *Search) Forecast(ways int) Forecast {
	span := s.Span
	span.Ways = cmp.Or(ways, span.Ways)
	rounds, restores := span.Forecast()
	if good, bad, found := Edge(s.answers); found && s.Known > 0 { // the rest of one that was begun
		span.From, span.To = good.At, bad.At
		rounds, restores = span.Forecast()
	}
	return Forecast{rounds, restores, time.Duration(rounds) * beside.Shortest, s.Shelf.Cost(restores, true)}
}

// count asks a table, which is the live one or a copy.
func (s *Search) count(ctx context.Context, name string, at time.Time) (Answer, error) {
	matches, items, err := scan.Table{API: s.API, Name: name}.Count(ctx, s.filter)
	return Answer{At: at, Good: s.Invariant.holds(matches), Matches: matches, Items: items}, err
}
