package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

// licence is the sensitive variable, and userKey the user's own AWS key, of the canary's drill.
const (
	licence = "canary-licence-7f3a91c2/+=&"
	userKey = "canary-user-key-5d1e08b7/+=&"
)

// No key or secret value appears in anything that a drill writes: log, journal, report, step's folder, temporary file, screen; nor in any
// argument of a program that it starts, nor in the environment of one that does not need it. All values are read from the drills' clouds afterwards.
func TestNoSecretIsWrittenAnywhere(t *testing.T) { //nolint:paralleltest // it sets the environment, and starts the AWS provider of 700 MB
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB many times")
	}
	c := newCanary(t)
	screen := map[string][]byte{}
	stdout, stderr := c.lifeboat(t, "drill", "--all", "--plain", "--keep")
	screen["drill's stdout"], screen["drill's stderr"] = stdout, stderr
	store := &file.Store{Root: filepath.Join(c.plan, ".lifeboat", "runs")}
	runs, err := store.Runs()
	if err != nil || len(runs) != 2 {
		t.Fatalf("drills %v, %v\n%s", runs, err, stderr)
	}
	known := values{licence: "variable licence", userKey: "the user's AWS key"}
	known.read(t, c.before(t))
	for _, run := range runs {
		cloud, err := stage.Open(filepath.Join(store.Root, run))
		if err != nil {
			t.Fatal(err)
		}
		known.read(t, cloud)
		c.children(t, cloud)
		for _, args := range [][]string{{"report", run}, {"report", run, "--format", "json"}, {"report", run, "--format", "html"}, {"status", run}, {"status", run, "--format", "json"}} {
			stdout, stderr := c.lifeboat(t, args...)
			screen[strings.Join(args, " ")] = slices.Concat(stdout, stderr)
		}
		if age, err := filepath.Glob(filepath.Join(store.Root, run, "handover", "*.age")); err != nil || len(age) != 1 {
			t.Errorf("handed over: %v, %v", age, err)
		}
	}
	if t.Logf("%d secret values", len(known)); len(known) < 10 {
		t.Fatal("the clouds gave too few of them: nothing would be proven")
	}
	for what, text := range screen {
		known.absent(t, what, text)
	}
	c.written(t, known)
	c.judge(t, known)
}

// canary is a plan's folder, with programs that note how they were started.
type canary struct {
	binary, plan, tmp string
	notes             string // a folder, with a file for each process
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	dir := t.TempDir()
	c := &canary{binary: lifeboat(t), plan: filepath.Join(dir, "plan"), notes: filepath.Join(dir, "notes")}
	if err := os.CopyFS(c.plan, os.DirFS("testdata/canary")); err != nil {
		t.Fatal(err)
	}
	needProvider(t, c.plan, "api")
	bin := filepath.Join(dir, "bin")
	for _, d := range []string{c.notes, bin} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, product := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(product); err == nil {
			c.program(t, filepath.Join(bin, product), fmt.Sprintf("exec '%s' \"$@\"", path))
		}
	}
	c.program(t, filepath.Join(c.plan, "told"), `echo "connected to $CONNECTION"; echo "with $CONNECTION" >&2`)
	c.program(t, filepath.Join(c.plan, "fails"), `echo "licence $LICENCE is refused" >&2; exit 1`)
	c.program(t, filepath.Join(c.plan, "plain"), "")
	// Sockets of providers are here too, and their names must be short.
	tmp, err := os.MkdirTemp("", "canary") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	c.tmp = tmp
	t.Cleanup(func() {
		stopDrills(c.plan)
		_ = os.RemoveAll(tmp)
	})
	t.Setenv("TMPDIR", tmp)
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("LIFEBOAT_VAR_licence", licence)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIACANARY")
	t.Setenv("AWS_SECRET_ACCESS_KEY", userKey)
	return c
}

// program writes a program that notes its arguments, folder and environment, and goes on with the rest.
func (c *canary) program(t *testing.T, name, rest string) {
	t.Helper()
	text := fmt.Sprintf("#!/bin/sh\n{ printf '%%s ' \"$@\"; echo; pwd; env; } >>'%s/%s.'$$\n%s\n", c.notes, filepath.Base(name), rest)
	if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// stopDrills ends the clouds of a plan's drills.
func stopDrills(plan string) {
	runs, _ := filepath.Glob(filepath.Join(plan, ".lifeboat", "runs", "*")) // the pattern is well-formed
	for _, run := range runs {
		if cloud, err := stage.Open(run); err == nil {
			_ = cloud.Stop(context.Background()) // it may be gone
		}
	}
}

// lifeboat runs a command that succeeds.
func (c *canary) lifeboat(t *testing.T, args ...string) (stdout, stderr []byte) {
	t.Helper()
	var out, say bytes.Buffer
	cmd := exec.CommandContext(t.Context(), c.binary, append(args, "-C", c.plan)...)
	cmd.Stdout, cmd.Stderr = &out, &say
	if err := cmd.Run(); err != nil {
		t.Fatalf("lifeboat %s: %v\n%s\n%s", strings.Join(args, " "), err, &out, &say)
	}
	return out.Bytes(), say.Bytes()
}

// written searches all that the drills left on disk. Only the kept world may hold values: it is AWS, simulated, and reading it is reading AWS.
func (c *canary) written(t *testing.T, known values) {
	t.Helper()
	files := 0
	for _, root := range []string{filepath.Join(c.plan, ".lifeboat"), c.tmp} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || d.Name() == "cloud.json.gz" {
				return err
			}
			files++
			text, err := os.ReadFile(name)
			known.absent(t, name, text)
			known.absent(t, "the name of a file", []byte(name))
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files < 20 {
		t.Errorf("the drills left %d files: the wrong folder was searched", files)
	}
}

// children looks at the cloud of a drill, which is a process that we started too.
func (c *canary) children(t *testing.T, cloud *stage.Cloud) {
	t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(cloud.PID))
	argv, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	env, err2 := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil || err2 != nil {
		return // not Linux
	}
	note := bytes.ReplaceAll(slices.Concat(argv, []byte("\n\n"), env), []byte{0}, []byte("\n"))
	if err := os.WriteFile(filepath.Join(c.notes, "cloud."+strconv.Itoa(cloud.PID)), note, 0o600); err != nil {
		t.Fatal(err)
	}
}

// before wakes the world as it was before the disasters: what the lost site held cannot be read after them.
func (c *canary) before(t *testing.T) *stage.Cloud {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(c.plan, ".lifeboat", "snapshots", "*", "cloud.json.gz"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept worlds %v, %v", kept, err)
	}
	p := proc.OS()
	p.Self = c.binary
	cloud, err := stage.Start(t.Context(), p, t.TempDir(), "--load", kept[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Stop(context.WithoutCancel(t.Context())) })
	return cloud
}

// need is who may have secrets in its environment, and under which names.
type need struct {
	program, folder string // name of the program, end of the folder that it works in; empty folder: any
	names           []string
	met             bool
}

// judge looks at how every process was started. Each need must have been met once: else the notes are not what they should be.
func (c *canary) judge(t *testing.T, known values) {
	t.Helper()
	needs := []*need{
		{program: "terraform", folder: "/app", names: []string{"TF_VAR_password", "TF_VAR_signing", "TF_VAR_address"}}, // apply asks for ephemeral variables again
		{program: "terraform", folder: "/bare", names: []string{"TF_VAR_password", "TF_VAR_signing", "TF_VAR_address"}, met: true},
		{program: "terraform", folder: "/warm/scratch/work/api", names: []string{"AWS_SECRET_ACCESS_KEY"}, met: true}, // the user's own: modules may come from S3
		{program: "terraform", folder: "/warm/scratch/work/app", names: []string{"AWS_SECRET_ACCESS_KEY"}, met: true},
		{program: "told", names: []string{"CONNECTION"}},
		{program: "fails", names: []string{"LICENCE"}},
	}
	notes, err := os.ReadDir(c.notes)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, n := range notes {
		text, err := os.ReadFile(filepath.Join(c.notes, n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		program, _, _ := strings.Cut(n.Name(), ".")
		program = strings.Replace(program, "tofu", "terraform", 1)
		count[program]++
		lines := strings.Split(string(text), "\n")
		who := fmt.Sprintf("environment or arguments of %s %sin %s", program, lines[0], lines[1])
		rest := slices.DeleteFunc(lines[2:], func(line string) bool {
			name, value, _ := strings.Cut(line, "=")
			for _, d := range needs {
				if d.program == program && strings.HasSuffix(lines[1], d.folder) && slices.Contains(d.names, name) {
					d.met = d.met || known.in([]byte(value)) != ""
					return true
				}
			}
			return false
		})
		known.absent(t, who, []byte(lines[0]+"\n"+strings.Join(rest, "\n")))
	}
	t.Logf("processes: %v", count)
	for _, d := range needs {
		if !d.met {
			t.Errorf("%s in %q never had its secret", d.program, d.folder)
		}
	}
	if count["plain"] == 0 || count["terraform"] < 10 {
		t.Errorf("not every program was noted: %v", count)
	}
}
