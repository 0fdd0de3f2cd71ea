package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// TestMain lets scripts run this test binary as lifeboat: the real main.
func TestMain(m *testing.M) {
	testscript.Main(bench{m}, map[string]func(){"lifeboat": main})
}

// bench runs the tests beside a folder that ends with them, for what several of them use.
type bench struct{ *testing.M }

func (b bench) Run() int {
	dir, err := os.MkdirTemp("", "lifeboat-test")
	if err == nil {
		err = os.Setenv("LIFEBOAT_TEST_BENCH", dir)
	}
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	return b.M.Run()
}

// stopClouds stops the drill clouds of drills that could go on.
func stopClouds(dir string) {
	runs, _ := filepath.Glob(filepath.Join(dir, ".lifeboat", "runs", "*")) // the pattern is well-formed
	for _, run := range runs {
		if c, err := stage.Open(run); err == nil {
			_ = c.Stop(context.Background()) // it may be gone
		}
	}
}

// TestScripts keeps the promises of the command line: each script is named after its own. They need no network; where they use a program
// that this machine may lack, a condition skips them and says which.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(8 * time.Minute), // what hangs is killed, and shown; the kills beside it take most of a small machine
		Setup: func(e *testscript.Env) error {
			// The application, sites and scenarios of most scripts, beside what the script itself says.
			plan, err := os.ReadFile(filepath.Join("testdata", "script", "sites.hcl"))
			if err != nil {
				return err
			}
			// Without the metadata service nobody waits for an instance role that is not there.
			e.Vars = append(e.Vars, "AWS_EC2_METADATA_DISABLED=true")
			e.Defer(func() { stopClouds(e.WorkDir) })
			return os.WriteFile(filepath.Join(e.WorkDir, "sites.lifeboat.hcl"), plan, 0o600)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "terraform":
				_, err := exec.LookPath("terraform")
				if err != nil {
					_, err = exec.LookPath("tofu")
				}
				return err == nil, nil
			case "mount": // a file system of our own, also where we are not root
				return exec.CommandContext(t.Context(), "unshare", "-rm", "mount", "-t", "tmpfs", "none", t.TempDir()).Run() == nil, nil
			}
			return false, nil
		},
		Cmds: commands(),
	})
}

// commands are what scripts say beside testscript's own words.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){
		"api": api, "await": await, "cloud": cloud, "code": code, "columns": columns, "consume": consume, "items": putItems, "json": jsonValue,
		"restorable": restorable, "table": makeTable, "tables": onlyTables,
	}
	maps.Copy(all, (&vaults{clocks: map[string]*ahead{}}).commands())
	return all
}
