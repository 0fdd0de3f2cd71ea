package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const (
	// iteratorLife is how long a shard iterator is good for (GetShardIterator). It is the client's time, which no cloud speeds up.
	iteratorLife = 15 * time.Minute
	// What a page of records holds at most (GetRecords).
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

type listStreamsInput struct {
	TableName               string
	Limit                   *int
	ExclusiveStartStreamArn string
}

type streamSummary struct{ StreamArn, StreamLabel, TableName string }

type listStreamsOutput struct {
	Streams                []streamSummary
	LastEvaluatedStreamArn string `json:",omitempty"`
}

func (s *Service) listStreams(c *sim.Call, in *listStreamsInput) (*listStreamsOutput, error) {
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", limit)
	}
	out, passed := &listStreamsOutput{Streams: []streamSummary{}}, in.ExclusiveStartStreamArn == ""
	for _, name := range s.names(c) {
		t := s.find(c, name)
		if t == nil || in.TableName != "" && in.TableName != name {
			continue
		}
		t.mu.RLock()
		for _, one := range t.streams {
			switch {
			case !passed:
				passed = one.arn(t) == in.ExclusiveStartStreamArn
			case len(out.Streams) < limit:
				out.Streams = append(out.Streams, streamSummary{one.arn(t), one.Label, name})
			default:
				out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
			}
		}
		t.mu.RUnlock()
	}
	return out, nil
}

type describeStreamInput struct{ StreamArn, ExclusiveStartShardId string }

type sequenceRange struct {
	StartingSequenceNumber string
	EndingSequenceNumber   string `json:",omitempty"`
}

type shard struct {
	ShardId             string
	SequenceNumberRange sequenceRange
}

type streamDescription struct {
	StreamArn               string
	StreamLabel             string
	StreamStatus            string
	StreamViewType          string
	CreationRequestDateTime epoch
	TableName               string
	KeySchema               keySchema
	Shards                  []shard
}

type describeStreamOutput struct{ StreamDescription streamDescription }

func (s *Service) describeStream(c *sim.Call, in *describeStreamInput) (*describeStreamOutput, error) {
	t, one, err := s.byStream(c, in.StreamArn)
	if err != nil {
		return nil, err
	}
	defer t.mu.RUnlock()
	out := streamDescription{one.arn(t), one.Label, one.status(), one.View, epoch{one.CreatedAt}, t.name, t.def.KeySchema, []shard{}}
	if in.ExclusiveStartShardId == "" {
		only := shard{one.shardID(), sequenceRange{StartingSequenceNumber: sequence(one.Next - int64(len(one.records)))}}
		if !one.ClosedAt.IsZero() {
			only.SequenceNumberRange.EndingSequenceNumber = sequence(one.Next - 1)
		}
		out.Shards = append(out.Shards, only)
	}
	return &describeStreamOutput{out}, nil
}

type iteratorInput struct{ StreamArn, ShardId, ShardIteratorType, SequenceNumber string }

type iteratorOutput struct{ ShardIterator string }

// iterator is where GetRecords goes on. Clients see it as text.
type iterator struct {
	Next int64 `json:"n"`
	Made int64 `json:"t"` // seconds since 1970, in the client's time
}

func (s *Service) newIterator(arn string, next int64) (string, error) {
	b, err := json.Marshal(iterator{next, s.world.Wall().Unix()})
	return arn + "|1|" + base64.StdEncoding.EncodeToString(b), err
}

func (s *Service) getShardIterator(c *sim.Call, in *iteratorInput) (*iteratorOutput, error) {
	t, one, err := s.byStream(c, in.StreamArn)
	if err != nil {
		return nil, err
	}
	defer t.mu.RUnlock()
	if in.ShardId != one.shardID() {
		return nil, sim.Errorf("ResourceNotFoundException", "Requested resource not found: Shard: %s in stream: %s not found", in.ShardId, in.StreamArn)
	}
	next := one.Next
	switch in.ShardIteratorType {
	case "LATEST":
	case "TRIM_HORIZON":
		next -= int64(len(one.records))
	case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
		if next, err = parseSequence(in.SequenceNumber); err != nil {
			return nil, err
		}
		if in.ShardIteratorType == "AFTER_SEQUENCE_NUMBER" {
			next++
		}
	default:
		return nil, constraint(in.ShardIteratorType, "shardIteratorType", "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
	}
	if _, trimmed := one.from(next); trimmed {
		return nil, trimmedData()
	}
	text, err := s.newIterator(in.StreamArn, next)
	return &iteratorOutput{text}, err
}

func trimmedData() error {
	return sim.Errorf("TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard")
}

type getRecordsInput struct {
	ShardIterator string
	Limit         *int
}

type getRecordsOutput struct {
	Records           []streamRecord
	NextShardIterator string `json:",omitempty"` // none at the end of a shard that is closed
}

func (s *Service) getRecords(c *sim.Call, in *getRecordsInput) (*getRecordsOutput, error) {
	limit := maxRecords
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxRecords {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", limit, maxRecords)
	}
	arn, code, ok := strings.Cut(in.ShardIterator, "|1|")
	var at iterator
	b, err := base64.StdEncoding.DecodeString(code)
	if !ok || err != nil || json.Unmarshal(b, &at) != nil {
		return nil, invalid("Invalid ShardIterator")
	}
	if s.world.Wall().Sub(time.Unix(at.Made, 0)) > iteratorLife {
		return nil, sim.Errorf("ExpiredIteratorException", "Iterator expired")
	}
	t, one, err := s.byStream(c, arn)
	if err != nil {
		return nil, err
	}
	defer t.mu.RUnlock()
	records, trimmed := one.from(at.Next)
	if trimmed {
		return nil, trimmedData()
	}
	out := &getRecordsOutput{Records: []streamRecord{}}
	for n, bytes := 0, 0; n < min(limit, len(records)); n++ {
		r := &records[n]
		if bytes += r.size(); bytes > maxRecordBytes && n > 0 {
			break
		}
		out.Records = append(out.Records, t.record(one, r))
	}
	if next := at.Next + int64(len(out.Records)); one.ClosedAt.IsZero() || next < one.Next {
		out.NextShardIterator, err = s.newIterator(arn, next)
	}
	return out, err
}

type streamRecord struct {
	EventID      string            `json:"eventID"`
	EventName    string            `json:"eventName"`
	EventVersion string            `json:"eventVersion"`
	EventSource  string            `json:"eventSource"`
	Region       string            `json:"awsRegion"`
	UserIdentity map[string]string `json:"userIdentity,omitempty"`
	Change       streamChange      `json:"dynamodb"`
}

type streamChange struct {
	ApproximateCreationDateTime int64
	Keys                        json.RawMessage
	NewImage                    json.RawMessage `json:",omitempty"`
	OldImage                    json.RawMessage `json:",omitempty"`
	SequenceNumber              string
	SizeBytes                   int
	StreamViewType              string
}

// record is a record as its stream's view shows it.
func (t *table) record(s *stream, r *record) streamRecord {
	name, some := "MODIFY", r.now
	switch {
	case r.old == "":
		name = "INSERT"
	case r.now == "":
		name, some = "REMOVE", r.old
	}
	keys := some.Only(t.keys.names())
	c := streamChange{time.Unix(0, r.at).Unix(), keys.AppendJSON(nil), nil, nil, sequence(r.seq), keys.Size(), s.View}
	image := func(i item.Item, views ...string) json.RawMessage {
		for _, v := range views {
			if v == s.View && i != "" {
				c.SizeBytes += i.Size()
				return i.AppendJSON(nil)
			}
		}
		return nil
	}
	c.NewImage = image(r.now, "NEW_IMAGE", "NEW_AND_OLD_IMAGES")
	c.OldImage = image(r.old, "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
	out := streamRecord{
		EventID: fmt.Sprintf("%016x%016x", hashOf(s.Label), hashOf(c.SequenceNumber)), EventName: name, EventVersion: "1.1", EventSource: "aws:dynamodb", Region: t.scope.Region, Change: c,
	}
	if r.expired {
		out.UserIdentity = map[string]string{"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
	}
	return out
}
