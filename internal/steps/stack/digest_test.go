package stack_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
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

// A digest that belongs to no kept version is told so; an older digest is told apart from an older state; a missing one is nothing to repair.
func TestRealDigestOfNoVersion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		process, probe, _ := r.applied(t)
		r.setItem(t, strings.Repeat("0", 32))
		_, err := process(nil)
		if _, err := process(approved(t, err, "belongs to no version")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.cloud.Open(t, r.site).DynamoDB.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("lock"), Key: digestKey()}); err != nil {
			t.Fatal(err)
		}
		if p, err := probe(); err != nil || p.Status != step.Done {
			t.Errorf("without a digest: %+v, %v", p, err)
		}
	})
}

// A state that was cut off is never taken: the error names it and the whole version to put back.
func TestRealDamagedState(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		process, _, older := r.applied(t)
		digest := r.item(t)
		r.putState(t, `{"version": 4, "serial"`)
		_, err := process(nil)
		if err == nil || step.ClassOf(err) != step.Permanent || r.item(t) != digest {
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
	})
}

// A state that is gone while the lock table has its digest is a question, save when the scenario says that the state is lost.
func TestRealStateThatIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *realm) {
		t.Helper()
		process, _, _ := r.applied(t)
		if _, err := r.cloud.Open(t, r.site).S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("state"), Key: aws.String("blue.tfstate")}); err != nil {
			t.Fatal(err)
		}
		_, err := process(nil)
		out, err := process(approved(t, err, "state state/blue.tfstate is gone", "go on without a state?", "deleted "))
		if err != nil || !strings.Contains(out.Summary, "1 added") {
			t.Fatalf("%+v, %v", out, err)
		}
	})
}

func vars(n string) map[string]plan.Expr { return map[string]plan.Expr{"n": text(n)} }
