// Package sqs is the drill cloud's Simple Queue Service, in its JSON protocol: queues with their attributes, messages with
// visibility, delay, long polls, FIFO order and deduplication, and redrive to a dead-letter queue.
//
// Promise: a message is held until it is deleted, expires or is redriven; between a receipt and the end of its visibility timeout
// nobody else receives it. Simplified: delivery is exact where AWS's is at-least-once and sampled, a deleted queue is
// gone at once (AWS: within 60 seconds), policies are stored and not evaluated, and there are no permissions or message-move tasks.
package sqs

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is SQS for all accounts and regions.
type Service struct {
	sim.Store[region]
	world *sim.World
	keys  sim.Keys
}

type region struct {
	Queues  map[string]*queue
	Deleted map[string]time.Time // names that were deleted, and when
}

// New makes an SQS without queues. Nil keys takes every key for a good one.
func New(w *sim.World, keys sim.Keys) *Service { return &Service{world: w, keys: keys} }

// Names is sqs.
func (*Service) Names() []string { return []string{"sqs"} }

// ServeHTTP answers a call. A long poll ends with the request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sim.JSONHandler("SQS", "1.0", s.ops(r.Context())).ServeHTTP(&queryErrors{w}, r)
}

func (s *Service) ops(ctx context.Context) map[string]sim.JSONOp {
	st := &s.Store
	return map[string]sim.JSONOp{
		"ChangeMessageVisibility":      sim.Locked(st, s.changeVisibility),
		"ChangeMessageVisibilityBatch": sim.Locked(st, s.changeVisibilityBatch),
		"CreateQueue":                  sim.Locked(st, s.create),
		"DeleteMessage":                sim.Locked(st, s.deleteMessage),
		"DeleteMessageBatch":           sim.Locked(st, s.deleteMessageBatch),
		"DeleteQueue":                  sim.Locked(st, s.remove),
		"GetQueueAttributes":           sim.Locked(st, s.getAttributes),
		"GetQueueUrl":                  sim.Locked(st, s.getURL),
		"ListDeadLetterSourceQueues":   sim.Locked(st, s.listSources),
		"ListQueueTags":                sim.Locked(st, s.listTags),
		"ListQueues":                   sim.Locked(st, s.list),
		"PurgeQueue":                   sim.Locked(st, s.purge),
		"ReceiveMessage":               sim.Op(func(c *sim.Call, in *receiveInput) (any, error) { return s.receive(ctx, c, in) }),
		"SendMessage":                  sim.Locked(st, s.send),
		"SendMessageBatch":             sim.Locked(st, s.sendBatch),
		"SetQueueAttributes":           sim.Locked(st, s.setAttributes),
		"TagQueue":                     sim.Locked(st, s.tag),
		"UntagQueue":                   sim.Locked(st, s.untag),
	}
}

// Visibility gives the visibility timeout of the queue with that ARN, and whether there is one.
func (s *Service) Visibility(arn string) (timeout time.Duration, exists bool) {
	p := strings.Split(arn, ":")
	if len(p) != 6 || p[2] != "sqs" {
		return 0, false
	}
	s.With(sim.Scope{Account: p[4], Region: p[3]}, func(r *region) {
		if q := r.Queues[p[5]]; q != nil {
			timeout, exists = q.seconds("VisibilityTimeout"), true
		}
	})
	return timeout, exists
}

type none = struct{}

type queueInput struct {
	QueueURL string `json:"QueueUrl"`
}

// find resolves a queue URL. Only its path counts, so that a URL outlives the port of a drill cloud that was started again.
func find(r *region, c *sim.Call, url string) (*queue, error) {
	p := strings.Split(url, "/")
	if len(p) >= 2 && p[len(p)-2] == c.Account {
		if q := r.Queues[p[len(p)-1]]; q != nil {
			return q, nil
		}
	}
	return nil, sim.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
}

func queueURL(c *sim.Call, name string) string {
	return "http://" + c.Host + "/" + c.Account + "/" + name
}

// queryErrors adds the error codes of the older query protocol, which clients of the JSON protocol still look at
// (AWS: awsQueryCompatible).
type queryErrors struct{ http.ResponseWriter }

func (w *queryErrors) WriteHeader(status int) {
	if code := w.Header().Get("X-Amzn-Errortype"); code != "" {
		switch code {
		case "QueueDoesNotExist":
			code = "AWS.SimpleQueueService.NonExistentQueue"
		case "QueueNameExists":
			code = "QueueAlreadyExists"
		case "InvalidParameterValueException":
			code = "InvalidParameterValue"
		case "QueueDeletedRecently", "PurgeQueueInProgress", "EmptyBatchRequest", "TooManyEntriesInBatchRequest", "BatchEntryIdsNotDistinct":
			code = "AWS.SimpleQueueService." + code
		case "KmsDisabled", "KmsInvalidState", "KmsNotFound":
			code = "KMS." + strings.TrimPrefix(code, "Kms") + "Exception"
		}
		w.Header().Set("X-Amzn-Query-Error", code+";Sender")
	}
	w.ResponseWriter.WriteHeader(status)
}

// checkKey refuses messages while KMS does not use the queue's key (SendMessage and ReceiveMessage, Errors).
func (s *Service) checkKey(q *queue, c *sim.Call) error {
	f := sim.KeyFault(s.keys, c.Scope, q.Attributes["KmsMasterKeyId"])
	switch {
	case f == nil:
		return nil
	case f.Code == "DisabledException":
		return sim.Errorf("KmsDisabled", "%s", f.Message)
	case f.Code == "NotFoundException":
		return sim.Errorf("KmsNotFound", "%s", f.Message)
	}
	return sim.Errorf("KmsInvalidState", "%s", f.Message)
}

func badValue(format string, args ...any) error {
	return sim.Errorf("InvalidParameterValueException", format, args...)
}
