package lambda_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

const stream = "arn:aws:dynamodb:eu-west-2:111111111111:table/t/stream/2026-01-01T00:00:00.000"

// A mapping is Creating, Enabled, changed, Disabled, Deleting and gone; while it moves it cannot be changed; it is there once.
func TestMappingLife(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	f := b.function(t, "f")
	in := &lambda.CreateEventSourceMappingInput{EventSourceArn: aws.String(events), FunctionName: aws.String("f"), ScalingConfig: &types.ScalingConfig{MaximumConcurrency: aws.Int32(5)}}
	m := ok[*lambda.CreateEventSourceMappingOutput](t)(b.CreateEventSourceMapping(ctx, in))
	if *m.State != "Creating" || *m.BatchSize != 10 || *m.FunctionArn != *f.FunctionArn || m.LastModified == nil || m.StartingPosition != "" {
		t.Errorf("made %+v", m)
	}
	fails[*lambda.CreateEventSourceMappingOutput](t, "ResourceConflictException", *m.UUID)(b.CreateEventSourceMapping(ctx, in))
	update := &lambda.UpdateEventSourceMappingInput{UUID: m.UUID, BatchSize: aws.Int32(5)}
	fails[*lambda.UpdateEventSourceMappingOutput](t, "ResourceInUseException", "in use")(b.UpdateEventSourceMapping(ctx, update))
	state := func(want string) {
		t.Helper()
		got := ok[*lambda.GetEventSourceMappingOutput](t)(b.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: m.UUID}))
		if *got.State != want || *got.ScalingConfig.MaximumConcurrency != 5 {
			t.Errorf("is %s, want %s: %+v", *got.State, want, got)
		}
	}
	b.pass(2 * time.Second)
	state("Enabled")
	if got := ok[*lambda.UpdateEventSourceMappingOutput](t)(b.UpdateEventSourceMapping(ctx, update)); *got.State != "Updating" || *got.BatchSize != 5 {
		t.Errorf("updated to %+v", got)
	}
	b.pass(2 * time.Second)
	off := &lambda.UpdateEventSourceMappingInput{UUID: m.UUID, Enabled: aws.Bool(false)}
	if got := ok[*lambda.UpdateEventSourceMappingOutput](t)(b.UpdateEventSourceMapping(ctx, off)); *got.State != "Disabling" || *got.BatchSize != 5 {
		t.Errorf("disabled to %+v", got)
	}
	b.pass(2 * time.Second)
	state("Disabled")
	ok[*lambda.DeleteEventSourceMappingOutput](t)(b.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: m.UUID}))
	state("Deleting")
	b.pass(2 * time.Second)
	fails[*lambda.GetEventSourceMappingOutput](t, "ResourceNotFoundException", "does not exist")(b.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: m.UUID}))
}

// A mapping's source must exist, in the function's account and region, and its function too; a queue must hide messages as long as the function works.
func TestMappingRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queues["arn:aws:sqs:eu-west-2:111111111111:short"] = time.Second
	b.queues["arn:aws:sqs:eu-west-2:222222222222:events"] = time.Minute
	b.function(t, "f")
	for text, in := range map[string]lambda.CreateEventSourceMappingInput{
		"NonExistentQueue":          {EventSourceArn: aws.String(events + "-gone")},
		"not in the function's":     {EventSourceArn: aws.String("arn:aws:sqs:eu-west-1:111111111111:events")},
		"does not have permissions": {EventSourceArn: aws.String("arn:aws:sqs:eu-west-2:222222222222:events")},
		"Queue visibility timeout: 1 seconds is less than Function timeout: 3 seconds": {EventSourceArn: aws.String("arn:aws:sqs:eu-west-2:111111111111:short")},
		"StartingPosition must be":      {EventSourceArn: aws.String(stream)},
		"Maximum batch window":          {EventSourceArn: aws.String(events), BatchSize: aws.Int32(11)},
		"Unrecognized event source":     {EventSourceArn: aws.String("arn:aws:sns:eu-west-2:111111111111:topic")},
		"Function not found":            {EventSourceArn: aws.String(events), FunctionName: aws.String("g")},
		"StartingPosition is not valid": {EventSourceArn: aws.String(events), StartingPosition: types.EventSourcePositionLatest},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if in.FunctionName == nil {
				in.FunctionName = aws.String("f")
			}
			_, err := b.CreateEventSourceMapping(t.Context(), &in)
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A stream's mapping has a stream's defaults; mappings are found by their source and by their function.
func TestMappingsAreFound(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	b.function(t, "f")
	b.function(t, "g")
	s := ok[*lambda.CreateEventSourceMappingOutput](t)(b.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{
		EventSourceArn: aws.String(stream), FunctionName: aws.String("f"), StartingPosition: types.EventSourcePositionLatest,
	}))
	if *s.BatchSize != 100 || *s.MaximumRetryAttempts != -1 || *s.ParallelizationFactor != 1 {
		t.Errorf("made %+v", s)
	}
	ok[*lambda.CreateEventSourceMappingOutput](t)(b.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{EventSourceArn: aws.String(events), FunctionName: aws.String("g")}))
	for _, c := range []struct {
		in   lambda.ListEventSourceMappingsInput
		want int
	}{
		{lambda.ListEventSourceMappingsInput{}, 2},
		{lambda.ListEventSourceMappingsInput{FunctionName: aws.String("f")}, 1},
		{lambda.ListEventSourceMappingsInput{EventSourceArn: aws.String(events)}, 1},
		{lambda.ListEventSourceMappingsInput{EventSourceArn: aws.String(events), FunctionName: aws.String("f")}, 0},
	} {
		if out := ok[*lambda.ListEventSourceMappingsOutput](t)(b.ListEventSourceMappings(ctx, &c.in)); len(out.EventSourceMappings) != c.want {
			t.Errorf("%+v lists %d, want %d", c.in, len(out.EventSourceMappings), c.want)
		}
	}
	tags := &lambda.TagResourceInput{Resource: s.EventSourceMappingArn, Tags: map[string]string{"a": "1"}}
	ok[*lambda.TagResourceOutput](t)(b.TagResource(ctx, tags))
	if got := ok[*lambda.ListTagsOutput](t)(b.ListTags(ctx, &lambda.ListTagsInput{Resource: s.EventSourceMappingArn})); got.Tags["a"] != "1" {
		t.Errorf("tags %v", got.Tags)
	}
	_, err := b.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String("arn:aws:lambda:eu-west-2:111111111111:event-source-mapping:none")})
	simtest.WantCode(t, err, "ResourceNotFoundException")
}
