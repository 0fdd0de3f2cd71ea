package stack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// windows is a stack whose state holds a key and a secret at the site, a key of a second region, and another account's key.
type windows struct {
	*bench
	cloud            *cloudtest.Cloud
	key, far, secret string // ARNs
}

func newWindows(tb testing.TB) *windows {
	tb.Helper()
	w := &windows{bench: newBench(tb), cloud: cloudtest.New(tb)}
	w.sites = w.cloud.Clients(nil)
	w.cfg.Terraform.State.Bucket, w.cfg.Terraform.State.LockTable = text("states"), text("locks")
	c, ctx := w.cloud.Open(tb, cloudtest.Standby()), tb.Context()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	near, err := c.KMS.CreateKey(ctx, &kms.CreateKeyInput{})
	must(err)
	far, err := w.virginia(tb).CreateKey(ctx, &kms.CreateKeyInput{})
	must(err)
	sec, err := c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("consumers-key"), SecretString: aws.String("v")})
	must(err)
	w.key, w.far, w.secret = *near.KeyMetadata.Arn, *far.KeyMetadata.Arn, *sec.ARN
	_, err = c.S3.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String("states"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	must(err)
	state := fmt.Sprintf(`{"version":4,"serial":3,"resources":[
		{"mode":"managed","type":"aws_kms_key","name":"data","instances":[{"index_key":"a","attributes":{"arn":%q,"is_enabled":true}}]},
		{"module":"module.far","mode":"managed","type":"aws_kms_key","name":"cdn","instances":[{"attributes":{"arn":%q,"is_enabled":false}}]},
		{"mode":"managed","type":"aws_kms_key","name":"theirs","instances":[{"attributes":{"arn":"arn:aws:kms:eu-west-1:999999999999:key/x"}}]},
		{"mode":"data","type":"aws_kms_key","name":"read","instances":[{"attributes":{"arn":"arn:aws:kms:eu-west-1:222222222222:key/none"}}]},
		{"mode":"managed","type":"aws_secretsmanager_secret","name":"s","instances":[{"attributes":{"arn":%q}}]},
		{"mode":"managed","type":"aws_secretsmanager_secret","name":"unmade","instances":[]}]}`, w.key, w.far, w.secret)
	_, err = c.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("states"), Key: aws.String("k"), Body: strings.NewReader(state)})
	must(err)
	return w
}

func (w *windows) virginia(tb testing.TB) *kms.Client {
	tb.Helper()
	return w.cloud.Open(tb, &plan.Site{Name: "standby", Account: cloudtest.Standby().Account, Region: "us-east-1"}).KMS
}

// doom deletes the keys and the secret, with windows.
func (w *windows) doom(tb testing.TB) {
	tb.Helper()
	c, ctx := w.cloud.Open(tb, cloudtest.Standby()), tb.Context()
	_, err := c.KMS.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &w.key})
	if err == nil {
		_, err = w.virginia(tb).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &w.far})
	}
	if err == nil {
		_, err = c.SecretsManager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &w.secret})
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// alive tells what is not as it was: the same key enabled, the key that the code wants disabled disabled, the secret with its value.
func (w *windows) alive(ctx context.Context, tb testing.TB) error {
	tb.Helper()
	c := w.cloud.Open(tb, cloudtest.Standby())
	near, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &w.key})
	if err != nil {
		return err
	}
	far, err := w.virginia(tb).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &w.far})
	if err != nil {
		return err
	}
	if n, f := near.KeyMetadata.KeyState, far.KeyMetadata.KeyState; n != "Enabled" || f != "Disabled" {
		return fmt.Errorf("the keys are %s and %s", n, f)
	}
	sec, err := c.SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &w.secret})
	if err == nil && *sec.SecretString != "v" {
		err = errors.New("the secret has another value")
	}
	return err
}

// What is in its deletion window is taken back whichever call is cut, lost or denied, before terraform is asked for a plan.
func TestConformanceWithDeletionWindows(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w := newWindows(tb)
		w.doom(tb)
		w.runner, w.sites = f.Runner(w.fake), w.cloud.Clients(f)
		call := w.call()
		call.Report = nil
		return steptest.World{
			Step: w.process, Call: *call,
			Check:  func() error { return errors.Join(w.fake.complete(), w.alive(tb.Context(), tb)) },
			Writes: func() int { w.fake.mu.Lock(); defer w.fake.mu.Unlock(); return w.fake.applied },
		}
	}})
}

// The probe says what is about to be deleted and runs no command; the outcome says what was taken back.
func TestDeletionWindowsAreCancelled(t *testing.T) {
	t.Parallel()
	w := newWindows(t)
	w.doom(t)
	s := w.step(t)
	p, err := s.Probe(t.Context(), w.call())
	if err != nil || p.Status != step.Needed || w.fake.commands() != "" {
		t.Fatalf("%+v, %v, commands %q", p, err, w.fake.commands())
	}
	for _, want := range []string{`(aws_kms_key.data["a"]): it is pending deletion until 20`, "(module.far.aws_kms_key.cdn): it is pending", "secret consumers-key (aws_secretsmanager_secret.s): it is scheduled"} {
		if !strings.Contains(p.Reason, want) {
			t.Errorf("no %q in %q", want, p.Reason)
		}
	}
	out, err := s.Ensure(t.Context(), w.call())
	if err != nil || !out.Changed || strings.Count(out.Summary, "taken back") != 3 || !strings.Contains(out.Summary, "2 added") {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := w.alive(t.Context(), t); err != nil {
		t.Error(err)
	}
	if p, err := s.Probe(t.Context(), w.call()); err != nil || p.Status != step.Done {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}

// A key whose deletion is over is a question that says what is lost with it; without an approval nothing is applied.
func TestKeyThatCannotComeBack(t *testing.T) {
	t.Parallel()
	w := newWindows(t)
	_, err := w.cloud.Open(t, cloudtest.Standby()).S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("states"), Key: aws.String("k"), Body: strings.NewReader(
		`{"version":4,"resources":[{"mode":"managed","type":"aws_kms_key","name":"data","instances":[{"attributes":{"arn":"arn:aws:kms:eu-west-1:222222222222:key/gone"}}]}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	s := w.step(t)
	_, err = s.Ensure(t.Context(), w.call())
	yes := approved(t, err, "key gone (aws_kms_key.data) does not exist any more", "cannot be read again")
	if w.fake.applied != 0 || w.fake.commands() != "" {
		t.Fatal("terraform ran before anybody approved")
	}
	call := w.call()
	call.Answers = yes
	if out, err := s.Ensure(t.Context(), call); err != nil || !out.Changed {
		t.Errorf("approved: %+v, %v", out, err)
	}
}
