package sqs_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
	simsqs "github.com/lifeboat-dr/lifeboat/internal/cloudsim/sqs"
)

type bundle struct {
	*sqs.Client
	service *simsqs.Service
	cfg     aws.Config
}

func setup(t *testing.T) bundle {
	t.Helper()
	s := simsqs.New(sim.NewWorld(1, nil), nil)
	cfg := simtest.Serve(t, s)
	return bundle{sqs.NewFromConfig(cfg), s, cfg}
}

func (b bundle) queue(t *testing.T, name string, attributes map[string]string) string {
	t.Helper()
	out, err := b.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

func (b bundle) receive(t *testing.T, url string, n int32) []types.Message {
	t.Helper()
	out, err := b.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: n, MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

// The same name with the same attributes is the same queue; with others it is refused; its URL is on the host that was called.
func TestCreateIsIdempotent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := b.queue(t, "q", map[string]string{"VisibilityTimeout": "60"})
	if two := b.queue(t, "q", map[string]string{"VisibilityTimeout": "60"}); two != one || one != *b.cfg.BaseEndpoint+"/111111111111/q" {
		t.Fatal(one, two)
	}
	_, err := b.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"VisibilityTimeout": "61"}})
	simtest.WantCode(t, err, "QueueAlreadyExists")
	if timeout, ok := b.service.Visibility("arn:aws:sqs:eu-west-2:111111111111:q"); !ok || timeout != time.Minute {
		t.Fatal(timeout, ok)
	}
	if _, err = b.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &one}); err != nil {
		t.Fatal(err)
	}
	_, err = b.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &one})
	simtest.WantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	_, err = b.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	simtest.WantCode(t, err, "AWS.SimpleQueueService.QueueDeletedRecently")
	if _, ok := b.service.Visibility("arn:aws:sqs:eu-west-2:111111111111:q"); ok {
		t.Fatal("a deleted queue is still there for Lambda")
	}
}

// A queue belongs to its account and region.
func TestScope(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "q", nil)
	for _, s := range []sim.Scope{{Account: "222222222222", Region: "eu-west-2"}, {Account: "111111111111", Region: "eu-west-1"}} {
		_, err := sqs.NewFromConfig(simtest.At(b.cfg, s)).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
		simtest.WantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	}
}

// Wrong attributes are refused and change nothing.
func TestAttributes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url := b.queue(t, "q", nil)
	for name, tc := range map[string]struct{ attribute, value, code string }{
		"out of range":      {"VisibilityTimeout", "43201", "InvalidParameterValue"},
		"not a number":      {"DelaySeconds", "soon", "InvalidParameterValue"},
		"unknown":           {"Colour", "blue", "InvalidAttributeName"},
		"no such target":    {"RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-2:111111111111:none","maxReceiveCount":3}`, "InvalidParameterValue"},
		"target elsewhere":  {"RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111111111111:q","maxReceiveCount":3}`, "InvalidParameterValue"},
		"policy not JSON":   {"Policy", "{", "InvalidParameterValue"},
		"becomes FIFO late": {"FifoQueue", "true", "InvalidAttributeName"},
	} {
		_, err := b.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{tc.attribute: tc.value, "MaximumMessageSize": "2048"}})
		if t.Log(name); err == nil {
			t.Fatal("accepted")
		}
		simtest.WantCode(t, err, tc.code)
	}
	got, err := b.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || got.Attributes["MaximumMessageSize"] != "1048576" || got.Attributes["QueueArn"] != "arn:aws:sqs:eu-west-2:111111111111:q" {
		t.Fatalf("%v %v", got, err)
	}
	if _, err = b.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"KmsMasterKeyId": "alias/x"}}); err != nil {
		t.Fatal(err)
	}
	got, err = b.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"SqsManagedSseEnabled"}})
	if err != nil || len(got.Attributes) != 1 || got.Attributes["SqsManagedSseEnabled"] != "false" {
		t.Fatalf("%v %v", got, err)
	}
}

// What is sent is received once, with its attributes, comes back when its visibility ends, and stays away when deleted.
func TestSendReceiveDelete(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	url := b.queue(t, "q", nil)
	if _, err := b.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("hello"), MessageAttributes: map[string]types.MessageAttributeValue{
		"kind": {DataType: aws.String("String"), StringValue: aws.String("greeting")},
	}}); err != nil {
		t.Fatal(err)
	}
	got := b.receive(t, url, 10)
	if len(got) != 1 || *got[0].Body != "hello" || *got[0].MessageAttributes["kind"].StringValue != "greeting" || got[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Fatalf("%+v", got)
	}
	if again := b.receive(t, url, 10); len(again) != 0 {
		t.Fatal("received twice while invisible")
	}
	if _, err := b.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: got[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	if again := b.receive(t, url, 10); len(again) != 1 {
		t.Fatal("not back after its visibility ended")
	}
	if _, err := b.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: got[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	_, err := b.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: got[0].ReceiptHandle})
	simtest.WantCode(t, err, "MessageNotInflight")
	_, err = b.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(strings.Repeat("x", 1<<20+1))})
	simtest.WantCode(t, err, "InvalidParameterValue")
}

// A batch reports each entry by itself; a purge empties the queue, once a minute.
func TestBatchAndPurge(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	url := b.queue(t, "q", nil)
	out, err := b.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("a"), MessageBody: aws.String("1")}, {Id: aws.String("b"), MessageBody: aws.String(strings.Repeat("x", 1<<20+1))},
	}})
	if err != nil || len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Id != "b" {
		t.Fatalf("%+v %v", out, err)
	}
	_, err = b.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("a"), MessageBody: aws.String("1")}, {Id: aws.String("a"), MessageBody: aws.String("2")},
	}})
	simtest.WantCode(t, err, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
	if _, err = b.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &url}); err != nil {
		t.Fatal(err)
	}
	if got := b.receive(t, url, 10); len(got) != 0 {
		t.Fatal("not purged")
	}
	_, err = b.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &url})
	simtest.WantCode(t, err, "AWS.SimpleQueueService.PurgeQueueInProgress")
}

// A FIFO queue keeps the order of a group, blocks the group while one of it is in flight, and sends a repeated message once.
func TestFIFO(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url := b.queue(t, "q.fifo", map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	send := func(body, group string) string {
		out, err := b.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageGroupId: &group})
		if err != nil {
			t.Fatal(err)
		}
		return *out.MessageId
	}
	first := send("1", "g")
	send("2", "g")
	send("3", "h")
	if send("1", "g") != first {
		t.Fatal("a repeated message was sent again")
	}
	one := b.receive(t, url, 1)
	if len(one) != 1 || *one[0].Body != "1" {
		t.Fatalf("%v", one)
	}
	if rest := b.receive(t, url, 10); len(rest) != 1 || *rest[0].Body != "3" {
		t.Fatalf("the group is not blocked: %v", rest)
	}
	if _, err := b.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: one[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	if next := b.receive(t, url, 10); len(next) != 1 || *next[0].Body != "2" {
		t.Fatalf("%v", next)
	}
}

// Over time: a long poll waits for a delayed message, too many receipts move it to the dead-letter queue, a saved cloud keeps it.
func TestRedriveOverTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simsqs.New(sim.NewWorld(1, nil), nil)
		call := &sim.Call{Scope: simtest.Home(), Host: "localhost"}
		do := func(op, body string) map[string]any { return simtest.Do(t, s, call, op, body) }
		do("CreateQueue", `{"QueueName":"dead"}`)
		do("CreateQueue", `{"QueueName":"q","Attributes":{"DelaySeconds":"5","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-2:111111111111:dead\",\"maxReceiveCount\":\"2\"}"}}`)
		do("SendMessage", `{"QueueUrl":"http://old:1/111111111111/q","MessageBody":"x"}`)
		poll := `{"QueueUrl":"http://localhost/111111111111/q","WaitTimeSeconds":20}`
		start := time.Now()
		for range 2 {
			if got, _ := do("ReceiveMessage", poll)["Messages"].([]any); len(got) != 1 {
				t.Fatal("nothing came")
			}
			time.Sleep(30 * time.Second)
		}
		if d := time.Since(start); d < 65*time.Second || d > 66*time.Second {
			t.Fatal("the long poll took", d)
		}
		if got := do("ReceiveMessage", poll)["Messages"]; got != nil {
			t.Fatal("received a third time")
		}
		saved, err := s.Save()
		if err != nil {
			t.Fatal(err)
		}
		s = simsqs.New(sim.NewWorld(2, nil), nil)
		if err := s.Load(saved); err != nil {
			t.Fatal(err)
		}
		got, _ := do("ReceiveMessage", `{"QueueUrl":"http://localhost/111111111111/dead"}`)["Messages"].([]any)
		if len(got) != 1 {
			t.Fatal("not in the dead-letter queue")
		}
		if sources := do("ListDeadLetterSourceQueues", `{"QueueUrl":"http://localhost/111111111111/dead"}`)["queueUrls"].([]any); len(sources) != 1 {
			t.Fatal(sources)
		}
	})
}
