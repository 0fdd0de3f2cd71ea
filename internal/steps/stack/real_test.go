package stack_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// realm is a drill cloud with a state bucket, and a real binary.
type realm struct {
	cloud *cloudtest.Cloud
	site  *plan.Site
	env   proc.Env
	run   string // the run's folder
	who   string
	want  string
}

// each runs a test with every real binary that the machine has.
func each(t *testing.T, test func(t *testing.T, r *realm)) {
	t.Helper()
	for _, name := range []string{terraform.Terraform, terraform.OpenTofu} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newRealm(t, name))
		})
	}
}

func newRealm(tb testing.TB, binary string) *realm {
	tb.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", "..", "bin"))
	if err != nil {
		tb.Fatal(err)
	}
	me := proc.OS()
	env := proc.Env{"PATH": me.Env["PATH"] + string(os.PathListSeparator) + bin, "HOME": tb.TempDir()}
	if _, err := proc.Look(env, binary); err != nil {
		tb.Skip("no " + binary + " on PATH or in bin/")
	}
	r := &realm{cloud: cloudtest.New(tb), site: cloudtest.Standby(), env: env, run: tb.TempDir(), who: me.User + "@" + me.Host, want: binary}
	c := r.cloud.Open(tb, r.site)
	_, err = c.S3.CreateBucket(tb.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("state"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(r.site.Region)},
	})
	if err != nil {
		tb.Fatal(err)
	}
	_, err = c.DynamoDB.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("lock"), BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("LockID"), AttributeType: dbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("LockID"), KeyType: dbtypes.KeyTypeHash}},
	})
	if err == nil {
		err = dynamodb.NewTableExistsWaiter(c.DynamoDB).Wait(tb.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("lock")}, time.Minute,
			func(o *dynamodb.TableExistsWaiterOptions) {
				o.MinDelay, o.MaxDelay = 50*time.Millisecond, 50*time.Millisecond
			})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// stack is a stack with this code, at the site.
func (r *realm) stack(tb testing.TB, code string, lockfile bool) (*step.StackConfig, step.Call) {
	tb.Helper()
	root := tb.TempDir()
	if err := os.WriteFile(filepath.Join(root, "main.tf"), []byte(code), 0o600); err != nil {
		tb.Fatal(err)
	}
	cfg := &step.StackConfig{
		Dir: root, Stack: &plan.Stack{Block: plan.Block{Name: "blue"}, Path: "."},
		Terraform: plan.Terraform{State: plan.State{Bucket: text("state"), Key: text("blue.tfstate"), LockTable: text("lock")}},
	}
	if lockfile {
		cfg.Terraform.State.LockTable, cfg.Terraform.State.Lockfile = nil, true
	}
	return cfg, cloudtest.Call(tb, r.site)
}

// step builds the step as a new process would.
func (r *realm) step(tb testing.TB, cfg *step.StackConfig) step.Step {
	tb.Helper()
	s, err := r.maker(tb)(step.Spec{ID: "stack/blue", Config: cfg})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// maker is what a new process makes its steps with.
func (r *realm) maker(tb testing.TB) step.Maker {
	tb.Helper()
	tool, err := terraform.Open(tb.Context(), terraform.Setup{
		Env: r.env, Runner: proc.Programs{}, Who: r.who, Wanted: r.want, Dir: filepath.Join(r.run, "terraform"), Project: r.run,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return stack.New(stack.Deps{Tool: tool, Env: r.cloud.Clients(nil).Environment, Sites: r.cloud.Clients(nil)})
}

// With the real binary and backend: applied, found as planned, its outputs read again without its code.
func TestRealStack(t *testing.T) {
	t.Parallel()
	for name, lockfile := range map[string]bool{"lock table": false, "lock file": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *realm) {
				t.Helper()
				cfg, call := r.stack(t, `
					resource "terraform_data" "a" { input = terraform.workspace }
					output "a" { value = terraform_data.a.output }
					output "hidden" {
					  value     = "s3cret"
					  sensitive = true
					}`, lockfile)
				cfg.Stack.Workspace = "live"
				s := r.step(t, cfg)
				if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Needed {
					t.Fatal(p, err)
				}
				out, err := s.Ensure(t.Context(), &call)
				if err != nil || out.Outputs["a"].Reveal() != "live" || out.Outputs["hidden"].Reveal() != "s3cret" {
					t.Fatal(out, err)
				}
				elsewhere := cloudtest.Call(t, r.site) // a resume from another laptop has no folder
				s = r.step(t, cfg)
				if p, err := s.Probe(t.Context(), &elsewhere); err != nil || p.Status != step.Done || !p.Outputs["hidden"].IsSecret() {
					t.Fatal(p, err)
				}
				again, err := s.(step.Recaller).Recall(t.Context(), &elsewhere)
				if err != nil || again["a"].Reveal() != "live" || !again["hidden"].IsSecret() {
					t.Fatal(again, err)
				}
			})
		})
	}
}

// killedIn kills terraform in the middle of the stack's apply, and leaves code that is quicker.
func (r *realm) killedIn(t *testing.T, cfg *step.StackConfig, call *step.Call) {
	t.Helper()
	pid := filepath.Join(t.TempDir(), "pid")
	slow := func(seconds string) {
		t.Helper()
		code := `
			resource "terraform_data" "first" {}
			resource "terraform_data" "slow" {
			  depends_on = [terraform_data.first]
			  provisioner "local-exec" {
			    command = "echo $PPID > ` + pid + `.tmp; mv ` + pid + `.tmp ` + pid + `; sleep ` + seconds + `"
			  }
			}`
		if err := os.WriteFile(filepath.Join(cfg.Dir, "main.tf"), []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slow("60")
	failed := make(chan error, 1)
	go func() {
		_, err := r.step(t, cfg).Ensure(t.Context(), call)
		failed <- err
	}()
	number := 0
	for number == 0 {
		if b, err := os.ReadFile(pid); err == nil {
			number, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		}
		if err := clock.Sleep(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(number, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; step.ClassOf(err) != step.Transient {
		t.Fatalf("killed: %v", err)
	}
	slow("0")
}

// terraform is killed in the middle of an apply and leaves its lock in AWS: the next try breaks that lock and goes on; on another
// laptop the same lock is a question.
func TestRealKilledApply(t *testing.T) {
	t.Parallel()
	for name, lockfile := range map[string]bool{"lock table": false, "lock file": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *realm) {
				t.Helper()
				cfg, call := r.stack(t, "", lockfile)
				r.killedIn(t, cfg, &call)
				elsewhere := cloudtest.Call(t, r.site)
				var ask *step.Ask
				if _, err := r.step(t, cfg).Ensure(t.Context(), &elsewhere); !errors.As(err, &ask) || !strings.Contains(ask.Prompt, r.who) {
					t.Errorf("from another folder: %v, want a question about the lock", err)
				}
				if _, err := r.step(t, cfg).Ensure(t.Context(), &call); err != nil {
					t.Fatal(err)
				}
				if p, err := r.step(t, cfg).Probe(t.Context(), &call); err != nil || p.Status != step.Done {
					t.Errorf("after all: %+v, %v", p, err)
				}
			})
		})
	}
}
