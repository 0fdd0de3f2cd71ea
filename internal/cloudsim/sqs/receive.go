package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// pollEvery is how often a long poll looks again.
const pollEvery = 50 * time.Millisecond

type receiveInput struct {
	queueInput
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

type received struct {
	Attributes             map[string]string `json:",omitempty"`
	Body                   string
	MD5OfBody              string
	MD5OfMessageAttributes string               `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
	MessageID              string               `json:"MessageId"`
	ReceiptHandle          string
}

// receive takes what is visible, waiting up to WaitTimeSeconds (at most 20) for a first message.
func (s *Service) receive(ctx context.Context, c *sim.Call, in *receiveInput) (any, error) {
	var waited time.Duration
	for {
		var out []received
		var wait time.Duration
		var err error
		s.With(c.Scope, func(r *region) { out, wait, err = s.take(r, c, in) })
		if err != nil || len(out) > 0 {
			return map[string]any{"Messages": out}, err
		}
		if waited >= wait || clock.Sleep(ctx, pollEvery) != nil {
			return struct{}{}, err // there is no message
		}
		waited += pollEvery
	}
}

func (s *Service) take(r *region, c *sim.Call, in *receiveInput) (out []received, wait time.Duration, err error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return nil, 0, err
	}
	if err := s.checkKey(q, c); err != nil {
		return nil, 0, err
	}
	hide, wait, limit := q.seconds("VisibilityTimeout"), q.seconds("ReceiveMessageWaitTimeSeconds"), 1
	for _, o := range []struct {
		name      string
		given     *int
		low, high int
		use       func(int)
	}{
		{"MaxNumberOfMessages", in.MaxNumberOfMessages, 1, 10, func(n int) { limit = n }},
		{"VisibilityTimeout", in.VisibilityTimeout, 0, 43200, func(n int) { hide = time.Duration(n) * time.Second }},
		{"WaitTimeSeconds", in.WaitTimeSeconds, 0, 20, func(n int) { wait = time.Duration(n) * time.Second }},
	} {
		if o.given == nil {
			continue
		}
		if *o.given < o.low || *o.given > o.high {
			return nil, 0, badValue("Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", *o.given, o.name, o.low, o.high)
		}
		o.use(*o.given)
	}
	now := s.world.Now()
	q.expire(now)
	q.bury(r, c, now)
	for _, m := range q.ready(now, limit) {
		m.Receives++
		if m.Visible, m.Receipt = now.Add(hide), m.ID+"/"+s.world.Hex(32); m.FirstReceived.IsZero() {
			m.FirstReceived = now
		}
		out = append(out, m.show(in))
	}
	return out, wait, nil
}

// ready chooses what may be received now: in a FIFO queue nothing of a group that has a message in flight.
func (q *queue) ready(now time.Time, limit int) []*message {
	var out []*message
	blocked := map[string]bool{}
	for _, m := range q.Messages {
		switch {
		case len(out) == limit:
			return out
		case now.Before(m.Visible):
			blocked[m.Group] = q.fifo()
		case !blocked[m.Group]:
			out = append(out, m)
		}
	}
	return out
}

// bury moves the visible messages that were received too often to the dead-letter queue.
func (q *queue) bury(r *region, c *sim.Call, now time.Time) {
	d, ok := q.redrive()
	dead := r.Queues[strings.TrimPrefix(d.Target, c.ARN("sqs", ""))]
	if !ok || dead == nil {
		return
	}
	q.Messages = slices.DeleteFunc(q.Messages, func(m *message) bool {
		if m.Receives < d.Max || now.Before(m.Visible) {
			return false
		}
		dead.Messages = append(dead.Messages, m)
		return true
	})
}

func (m *message) show(in *receiveInput) received {
	out := received{Body: m.Body, MD5OfBody: hexMD5([]byte(m.Body)), MessageID: m.ID, ReceiptHandle: m.Receipt}
	system := map[string]string{
		"SenderId": m.Sender, "SentTimestamp": millis(m.Sent), "ApproximateReceiveCount": strconv.Itoa(m.Receives),
		"ApproximateFirstReceiveTimestamp": millis(m.FirstReceived),
	}
	if m.Sequence != "" {
		system["SequenceNumber"], system["MessageGroupId"], system["MessageDeduplicationId"] = m.Sequence, m.Group, m.Dedup
	}
	maps.DeleteFunc(system, func(k, _ string) bool {
		return !wanted(k, in.AttributeNames) && !wanted(k, in.MessageSystemAttributeNames)
	})
	out.Attributes = system
	own := maps.Clone(m.Attributes)
	maps.DeleteFunc(own, func(k string, _ attribute) bool { return !wanted(k, in.MessageAttributeNames) })
	out.MessageAttributes, out.MD5OfMessageAttributes = own, attributesMD5(own)
	return out
}

// wanted tells whether a name is asked for: by itself, by All or .*, or by a prefix such as app.*.
func wanted(name string, asked []string) bool {
	return slices.ContainsFunc(asked, func(a string) bool {
		prefix, wild := strings.CutSuffix(a, ".*")
		return a == "All" || a == name || wild && (prefix == "" || strings.HasPrefix(name, prefix+"."))
	})
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
