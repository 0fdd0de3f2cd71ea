package stack_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

const stacks = 20

// BenchmarkIndependentStacks is the promise that 20 stacks without a provider take no longer than xargs -P8 over terraform's init,
// plan and apply: each round applies them both ways, with states in the drill cloud. Ratio is ours divided by theirs.
func BenchmarkIndependentStacks(b *testing.B) {
	r := newRealm(b, terraform.Terraform)
	var ours, theirs time.Duration
	for round := 0; b.Loop(); round++ {
		start := clock.System{}.Now()
		applyOurs(b, r, round)
		middle := clock.System{}.Now()
		applyTheirs(b, r, round)
		ours += middle.Sub(start)
		theirs += clock.System{}.Now().Sub(middle)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "lifeboat-s/op")
	b.ReportMetric(theirs.Seconds()/float64(b.N), "xargs-s/op")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
}

const nothing = `resource "terraform_data" "a" {}`

// applyOurs probes and applies all stacks as the engine does, as many at once as two cores allow.
func applyOurs(b *testing.B, r *realm, round int) {
	b.Helper()
	g := errgroup.Group{}
	g.SetLimit(4)
	maker := r.maker(b)
	var steps []step.Step
	var calls []step.Call
	for i := range stacks {
		cfg, call := r.stack(b, nothing, true)
		cfg.Terraform.State.Key = text(fmt.Sprintf("ours-%d-%d.tfstate", round, i))
		s, err := maker(step.Spec{Config: cfg})
		if err != nil {
			b.Fatal(err)
		}
		steps, calls = append(steps, s), append(calls, call)
	}
	for i, s := range steps {
		g.Go(func() error {
			if _, err := s.Probe(b.Context(), &calls[i]); err != nil {
				return err
			}
			_, err := s.Ensure(b.Context(), &calls[i])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

func applyTheirs(b *testing.B, r *realm, round int) {
	b.Helper()
	root := b.TempDir()
	for i := range stacks {
		dir := filepath.Join(root, fmt.Sprint(i))
		backend := fmt.Sprintf("terraform {\n  backend \"s3\" {\n    bucket = \"state\"\n    key = \"theirs-%d-%d.tfstate\"\n    region = \"%s\"\n    encrypt = true\n    use_lockfile = true\n  }\n}\n", round, i, r.site.Region)
		if err := os.Mkdir(dir, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(nothing+"\n"+backend), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	env, err := r.cloud.Clients(nil).Environment(b.Context(), r.site)
	if err != nil {
		b.Fatal(err)
	}
	env["PATH"], env["CHECKPOINT_DISABLE"], env["TF_INPUT"] = r.env["PATH"], "1", "0"
	const script = `ls | xargs -P8 -I{} sh -c 'cd {} && terraform init >/dev/null && terraform plan -out=p >/dev/null && terraform apply p >/dev/null'`
	cmd := exec.CommandContext(b.Context(), "sh", "-c", script)
	cmd.Dir, cmd.Env = root, env.Lines()
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "Error") {
		b.Fatalf("%v: %s", err, out)
	}
}
