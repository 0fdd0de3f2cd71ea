package sqs

import (
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type receiptInput struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout int
}

// index finds the message of a receipt. A message that is gone is -1 without error; a text that is no receipt is an error.
func (q *queue) index(receipt string) (int, error) {
	id, _, ok := strings.Cut(receipt, "/")
	if !ok {
		return -1, sim.Errorf("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", receipt)
	}
	return slices.IndexFunc(q.Messages, func(m *message) bool { return m.ID == id }), nil
}

func (s *Service) drop(q *queue, in *receiptInput) error {
	i, err := q.index(in.ReceiptHandle)
	if i >= 0 {
		q.Messages = slices.Delete(q.Messages, i, i+1)
	}
	return err
}

func (s *Service) hide(q *queue, in *receiptInput) error {
	i, err := q.index(in.ReceiptHandle)
	if err != nil {
		return err
	}
	now := s.world.Now()
	if i < 0 || !now.Before(q.Messages[i].Visible) {
		return sim.Errorf("MessageNotInflight", "The message referred to is not in flight.")
	}
	if in.VisibilityTimeout < 0 || in.VisibilityTimeout > 43200 {
		return badValue("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.", in.VisibilityTimeout)
	}
	q.Messages[i].Visible = now.Add(time.Duration(in.VisibilityTimeout) * time.Second)
	return nil
}

type oneInput struct {
	queueInput
	receiptInput
}

func (s *Service) deleteMessage(r *region, c *sim.Call, in *oneInput) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err == nil {
		err = s.drop(q, &in.receiptInput)
	}
	return none{}, err
}

func (s *Service) changeVisibility(r *region, c *sim.Call, in *oneInput) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err == nil {
		err = s.hide(q, &in.receiptInput)
	}
	return none{}, err
}

type batchInput[E any] struct {
	queueInput
	Entries []E
}

type failure struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

type batchOutput struct {
	Successful []any
	Failed     []failure
}

type entryID struct {
	ID string `json:"Id"`
}

// batch does one thing for each of 1 to 10 entries with different ids, and reports each by itself.
func batch[E any](entries []E, id func(*E) string, do func(*E) (any, error)) (out batchOutput, err error) {
	seen := map[string]bool{}
	for i := range entries {
		seen[id(&entries[i])] = true
	}
	switch {
	case len(entries) == 0:
		return out, sim.Errorf("EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(entries) > 10:
		return out, sim.Errorf("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent %d.", len(entries))
	case len(seen) < len(entries):
		return out, sim.Errorf("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
	}
	for i := range entries {
		e := &entries[i]
		done, err := do(e)
		if err != nil {
			a := sim.AsError(err)
			out.Failed = append(out.Failed, failure{id(e), a.Code, a.Message, true})
			continue
		}
		out.Successful = append(out.Successful, done)
	}
	return out, nil
}

func (s *Service) sendBatch(r *region, c *sim.Call, in *batchInput[sendInput]) (batchOutput, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return batchOutput{}, err
	}
	return batch(in.Entries, func(e *sendInput) string { return e.ID }, func(e *sendInput) (any, error) { return s.put(q, c, e) })
}

func (s *Service) deleteMessageBatch(r *region, c *sim.Call, in *batchInput[receiptInput]) (batchOutput, error) {
	return receipts(r, c, in, s.drop)
}

func (s *Service) changeVisibilityBatch(r *region, c *sim.Call, in *batchInput[receiptInput]) (batchOutput, error) {
	return receipts(r, c, in, s.hide)
}

func receipts(r *region, c *sim.Call, in *batchInput[receiptInput], do func(*queue, *receiptInput) error) (batchOutput, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return batchOutput{}, err
	}
	return batch(in.Entries, func(e *receiptInput) string { return e.ID }, func(e *receiptInput) (any, error) { return entryID{e.ID}, do(q, e) })
}
