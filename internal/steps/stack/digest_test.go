package stack_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// item is the lock table's digest of the state of the test's stack.
func (r *realm) item(tb testing.TB) string {
	tb.Helper()
	out, err := r.cloud.Open(tb, r.site).DynamoDB.GetItem(tb.Context(), &dynamodb.GetItemInput{TableName: aws.String("lock"), Key: digestKey(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		tb.Fatal(err)
	}
	s, _ := out.Item["Digest"].(*dbtypes.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func digestKey() map[string]dbtypes.AttributeValue {
	return map[string]dbtypes.AttributeValue{"LockID": &dbtypes.AttributeValueMemberS{Value: "state/blue.tfstate-md5"}}
}

func (r *realm) setItem(tb testing.TB, digest string) {
	tb.Helper()
	item := digestKey()
	item["Digest"] = &dbtypes.AttributeValueMemberS{Value: digest}
	if _, err := r.cloud.Open(tb, r.site).DynamoDB.PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: aws.String("lock"), Item: item}); err != nil {
		tb.Fatal(err)
	}
}

func (r *realm) putState(tb testing.TB, text string) {
	tb.Helper()
	_, err := r.cloud.Open(tb, r.site).S3.PutObject(tb.Context(), &s3.PutObjectInput{Bucket: aws.String("state"), Key: aws.String("blue.tfstate"), Body: strings.NewReader(text)})
	if err != nil {
		tb.Fatal(err)
	}
}

// applied is a stack whose state was written twice, to a bucket that keeps versions. It gives the older state's version.
func (r *realm) applied(t *testing.T) (process func(answers map[string]step.Answer) (step.Outcome, error), probe func() (step.Probe, error), older string) {
	t.Helper()
	c := r.cloud.Open(t, r.site)
	_, err := c.S3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("state"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg, call := r.stack(t, `
		variable "n" { type = string }
		resource "terraform_data" "a" { input = var.n }`, false)
	process = func(answers map[string]step.Answer) (step.Outcome, error) {
		again := call
		again.Answers = answers
		return r.step(t, cfg).Ensure(t.Context(), &again)
	}
	for _, n := range []string{"1", "2"} {
		cfg.Stack.Variables = vars(n)
		if _, err := process(nil); err != nil {
			t.Fatal(err)
		}
		if older == "" {
			out, err := c.S3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("state"), Key: aws.String("blue.tfstate")})
			if err != nil {
				t.Fatal(err)
			}
			older = *out.VersionId
		}
	}
	return process, func() (step.Probe, error) { return r.step(t, cfg).Probe(t.Context(), &call) }, older
}

// approved answers the question that err is.
func approved(t *testing.T, err error, wants ...string) map[string]step.Answer {
	t.Helper()
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok {
		t.Fatalf("no question: %v", err)
	}
	for _, w := range wants {
		if text := ask.Prompt + "\n" + ask.Detail; !strings.Contains(text, w) {
			t.Errorf("no %q in: %s", w, text)
		}
	}
	return map[string]step.Answer{ask.Key: {Decision: step.Approve, By: "ann"}}
}

// A digest that disagrees with its state is a question that names the state and says which of the two is older; approved, real terraform goes on;
// nothing is written before.
func TestRealDigestThatDisagrees(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		process, probe, older := r.applied(t)
		newest := r.item(t)
		_, err := r.cloud.Open(t, r.site).S3.CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String("state"), Key: aws.String("blue.tfstate"), CopySource: aws.String("state/blue.tfstate?versionId=" + older),
		})
		if err != nil {
			t.Fatal(err)
		}
		if p, err := probe(); err != nil || p.Status != step.Needed || !strings.Contains(p.Reason, "digest of state state/blue.tfstate in lock table lock") {
			t.Fatalf("probe: %+v, %v", p, err)
		}
		_, err = process(nil)
		yes := approved(t, err, "state/blue.tfstate", "The state was put back", "the one that the digest belongs to", "aws s3api copy-object", older)
		if r.item(t) != newest {
			t.Fatal("the digest was changed before anybody approved")
		}
		no := map[string]step.Answer{}
		for k := range yes {
			no[k] = step.Answer{Decision: step.Reject, By: "ann"}
		}
		if _, err := process(no); err == nil || !strings.Contains(err.Error(), "was rejected by ann") || r.item(t) != newest {
			t.Fatalf("rejected: %v", err)
		}
		out, err := process(yes)
		if err != nil || !strings.Contains(out.Summary, "lock digest of state state/blue.tfstate repaired") {
			t.Fatalf("approved: %+v, %v", out, err)
		}
		if p, err := probe(); err != nil || p.Status != step.Done {
			t.Errorf("afterwards: %+v, %v", p, err)
		}
	})
}

// A digest that belongs to no kept version is told so, and a missing one is nothing to repair; a state that was cut off is never taken, and the
// error names the whole version to put back; one that is gone while the lock table has its digest is a question.
func TestRealStatesThatTerraformRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		c, ctx := r.cloud.Open(t, r.site), t.Context()
		process, probe, older := r.applied(t)
		right := r.item(t)
		r.setItem(t, strings.Repeat("0", 32))
		_, err := process(nil)
		if _, err := process(approved(t, err, "belongs to no version")); err != nil || r.item(t) != right {
			t.Fatal(err)
		}
		if _, err := c.DynamoDB.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("lock"), Key: digestKey()}); err != nil {
			t.Fatal(err)
		}
		if p, err := probe(); err != nil || p.Status != step.Done {
			t.Errorf("without a digest: %+v, %v", p, err)
		}

		r.setItem(t, right)
		r.putState(t, `{"version": 4, "serial"`)
		_, err = process(nil)
		if err == nil || step.ClassOf(err) != step.Permanent || r.item(t) != right {
			t.Fatalf("%v", err)
		}
		for _, w := range []string{"state state/blue.tfstate is damaged: it is not JSON to its end", "copy-object", "serial"} {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("no %q in: %v", w, err)
			}
		}
		if strings.Contains(err.Error(), older) {
			t.Errorf("an older version than the last whole one is named: %v", err)
		}

		if _, err := c.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("state"), Key: aws.String("blue.tfstate")}); err != nil {
			t.Fatal(err)
		}
		_, err = process(nil)
		out, err := process(approved(t, err, "state state/blue.tfstate is gone", "go on without a state?", "deleted "))
		if err != nil || !strings.Contains(out.Summary, "1 added") {
			t.Fatalf("%+v, %v", out, err)
		}
	})
}

// A killed terraform that had written its state and not yet the digest left the lock, too: it is our own, and no question; on another laptop it
// is one, which names who holds the lock.
func TestRealDigestOfAKilledApply(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		cfg, call := r.stack(t, `resource "terraform_data" "first" {}`, false)
		if _, err := r.step(t, cfg).Ensure(t.Context(), &call); err != nil {
			t.Fatal(err)
		}
		r.killedIn(t, cfg, &call)
		r.setItem(t, strings.Repeat("0", 32))
		elsewhere := cloudtest.Call(t, r.site)
		_, err := r.step(t, cfg).Ensure(t.Context(), &elsewhere)
		approved(t, err, "The state is locked by "+r.who)
		out, err := r.step(t, cfg).Ensure(t.Context(), &call)
		if err != nil || !strings.Contains(out.Summary, "lock digest of state state/blue.tfstate repaired") {
			t.Fatalf("%+v, %v", out, err)
		}
	})
}

// In a scenario whose state is lost, a digest that outlived it in the lock table goes without a question.
func TestDigestOfALostState(t *testing.T) {
	t.Parallel()
	w := newWindows(t)
	c, ctx := w.cloud.Open(t, cloudtest.Standby()), t.Context()
	_, err := c.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("locks"), BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("LockID"), AttributeType: dbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("LockID"), KeyType: dbtypes.KeyTypeHash}},
	})
	if err == nil {
		err = dynamodb.NewTableExistsWaiter(c.DynamoDB).Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("locks")}, time.Minute, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = 50*time.Millisecond, 50*time.Millisecond
		})
	}
	if err == nil {
		_, err = c.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("states"), Key: aws.String("k")})
	}
	id := map[string]dbtypes.AttributeValue{"LockID": &dbtypes.AttributeValueMemberS{Value: "states/k-md5"}}
	if err == nil {
		_, err = c.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("locks"), Item: map[string]dbtypes.AttributeValue{
			"LockID": id["LockID"], "Digest": &dbtypes.AttributeValueMemberS{Value: "0"},
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.step(t).Ensure(ctx, w.call())
	approved(t, err, "state states/k is gone")
	w.cfg.Adopt = true
	_, err = w.step(t).Ensure(ctx, w.call()) // this fake cannot show its plan in detail; the digest goes before
	if _, asks := errors.AsType[*step.Ask](err); asks {
		t.Fatal(err)
	}
	out, err := c.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("locks"), Key: id})
	if err != nil || len(out.Item) > 0 {
		t.Errorf("the digest is %v, %v", out.Item, err)
	}
}

func vars(n string) map[string]plan.Expr { return map[string]plan.Expr{"n": text(n)} }
