package beside

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Copy is a restored table.
type Copy struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`           // as of this second
	ID   string    `json:"id,omitempty"` // DynamoDB's, once it was given
}

const recordSchema = "lifeboat.copies/v1"

// record is what is written down of a table's copies.
type record struct {
	Schema string `json:"schema"`
	ARN    string `json:"table_arn"`
	Copies []Copy `json:"copies"`
}

const maxRecord = 1 << 20

func (s *Shelf) load() error {
	name := s.File("copies.json")
	s.list = record{Schema: recordSchema, ARN: aws.ToString(s.Source.TableArn)}
	text, err := proc.ReadFile(name, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var r record
	err = json.Unmarshal(text, &r)
	if err == nil && r.Schema != recordSchema {
		err = fmt.Errorf("it has the form %q", r.Schema)
	}
	for _, c := range r.Copies {
		if err == nil && !strings.HasPrefix(c.Name, prefix(s.Table)) {
			err = fmt.Errorf("it names table %q, which is no copy", c.Name)
		}
	}
	if err != nil {
		return fmt.Errorf("%s does not tell which restored copies are there: %w; look for tables named %s*, delete those that nobody needs, then delete that file", name, err, prefix(s.Table))
	}
	s.list.Copies = r.Copies
	return nil
}

// save writes the record down. The caller holds the lock.
func (s *Shelf) save() error {
	text, err := json.MarshalIndent(s.list, "", "  ")
	if err != nil {
		return err
	}
	return proc.WriteFile(s.File("copies.json"), text, 0o600)
}

// Left gives the copies that were written down, the earliest instant first.
func (s *Shelf) Left() []Copy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(slices.Values(s.list.Copies), func(a, b Copy) int { return a.At.Compare(b.At) })
}

// claim gives the copy as of an instant, and writes it down if it is new.
func (s *Shelf) claim(at time.Time) (Copy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.list.Copies {
		if c.At.Equal(at) {
			return c, nil
		}
	}
	var id [4]byte
	_, _ = rand.Read(id[:]) // it never fails (crypto/rand)
	c := Copy{Name: prefix(s.Table) + hex.EncodeToString(id[:]) + "-" + at.UTC().Format("20060102T150405Z"), At: at.UTC()}
	s.list.Copies = append(s.list.Copies, c)
	return c, s.save()
}

// note writes down what is now known of a copy.
func (s *Shelf) note(c Copy) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.list.Copies {
		if s.list.Copies[i].Name == c.Name {
			s.list.Copies[i] = c
		}
	}
	return s.save()
}

// prefix begins the names of a table's copies; names of tables have at most 255 characters.
func prefix(table string) string { return table[:min(len(table), 200)] + "-lifeboat-look-" }

// forget strikes a copy that is gone from the record.
func (s *Shelf) forget(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list.Copies = slices.DeleteFunc(s.list.Copies, func(c Copy) bool { return c.Name == name })
	return s.save()
}

// waits are pauses that grow: a drill cloud restores in a second, AWS in twenty minutes at least.
func (s *Shelf) waits() *waits {
	return &waits{next: firstWait, most: cmp.Or(s.Poll, 5*time.Second)}
}

const firstWait = 100 * time.Millisecond

type waits struct{ next, most time.Duration }

func (w *waits) sleep(ctx context.Context) error {
	d := min(w.next, w.most)
	w.next += w.next / 2
	return clock.Sleep(ctx, d)
}
