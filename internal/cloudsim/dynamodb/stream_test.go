package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// streams makes a call of DynamoDB Streams, whose SDK is a module of its own, into out, and gives the error's code.
func (p *plane) streams(operation string, in, out any) (code string) {
	p.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		p.t.Fatal(err)
	}
	answer := simtest.Do(p.t, p.service, &sim.Call{Scope: scope, Service: "dynamodb"}, operation, string(body))
	if code, ok := answer["__type"].(string); ok {
		return code
	}
	text, err := json.Marshal(answer)
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return ""
}

type streamed struct {
	EventName    string
	UserIdentity struct{ Type string }
	Dynamodb     struct {
		Keys, NewImage, OldImage       map[string]any
		SequenceNumber, StreamViewType string
	}
}

// records reads from an iterator to the end of what there is.
func (p *plane) records(iterator string) (all []streamed, next string) {
	p.t.Helper()
	for {
		var out struct {
			Records           []streamed
			NextShardIterator string
		}
		if code := p.streams("GetRecords", map[string]any{"ShardIterator": iterator, "Limit": 2}, &out); code != "" {
			p.t.Fatal(code)
		}
		all = append(all, out.Records...)
		if iterator = out.NextShardIterator; len(out.Records) < 2 || iterator == "" {
			return all, iterator
		}
	}
}

// iterate gives an iterator of the stream's shard.
func (p *plane) iterate(arn, kind, sequence string) (iterator, code string) {
	p.t.Helper()
	var d struct {
		StreamDescription struct {
			StreamStatus string
			Shards       []struct{ ShardID string }
		}
	}
	if code := p.streams("DescribeStream", map[string]any{"StreamArn": arn}, &d); code != "" {
		return "", code
	}
	var out struct{ ShardIterator string }
	code = p.streams("GetShardIterator", map[string]any{
		"StreamArn": arn, "ShardId": d.StreamDescription.Shards[0].ShardID, "ShardIteratorType": kind, "SequenceNumber": sequence,
	}, &out)
	return out.ShardIterator, code
}

// A stream tells every change once, in order, with its images, and who made it when that was TTL; it can be read from any place, also
// after the cloud was saved and loaded, and ends when it is switched off.
func TestStream(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	on := &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages}
	d := p.make(func(in *awsdynamodb.CreateTableInput) { in.StreamSpecification = on })
	arn := *d.LatestStreamArn
	latest, _ := p.iterate(arn, "LATEST", "")
	put := func(v string, until int64) {
		p.put(map[string]types.AttributeValue{"p": text("k"), "v": text(v), "until": number(until)})
	}
	until := p.clock.Now().Add(2 * time.Hour).Unix()
	put("1", until)
	put("1", until)
	put("2", until)
	if _, err := p.DeleteItem(t.Context(), &awsdynamodb.DeleteItemInput{TableName: aws.String(music), Key: map[string]types.AttributeValue{"p": text("k")}}); err != nil {
		t.Fatal(err)
	}
	put("3", until)
	_, err := p.UpdateTimeToLive(t.Context(), &awsdynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(music), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("until")},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.clock.pass(4 * time.Hour)
	for range 2 {
		p.contents(music) // a call finds what is expired
	}
	p.load()
	oldest, _ := p.iterate(arn, "TRIM_HORIZON", "")
	all, next := p.records(oldest)
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprintf("%s %v>%v %s", r.EventName, r.Dynamodb.OldImage["v"], r.Dynamodb.NewImage["v"], r.UserIdentity.Type))
	}
	want := "INSERT <nil>>map[S:1] |MODIFY map[S:1]>map[S:2] |REMOVE map[S:2]><nil> |INSERT <nil>>map[S:3] |REMOVE map[S:3]><nil> Service"
	if strings.Join(got, "|") != want {
		t.Fatalf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	after, _ := p.iterate(arn, "AFTER_SEQUENCE_NUMBER", all[2].Dynamodb.SequenceNumber)
	if some, _ := p.records(after); len(some) != 2 || some[0].Dynamodb.SequenceNumber != all[3].Dynamodb.SequenceNumber {
		t.Errorf("after the third: %v", some)
	}
	if code := p.streams("GetRecords", map[string]any{"ShardIterator": latest}, nil); code != "ExpiredIteratorException" {
		t.Errorf("an iterator of four hours ago: %s", code)
	}
	if some, _ := p.records(next); len(some) != 0 {
		t.Errorf("nothing happened, and there is %v", some)
	}
	p.endStream(arn, next)
}

// endStream switches the stream off and on: the old one ends and can be read for a day.
func (p *plane) endStream(arn, iterator string) {
	p.t.Helper()
	change := func(spec *types.StreamSpecification) *types.TableDescription {
		p.t.Helper()
		d, err := p.update(&awsdynamodb.UpdateTableInput{StreamSpecification: spec})
		if err != nil {
			p.t.Fatal(err)
		}
		p.clock.pass(time.Minute)
		return d
	}
	change(&types.StreamSpecification{StreamEnabled: aws.Bool(false)})
	if some, more := p.records(iterator); len(some) != 0 || more != "" {
		p.t.Errorf("the end of a closed shard: %v, %q", some, more)
	}
	d := change(&types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly})
	p.put(map[string]types.AttributeValue{"p": text("n"), "v": text("1")})
	fresh, _ := p.iterate(*d.LatestStreamArn, "TRIM_HORIZON", "")
	if some, _ := p.records(fresh); *d.LatestStreamArn == arn || len(some) != 1 || some[0].Dynamodb.NewImage != nil || some[0].Dynamodb.Keys == nil {
		p.t.Errorf("the new stream %s: %v", *d.LatestStreamArn, some)
	}
	var list struct{ Streams []struct{ StreamArn string } }
	if p.streams("ListStreams", map[string]any{"TableName": music}, &list); len(list.Streams) != 2 {
		p.t.Errorf("listed %v", list)
	}
	p.clock.pass(25 * time.Hour)
	p.put(map[string]types.AttributeValue{"p": text("n"), "v": text("2")})
	if _, code := p.iterate(*d.LatestStreamArn, "AT_SEQUENCE_NUMBER", "1"+strings.Repeat("0", 19)+"1"); code != "TrimmedDataAccessException" {
		p.t.Errorf("a record of a day ago: %q", code)
	}
	if _, err := p.update(&awsdynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)}); err != nil {
		p.t.Fatal(err)
	}
	if _, code := p.iterate(arn, "TRIM_HORIZON", ""); code != "ResourceNotFoundException" {
		p.t.Errorf("the old stream after a day: %q", code)
	}
}
