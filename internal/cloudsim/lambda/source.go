package lambda

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// mappingSettings are what CreateEventSourceMapping and UpdateEventSourceMapping set. Members of streams are nil for queues.
type mappingSettings struct {
	EventSourceArn                 string          `json:"EventSourceArn"`
	BatchSize                      *int            `json:"BatchSize,omitempty"`
	MaximumBatchingWindowInSeconds *int            `json:"MaximumBatchingWindowInSeconds,omitempty"`
	FunctionResponseTypes          []string        `json:"FunctionResponseTypes,omitempty"`
	FilterCriteria                 json.RawMessage `json:"FilterCriteria,omitempty"`
	ScalingConfig                  json.RawMessage `json:"ScalingConfig,omitempty"`
	MetricsConfig                  json.RawMessage `json:"MetricsConfig,omitempty"`
	KMSKeyArn                      string          `json:"KMSKeyArn,omitempty"`

	StartingPosition           string          `json:"StartingPosition,omitempty"`
	StartingPositionTimestamp  *float64        `json:"StartingPositionTimestamp,omitempty"`
	DestinationConfig          json.RawMessage `json:"DestinationConfig,omitempty"`
	MaximumRecordAgeInSeconds  *int            `json:"MaximumRecordAgeInSeconds,omitempty"`
	MaximumRetryAttempts       *int            `json:"MaximumRetryAttempts,omitempty"`
	BisectBatchOnFunctionError *bool           `json:"BisectBatchOnFunctionError,omitempty"`
	ParallelizationFactor      *int            `json:"ParallelizationFactor,omitempty"`
	TumblingWindowInSeconds    *int            `json:"TumblingWindowInSeconds,omitempty"`
}

// kind is SQS, DynamoDB, Kinesis, or nothing that the drill cloud knows.
func (m *mappingSettings) kind() string {
	p := strings.SplitN(m.EventSourceArn, ":", 6)
	switch {
	case len(p) < 6:
	case p[2] == "sqs":
		return "SQS"
	case p[2] == "dynamodb" && strings.Contains(p[5], "/stream/"):
		return "DynamoDB"
	case p[2] == "kinesis" && strings.HasPrefix(p[5], "stream/"):
		return "Kinesis"
	}
	return ""
}

func (m *mappingSettings) stream() bool { return m.kind() == "DynamoDB" || m.kind() == "Kinesis" }

// fill sets what the caller left out (CreateEventSourceMapping, "Request Body").
func (m *mappingSettings) fill() {
	m.MaximumBatchingWindowInSeconds = cmp.Or(m.MaximumBatchingWindowInSeconds, new(0))
	if !m.stream() {
		m.BatchSize = cmp.Or(m.BatchSize, new(10))
		return
	}
	m.BatchSize = cmp.Or(m.BatchSize, new(100))
	m.MaximumRecordAgeInSeconds = cmp.Or(m.MaximumRecordAgeInSeconds, new(-1))
	m.MaximumRetryAttempts = cmp.Or(m.MaximumRetryAttempts, new(-1))
	m.BisectBatchOnFunctionError = cmp.Or(m.BisectBatchOnFunctionError, new(false))
	m.ParallelizationFactor = cmp.Or(m.ParallelizationFactor, new(1))
	m.TumblingWindowInSeconds = cmp.Or(m.TumblingWindowInSeconds, new(0))
	if m.DestinationConfig == nil {
		m.DestinationConfig = json.RawMessage(`{"OnFailure":{}}`)
	}
}

// copy gives settings that share nothing with these: decoding writes into what pointers and slices hold.
func (m *mappingSettings) copy() (out mappingSettings, err error) {
	text, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// checkMapping refuses a mapping that AWS refuses, of a source to a version of a function.
func (s *Service) checkMapping(q *request, m *mapping, v *revision) error {
	kind := m.kind()
	if kind == "" {
		return invalid("Unrecognized event source: the drill cloud takes SQS queues, DynamoDB streams and Kinesis streams, not %q", m.EventSourceArn)
	}
	p := strings.SplitN(m.EventSourceArn, ":", 6)
	if p[3] != q.Region {
		return invalid("The event source %s is not in the function's region, %s", m.EventSourceArn, q.Region)
	}
	if m.stream() {
		switch {
		case m.StartingPosition == "":
			return invalid("StartingPosition must be provided for a stream: %s", m.EventSourceArn)
		case *m.BatchSize < 1 || *m.BatchSize > 10000:
			return constraint(*m.BatchSize, "batchSize", "Member must have value between 1 and 10000")
		}
		return nil
	}
	return s.checkQueue(q, m, v)
}

func (s *Service) checkQueue(q *request, m *mapping, v *revision) error {
	most := 10000
	if strings.HasSuffix(m.EventSourceArn, ".fifo") {
		most = 10
	}
	switch {
	case m.StartingPosition != "":
		return invalid("StartingPosition is not valid for SQS event sources")
	case *m.BatchSize < 1 || *m.BatchSize > most:
		return invalid("BatchSize must be between 1 and %d for %s", most, m.EventSourceArn)
	case *m.BatchSize > 10 && *m.MaximumBatchingWindowInSeconds == 0:
		return invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	}
	if s.sources.Queues == nil {
		return nil
	}
	if strings.Split(m.EventSourceArn, ":")[4] != q.Account { // the drill cloud does not evaluate the queue policy that could allow it
		return invalid("The provided execution role does not have permissions to call ReceiveMessage on SQS")
	}
	visibility, ok := s.sources.Queues.Visibility(m.EventSourceArn)
	switch timeout := time.Duration(v.Timeout) * time.Second; {
	case !ok:
		return invalid("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.")
	case visibility < timeout:
		return invalid("Queue visibility timeout: %d seconds is less than Function timeout: %d seconds", int(visibility.Seconds()), int(timeout.Seconds()))
	}
	return nil
}
