package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// streamKeep is how long a stream's records can be read ("Change data capture for DynamoDB Streams").
const streamKeep = 24 * time.Hour

// stream is what happened to a table's items since it was switched on. It has one shard, which ends when it is switched off.
type stream struct {
	streamDefinition
	records []record // the oldest first, with sequence numbers one after another
	bytes   int      // of their items
}

// streamDefinition is what is saved of a stream beside its records.
type streamDefinition struct {
	Label     string    `json:"label"`
	View      string    `json:"view"`
	CreatedAt time.Time `json:"createdAt"`
	ClosedAt  time.Time `json:"closedAt,omitzero"` // zero while it is on
	Next      int64     `json:"next"`              // the sequence number of the next record
}

// record is one change. No item is empty.
type record struct {
	seq, at  int64 // at in nanoseconds since 1970
	old, now item.Item
	expired  bool // by TTL
}

const recordSize = 64 // of a record without its items

// followStream makes or ends the stream when the setting changed. The caller holds the lock.
func (t *table) followStream(now time.Time) {
	open := t.openStream()
	if open != nil && (t.def.Stream == nil || open.Label != t.def.StreamLabel) {
		open.ClosedAt = now
		open = nil
	}
	if open == nil && t.def.Stream != nil {
		t.streams = append(t.streams, &stream{streamDefinition: streamDefinition{Label: t.def.StreamLabel, View: t.def.Stream.StreamViewType, CreatedAt: now, Next: 1}})
	}
	t.streams = slices.DeleteFunc(t.streams, func(s *stream) bool { return !s.ClosedAt.IsZero() && now.Sub(s.ClosedAt) > streamKeep })
}

func (t *table) openStream() *stream {
	if n := len(t.streams); n > 0 && t.streams[n-1].ClosedAt.IsZero() {
		return t.streams[n-1]
	}
	return nil
}

// add notes a change. The oldest records go when they are a day old, or have more bytes than limit.
func (s *stream) add(now time.Time, old, made item.Item, expired bool, limit int) {
	s.push(record{s.Next, now.UnixNano(), old, made, expired})
	s.Next++
	for len(s.records) > 0 && (s.bytes > limit || s.records[0].at < now.Add(-streamKeep).UnixNano()) {
		s.bytes -= s.records[0].size()
		s.records[0] = record{} // lets go of the items
		s.records = s.records[1:]
	}
}

func (s *stream) push(r record) {
	s.records = append(s.records, r)
	s.bytes += r.size()
}

func (r *record) size() int { return recordSize + len(r.old) + len(r.now) }

// from gives the records from a sequence number on; trimmed tells that older ones were asked for than there are.
func (s *stream) from(seq int64) (records []record, trimmed bool) {
	first := s.Next - int64(len(s.records))
	if seq < first {
		return nil, true
	}
	return s.records[min(seq-first, int64(len(s.records))):], false
}

func (s *stream) arn(t *table) string { return t.arn() + "/stream/" + s.Label }

// shardID names the stream's shard, of the instant that it began.
func (s *stream) shardID() string {
	return fmt.Sprintf("shardId-%020d-%08x", s.CreatedAt.UnixMilli(), uint32(hashOf(s.Label))) //nolint:gosec // any 8 digits will do
}

func (s *stream) status() string {
	if s.ClosedAt.IsZero() {
		return "ENABLED"
	}
	return "DISABLED"
}

// sequence writes a sequence number as AWS does: at least 21 digits.
func sequence(n int64) string { return fmt.Sprintf("1%020d", n) }

func parseSequence(text string) (int64, error) {
	var n int64
	if len(text) != 21 || text[0] != '1' {
		return 0, invalid("Invalid SequenceNumber: %s", text)
	}
	if _, err := fmt.Sscanf(text[1:], "%d", &n); err != nil {
		return 0, invalid("Invalid SequenceNumber: %s", text)
	}
	return n, nil
}

// byStream finds a stream by its ARN and gives it with its table, which is locked for reading; the caller unlocks it.
func (s *Service) byStream(c *sim.Call, arn string) (*table, *stream, error) {
	missing := sim.Errorf("ResourceNotFoundException", "Requested resource not found: Stream: %s not found", arn)
	name, label, ok := strings.Cut(strings.TrimPrefix(arn, c.ARN("dynamodb", "table/")), "/stream/")
	if !ok {
		return nil, nil, invalid("Invalid StreamArn: %s", arn)
	}
	t := s.find(c, name)
	if t == nil {
		return nil, nil, missing
	}
	t.mu.RLock()
	for _, one := range t.streams {
		if one.Label == label {
			return t, one, nil
		}
	}
	t.mu.RUnlock()
	return nil, nil, missing
}
