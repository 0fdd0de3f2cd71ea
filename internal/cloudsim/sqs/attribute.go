package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// defaults are the attributes of a new queue (CreateQueue, "Attributes").
func defaults() map[string]string {
	return map[string]string{
		"DelaySeconds": "0", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
		"ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30", "SqsManagedSseEnabled": "true",
	}
}

// bounds are the limits of the numeric attributes, in seconds or bytes.
func bounds(attribute string) (low, high int, numeric bool) {
	switch attribute {
	case "DelaySeconds":
		return 0, 900, true
	case "MaximumMessageSize":
		return 1024, 1 << 20, true
	case "MessageRetentionPeriod":
		return 60, 1209600, true
	case "ReceiveMessageWaitTimeSeconds":
		return 0, 20, true
	case "VisibilityTimeout":
		return 0, 43200, true
	case "KmsDataKeyReusePeriodSeconds":
		return 60, 86400, true
	}
	return 0, 0, false
}

// set checks and sets attributes; an empty value removes one.
func (q *queue) set(r *region, c *sim.Call, attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := q.check(r, c, name, attributes[name]); err != nil {
			return err
		}
	}
	for name, v := range attributes {
		if v == "" {
			delete(q.Attributes, name)
			continue
		}
		q.Attributes[name] = v
	}
	if d, ok := q.redrive(); ok { // a limit that was given as text is shown as a number
		q.Attributes["RedrivePolicy"] = d.String()
	}
	if q.Attributes["KmsMasterKeyId"] != "" {
		q.Attributes["SqsManagedSseEnabled"] = "false"
		fill(q.Attributes, "KmsDataKeyReusePeriodSeconds", "300")
	} else {
		delete(q.Attributes, "KmsDataKeyReusePeriodSeconds")
	}
	return nil
}

func (q *queue) check(r *region, c *sim.Call, name, value string) error {
	if low, high, numeric := bounds(name); numeric {
		if n, err := strconv.Atoi(value); err != nil || n < low || n > high {
			return badValue("Invalid value for the parameter %s. Reason: Must be between %d and %d, if provided.", name, low, high)
		}
		return nil
	}
	switch name {
	case "Policy", "RedriveAllowPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return badValue("Invalid value for the parameter %s.", name)
		}
	case "RedrivePolicy":
		return q.checkRedrive(r, c, value)
	case "FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled":
		if _, err := strconv.ParseBool(value); err != nil {
			return badValue("Invalid value for the parameter %s.", name)
		}
	case "KmsMasterKeyId", "DeduplicationScope", "FifoThroughputLimit":
	default:
		return sim.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
	}
	return nil
}

// fill sets the pairs that are missing.
func fill(m map[string]string, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if m[pairs[i]] == "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
}

func (q *queue) fifo() bool { return q.Attributes["FifoQueue"] == "true" }

func (q *queue) seconds(attribute string) time.Duration {
	n, _ := strconv.Atoi(q.Attributes[attribute]) // checked when it was set
	return time.Duration(n) * time.Second
}

func (s *Service) getAttributes(r *region, c *sim.Call, in *struct {
	queueInput
	AttributeNames []string
},
) (any, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	now := s.world.Now()
	q.expire(now)
	all := maps.Clone(q.Attributes)
	all["QueueArn"] = c.ARN("sqs", q.Name)
	all["CreatedTimestamp"] = strconv.FormatInt(q.Created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(q.Modified.Unix(), 10)
	visible, hidden, delayed := q.counts(now)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(hidden)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	if !slices.Contains(in.AttributeNames, "All") {
		maps.DeleteFunc(all, func(k, _ string) bool { return !slices.Contains(in.AttributeNames, k) })
	}
	return map[string]any{"Attributes": all}, nil
}

func (s *Service) setAttributes(r *region, c *sim.Call, in *struct {
	queueInput
	Attributes map[string]string
},
) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return none{}, err
	}
	if v, ok := in.Attributes["FifoQueue"]; ok && v != q.Attributes["FifoQueue"] {
		return none{}, sim.Errorf("InvalidAttributeName", "You can change FifoQueue only when you create a queue.")
	}
	if err = q.set(r, c, in.Attributes); err == nil {
		q.Modified = s.world.Now()
	}
	return none{}, err
}
