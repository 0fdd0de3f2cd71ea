package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// disasters are the kinds of scenarios, and how often the recovery from each is killed, every time at another random moment of it.
func disasters() []disaster {
	return []disaster{
		{scenario: "region-down", kills: 2},
		{scenario: "account-compromised", kills: 1, check: (*killed).valueIsOld},
		{scenario: "resources-deleted", kills: 1, check: (*killed).nothingIsNew},
		{scenario: "state-lost", kills: 1, check: (*killed).nothingIsNew},
	}
}

type disaster struct {
	scenario string
	kills    int
	check    func(*killed, *testing.T, *stage.Cloud) // looks at what there is after the recovery; nil: what the plan verifies is enough
}

// Killed at any moment, a recovery goes on with resume and ends as if nothing had happened: nothing that was done is done again, and the
// application is there. The recovery is a drill's, with real terraform and the real AWS provider; the drill cloud outlives the kill.
func TestKilledAtAnyMomentItRecovers(t *testing.T) { //nolint:tparallel // it has the machine for itself until its subtests begin
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB many times")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	home := newHome(t, "testdata/kill", "keys")
	for _, d := range disasters() {
		k := home.strike(t, d)
		whole := k.recover(t, d.scenario+"-uninterrupted", 0) // the measure for the moments
		for i := range d.kills {
			after := time.Duration(dice.Float64() * float64(whole))
			t.Run(fmt.Sprintf("%s after %s", d.scenario, after.Round(10*time.Millisecond)), func(t *testing.T) {
				t.Parallel()
				k.recover(t, fmt.Sprintf("%s-%d", d.scenario, i), after)
			})
		}
	}
}

// home is the plan's folder, in which all drills begin: the first one keeps a snapshot of the application for the others.
type home struct{ lifeboat, dir string }

// newHome copies a plan from testdata. The test is skipped where the provider of the stack folder is not to be had.
func newHome(t *testing.T, from, stack string) *home {
	t.Helper()
	h := &home{lifeboat: lifeboat(t), dir: filepath.Join(t.TempDir(), "plan")}
	if err := os.CopyFS(h.dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	needProvider(t, h.dir, stack)
	return h
}

// killed is a drill that stands at the moment after the disaster, to be recovered from again and again.
type killed struct {
	disaster
	lifeboat string
	base     string // the plan's folder with the run in it
	world    string // the drill cloud's state
	run      string
}

// strike runs a drill to its disaster, in a folder of its own, and keeps the world as it then is.
func (h *home) strike(t *testing.T, d disaster) *killed {
	t.Helper()
	k := h.struck(t, d)
	k.keepWorld(t, filepath.Join(k.base, ".lifeboat", "runs", k.run))
	return k
}

// struck runs a drill to its disaster, in a folder of its own, and kills it there. Its cloud lives on.
func (h *home) struck(t *testing.T, d disaster) *killed {
	t.Helper()
	dir := filepath.Join(filepath.Dir(h.dir), d.scenario)
	k := &killed{disaster: d, lifeboat: h.lifeboat, base: filepath.Join(dir, "plan"), world: filepath.Join(dir, "world.json.gz")}
	if err := os.CopyFS(k.base, os.DirFS(h.dir)); err != nil {
		t.Fatal(err)
	}
	drill := k.command(t, k.base, "drill", d.scenario, "--plain", "--keep", "--from-snapshot")
	var stderr bytes.Buffer
	drill.Stderr = &stderr
	if err := drill.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- drill.Wait() }()
	runs := &file.Store{Root: filepath.Join(k.base, ".lifeboat", "runs")}
	for k.run == "" {
		select {
		case err := <-ended:
			t.Fatalf("the drill ended before its disaster: %v\n%s", err, &stderr)
		case <-time.After(20 * time.Millisecond):
		}
		if ids, _ := runs.Runs(); len(ids) == 1 {
			if s, err := runs.Load(t.Context(), ids[0]); err == nil && s.Struck() {
				k.run = ids[0]
			}
		}
	}
	kill(t, drill)
	<-ended
	snapshots := filepath.Join(".lifeboat", "snapshots")
	if _, err := os.Stat(filepath.Join(h.dir, snapshots)); errors.Is(err, fs.ErrNotExist) {
		if err := os.CopyFS(filepath.Join(h.dir, snapshots), os.DirFS(filepath.Join(k.base, snapshots))); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// keepWorld saves the drill cloud's state and ends the cloud.
func (k *killed) keepWorld(t *testing.T, run string) {
	t.Helper()
	cloud, err := stage.Open(run)
	if err == nil {
		err = (&control.Client{BaseURL: cloud.Endpoint}).Save(t.Context(), k.world)
	}
	if err == nil {
		err = cloud.Stop(t.Context())
	}
	if err == nil {
		err = os.Remove(filepath.Join(run, "cloud.json"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// needProvider skips the test where the AWS provider, which a stack of the plan in dir needs, is neither in a mirror nor to be had.
func needProvider(t *testing.T, dir, path string) {
	t.Helper()
	p := proc.OS()
	tool, err := terraform.Open(t.Context(), terraform.Setup{Env: p.Env, Runner: proc.Programs{}, Who: "test", Project: dir, Dir: t.TempDir()})
	if err != nil {
		t.Skipf("neither terraform nor tofu: %v", err)
	}
	code := plan.Terraform{Root: "infrastructure"}
	if _, err := os.Stat(filepath.Join(dir, code.Root, "shared", "provider.tf")); err == nil {
		code.Overlay = []string{"shared/provider.tf"}
	}
	src := stack.Source(&step.StackConfig{Stack: &plan.Stack{Path: path}, Terraform: code, Dir: dir})
	if err := tool.Warm(t.Context(), []terraform.Source{src}, func(string) {}); err != nil {
		t.Skipf("hashicorp/aws 5 is not to be had here: %v", err)
	}
}

func (k *killed) command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), k.lifeboat, append(args, "-C", dir)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// recover takes the world after the disaster, resumes, kills that after a while (0: never), resumes again, and looks at what there is.
// It gives the time of the last resume.
func (k *killed) recover(t *testing.T, name string, after time.Duration) time.Duration {
	t.Helper()
	dir := filepath.Join(filepath.Dir(k.base), name)
	if err := os.CopyFS(dir, os.DirFS(k.base)); err != nil {
		t.Fatal(err)
	}
	runs := &file.Store{Root: filepath.Join(dir, ".lifeboat", "runs")}
	cloud := k.wake(t, filepath.Join(runs.Root, k.run))
	var done []string
	if after > 0 {
		first := k.command(t, dir, "resume", k.run, "--keep")
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		kill(t, first)
		_ = first.Wait() // "signal: killed" is what was asked for
		done = k.done(t, runs)
	}
	var stdout, stderr bytes.Buffer
	last := k.command(t, dir, "resume", k.run, "--format", "json", "--keep")
	last.Stdout, last.Stderr = &stdout, &stderr
	began := time.Now()
	err := last.Run()
	took := time.Since(began)
	var doc report.Document
	if bad := json.Unmarshal(stdout.Bytes(), &doc); err != nil || bad != nil || doc.Result != "recovered" {
		t.Fatalf("resume: %v, %v, result %q\n%s\n%s", err, bad, doc.Result, &stdout, &stderr)
	}
	k.notAgain(t, runs, done)
	if k.check != nil {
		k.check(k, t, cloud)
	}
	return took
}

// wake starts a drill cloud of the run's own, with the world after the disaster.
func (k *killed) wake(t *testing.T, run string) *stage.Cloud {
	t.Helper()
	p := proc.OS()
	p.Self = k.lifeboat
	cloud, err := stage.Start(t.Context(), p, run, "--load", k.world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return cloud
}

// kill ends the process and nothing else, at once: terraform processes that it started go on as orphans.
func kill(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// done gives the steps that the journal says are done.
func (k *killed) done(t *testing.T, runs *file.Store) []string {
	t.Helper()
	s, err := runs.Load(t.Context(), k.run)
	if err != nil {
		t.Fatal(err)
	}
	var done, running []string
	for _, x := range s.Steps {
		switch {
		case x.Done():
			done = append(done, x.Spec.ID)
		case x.Status == journal.StatusRunning:
			running = append(running, x.Spec.ID)
		}
	}
	t.Logf("killed with %d of %d steps done, running: %s", len(done), len(s.Steps), strings.Join(running, " "))
	return done
}

// notAgain fails when a step was started after it was done, or when one that was done before the kill is not.
func (k *killed) notAgain(t *testing.T, runs *file.Store, before []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(runs.Root, k.run, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	done := map[string]bool{}
	for d := journal.NewDecoder(f); ; {
		e, err := d.Next()
		if err != nil {
			break // the end: resume has checked the chain
		}
		switch ev := e.Event.(type) {
		case journal.StepSucceeded:
			done[ev.Step] = true
		case journal.StepSkipped:
			done[ev.Step] = !ev.LeftOut
		case journal.StepStarted:
			if done[ev.Step] {
				t.Errorf("%s was started after it was done", ev.Step)
			}
		default:
		}
	}
	for _, id := range before {
		if !done[id] {
			t.Errorf("%s was done before the kill, and the journal lost it", id)
		}
	}
}
