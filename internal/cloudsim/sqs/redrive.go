package sqs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type redrivePolicy struct {
	Target string
	Max    int
}

// UnmarshalJSON takes maxReceiveCount as a number or as text, as AWS does.
func (d *redrivePolicy) UnmarshalJSON(b []byte) error {
	var in struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
		MaxReceiveCount     any    `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	d.Target = in.DeadLetterTargetArn
	switch n := in.MaxReceiveCount.(type) {
	case float64:
		d.Max = int(n)
	case string:
		d.Max, _ = strconv.Atoi(n) // not a number is 0, which is refused
	}
	return nil
}

// String is the policy as GetQueueAttributes shows it.
func (d *redrivePolicy) String() string {
	return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, d.Target, d.Max)
}

func (q *queue) redrive() (d redrivePolicy, ok bool) {
	text := q.Attributes["RedrivePolicy"]
	return d, text != "" && json.Unmarshal([]byte(text), &d) == nil
}

func (q *queue) checkRedrive(r *region, c *sim.Call, value string) error {
	if value == "" {
		return nil
	}
	var d redrivePolicy
	err := json.Unmarshal([]byte(value), &d)
	if err != nil || d.Max < 1 || d.Max > 1000 {
		return badValue("Value %s for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount or not a JSON map.", value)
	}
	target, own := strings.CutPrefix(d.Target, c.ARN("sqs", ""))
	dead := r.Queues[target]
	if !own || dead == nil {
		return badValue("Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", value)
	}
	if dead.fifo() != strings.HasSuffix(q.Name, ".fifo") {
		return badValue("Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.", value)
	}
	return nil
}
