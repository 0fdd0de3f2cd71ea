package sqs

import (
	"maps"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type queue struct {
	Name              string
	Created, Modified time.Time
	Purged            time.Time
	Attributes        map[string]string
	Tags              map[string]string
	Messages          []*message
	Deduplication     map[string]sent // FIFO: what was sent in the last five minutes
	Sequence          int64
}

// nameHold is how long a deleted queue's name cannot be used again (CreateQueue, "QueueDeletedRecently").
const nameHold = time.Minute

type urlOutput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) create(r *region, c *sim.Call, in *struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"`
},
) (out urlOutput, err error) {
	if !sim.Within(in.QueueName, 1, 80) || in.QueueName == ".fifo" || !sim.Only(strings.TrimSuffix(in.QueueName, ".fifo"), "_-") {
		return out, badValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	out.QueueURL = queueURL(c, in.QueueName)
	if q := r.Queues[in.QueueName]; q != nil {
		wanted := &queue{Name: q.Name, Attributes: map[string]string{}}
		if err := wanted.set(r, c, in.Attributes); err != nil {
			return out, err
		}
		for name := range in.Attributes {
			if q.Attributes[name] != wanted.Attributes[name] {
				return out, sim.Errorf("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", name)
			}
		}
		return out, nil
	}
	now := s.world.Now()
	if now.Sub(r.Deleted[in.QueueName]) < nameHold {
		return out, sim.Errorf("QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	if fifo := strings.HasSuffix(in.QueueName, ".fifo"); fifo != (in.Attributes["FifoQueue"] == "true") {
		return out, badValue("The queue name must end with the .fifo suffix when FifoQueue is true, and only then")
	}
	q := &queue{Name: in.QueueName, Created: now, Modified: now, Attributes: defaults(), Tags: map[string]string{}}
	if err := q.set(r, c, in.Attributes); err != nil {
		return out, err
	}
	if q.fifo() {
		fill(q.Attributes, "ContentBasedDeduplication", "false", "DeduplicationScope", "queue", "FifoThroughputLimit", "perQueue")
	}
	maps.Copy(q.Tags, in.Tags)
	if r.Queues == nil {
		r.Queues = map[string]*queue{}
	}
	r.Queues[q.Name] = q
	delete(r.Deleted, q.Name)
	return out, nil
}

func (s *Service) remove(r *region, c *sim.Call, in *queueInput) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return none{}, err
	}
	delete(r.Queues, q.Name)
	if r.Deleted == nil {
		r.Deleted = map[string]time.Time{}
	}
	r.Deleted[q.Name] = s.world.Now()
	return none{}, nil
}

func (s *Service) getURL(r *region, c *sim.Call, in *struct {
	QueueName              string
	QueueOwnerAWSAccountID string `json:"QueueOwnerAWSAccountId"`
},
) (urlOutput, error) {
	if other := in.QueueOwnerAWSAccountID; other != "" && other != c.Account {
		return urlOutput{}, sim.Errorf("AccessDenied", "the drill cloud does not share queues between accounts").WithStatus(403)
	}
	q, err := find(r, c, queueURL(c, in.QueueName))
	if err != nil {
		return urlOutput{}, err
	}
	return urlOutput{queueURL(c, q.Name)}, nil
}

func (s *Service) purge(r *region, c *sim.Call, in *queueInput) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return none{}, err
	}
	now := s.world.Now()
	if now.Sub(q.Purged) < time.Minute {
		return none{}, sim.Errorf("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.Name)
	}
	q.Purged, q.Messages = now, nil
	return none{}, nil
}
