package logs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/logs"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

func setup(t *testing.T) (*cloudwatchlogs.Client, *logs.Service) {
	t.Helper()
	s := logs.New(sim.NewWorld(1, nil), nil)
	return cloudwatchlogs.NewFromConfig(simtest.Serve(t, s)), s
}

// A group's name is taken until it is deleted; its settings are read back; a prefix finds it.
func TestGroup(t *testing.T) {
	t.Parallel()
	c, s := setup(t)
	ctx := t.Context()
	name := aws.String("/aws/lambda/f")
	create := func() error {
		_, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name, Tags: map[string]string{"a": "b"}})
		return err
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	simtest.WantCode(t, create(), "ResourceAlreadyExistsException")
	_, err := c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(31)})
	simtest.WantCode(t, err, "InvalidParameterException")
	if _, err = c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: aws.Int32(30)}); err != nil {
		t.Fatal(err)
	}
	saved, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Load(saved); err != nil {
		t.Fatal(err)
	}
	got, err := c.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/")})
	if err != nil || len(got.LogGroups) != 1 || *got.LogGroups[0].RetentionInDays != 30 || *got.LogGroups[0].Arn != "arn:aws:logs:eu-west-2:111111111111:log-group:/aws/lambda/f:*" {
		t.Fatalf("%+v %v", got, err)
	}
	arn := got.LogGroups[0].LogGroupArn
	if _, err = c.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"c": "d"}}); err != nil {
		t.Fatal(err)
	}
	if _, err = c.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := c.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || tags.Tags["c"] != "d" {
		t.Fatalf("%+v %v", tags, err)
	}
	if _, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = c.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name})
	simtest.WantCode(t, err, "ResourceNotFoundException")
}

// Events are read back in order, page by page, and found by their words; what is older than the retention is gone.
func TestEvents(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	g, st := aws.String("g"), aws.String("s")
	if _, err := c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: g}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixMilli()
	put := func() error {
		_, err := c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: g, LogStreamName: st, LogEvents: []types.InputLogEvent{
			{Timestamp: aws.Int64(now - 2*24*3600*1000), Message: aws.String("old")},
			{Timestamp: aws.Int64(now), Message: aws.String("started run 1")},
			{Timestamp: aws.Int64(now + 1), Message: aws.String("failed run 1")},
		}})
		return err
	}
	simtest.WantCode(t, put(), "ResourceNotFoundException")
	if _, err := c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: g, LogStreamName: st}); err != nil {
		t.Fatal(err)
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: g, RetentionInDays: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: g, LogStreamName: st, Limit: aws.Int32(1)}
	var read []string
	for {
		out, err := c.GetLogEvents(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			read = append(read, *e.Message)
		}
		if aws.ToString(in.NextToken) == *out.NextForwardToken {
			break
		}
		in.NextToken = out.NextForwardToken
	}
	if len(read) != 2 || read[0] != "started run 1" || read[1] != "failed run 1" {
		t.Fatalf("%q", read)
	}
	found, err := c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: g, FilterPattern: aws.String("failed 1")})
	if err != nil || len(found.Events) != 1 || *found.Events[0].LogStreamName != "s" {
		t.Fatalf("%+v %v", found, err)
	}
	_, err = c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: g, FilterPattern: aws.String("{ $.a = 1 }")})
	simtest.WantCode(t, err, "InvalidParameterException")
}
