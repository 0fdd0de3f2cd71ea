package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type message struct {
	ID, Body, Group, Dedup, Sequence string
	Attributes                       map[string]attribute
	Sender                           string
	Sent, FirstReceived, Visible     time.Time
	Receives                         int
	Receipt                          string // the last receipt; an older one still deletes, as in AWS
}

// sent is what a FIFO queue answered to a message; a repeated message gets it again for five minutes.
type sent struct {
	At  time.Time
	Out sendOutput
}

const dedupWindow = 5 * time.Minute

type sendInput struct {
	ID                     string `json:"Id"`
	MessageBody            string
	DelaySeconds           *int
	MessageAttributes      map[string]attribute
	MessageDeduplicationID string `json:"MessageDeduplicationId"`
	MessageGroupID         string `json:"MessageGroupId"`
}

type sendOutput struct {
	ID                     string `json:"Id,omitempty"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
	MessageID              string `json:"MessageId"`
	SequenceNumber         string `json:",omitempty"`
}

func (s *Service) send(r *region, c *sim.Call, in *struct {
	queueInput
	sendInput
},
) (sendOutput, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return sendOutput{}, err
	}
	return s.put(q, c, &in.sendInput)
}

func (s *Service) put(q *queue, c *sim.Call, in *sendInput) (out sendOutput, err error) {
	if in.MessageBody == "" {
		return out, sim.Errorf("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	if limit, _ := strconv.Atoi(q.Attributes["MaximumMessageSize"]); size(in) > limit {
		return out, badValue("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	if err := s.checkKey(q, c); err != nil {
		return out, err
	}
	delay := q.seconds("DelaySeconds")
	if in.DelaySeconds != nil {
		if delay = time.Duration(*in.DelaySeconds) * time.Second; *in.DelaySeconds < 0 || *in.DelaySeconds > 900 || q.fifo() {
			return out, badValue("Value %d for parameter DelaySeconds is invalid. Reason: it must be from 0 to 900, and is not for FIFO queues.", *in.DelaySeconds)
		}
	}
	now := s.world.Now()
	out = sendOutput{ID: in.ID, MessageID: s.world.UUID(), MD5OfMessageBody: hexMD5([]byte(in.MessageBody)), MD5OfMessageAttributes: attributesMD5(in.MessageAttributes)}
	m := &message{ID: out.MessageID, Body: in.MessageBody, Group: in.MessageGroupID, Attributes: in.MessageAttributes, Sender: c.Account, Sent: now, Visible: now.Add(delay)}
	if q.fifo() {
		earlier, err := q.deduplicate(m, in.MessageDeduplicationID, now)
		if earlier != nil || err != nil {
			return earlier.orZero(), err
		}
		q.Sequence++
		m.Sequence = strconv.FormatInt(1<<60+q.Sequence, 10)
		out.SequenceNumber = m.Sequence
		q.Deduplication[m.Dedup] = sent{now, out}
	}
	q.Messages = append(q.Messages, m)
	return out, nil
}

func (o *sendOutput) orZero() sendOutput {
	if o == nil {
		return sendOutput{}
	}
	return *o
}

// deduplicate gives the message its deduplication id, and the answer to an earlier message that had the same.
func (q *queue) deduplicate(m *message, id string, now time.Time) (*sendOutput, error) {
	if m.Group == "" {
		return nil, sim.Errorf("MissingParameter", "The request must contain the parameter MessageGroupId.")
	}
	if m.Dedup = id; id == "" {
		if q.Attributes["ContentBasedDeduplication"] != "true" {
			return nil, badValue("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
		}
		sum := sha256.Sum256([]byte(m.Body))
		m.Dedup = hex.EncodeToString(sum[:])
	}
	if q.Deduplication == nil {
		q.Deduplication = map[string]sent{}
	}
	maps.DeleteFunc(q.Deduplication, func(_ string, d sent) bool { return now.Sub(d.At) >= dedupWindow })
	if d, ok := q.Deduplication[m.Dedup]; ok {
		return &d.Out, nil
	}
	return nil, nil
}

// expire drops the messages that are older than the queue's retention.
func (q *queue) expire(now time.Time) {
	keep := q.seconds("MessageRetentionPeriod")
	q.Messages = slices.DeleteFunc(q.Messages, func(m *message) bool { return now.Sub(m.Sent) >= keep })
}

func (q *queue) counts(now time.Time) (visible, hidden, delayed int) {
	for _, m := range q.Messages {
		switch {
		case !now.Before(m.Visible):
			visible++
		case m.Receives == 0:
			delayed++
		default:
			hidden++
		}
	}
	return visible, hidden, delayed
}
