package check_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// FuzzCheck keeps the promise that no code makes a check panic, that every finding is at a place in a file, and that patches stay inside of it.
func FuzzCheck(f *testing.F) {
	names, _ := filepath.Glob("testdata/corpus/*/*.tf")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, []byte("region = \"eu-west-2\"\n"))
	}
	f.Fuzz(func(t *testing.T, code, values []byte) {
		fsys := fstest.MapFS{"main.tf": {Data: code}, "live.auto.tfvars": {Data: values}, "terragrunt.hcl": {Data: values}}
		inv, err := survey.Survey(context.Background(), survey.Options{Dir: "x", Files: fsys})
		if err != nil {
			return
		}
		r := check.Check(check.Input{Inventory: inv, Now: time.Unix(0, 0)})
		for _, f := range r.Findings {
			if f.At.File == "" || f.At.Start.Line < 1 || f.Severity == check.None || f.Title == "" {
				t.Errorf("%+v", f)
			}
		}
		check.Apply(inv, r.Findings)
	})
}
