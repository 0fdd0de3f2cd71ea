package planfile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestBadInput keeps the promise that every mistake has a message of its own, with its place and what to do, all at once, readable on
// a terminal of 60 columns.
func TestBadInput(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/bad/*.hcl")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, c := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(c), ".hcl"), func(t *testing.T) {
			t.Parallel()
			text := read(t, c)
			files := map[string]string{"lifeboat.hcl": text}
			if !strings.HasPrefix(text, "# alone") {
				files["base.lifeboat.hcl"] = base
			}
			p, sources, diags := Load(options(files))
			if warned := filepath.Base(c) == "blast-radius.hcl"; warned != (p != nil) {
				t.Errorf("plan given: %v", p != nil)
			}
			var b strings.Builder
			if err := diag.Write(&b, diags, sources, 60); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(c, ".hcl")+".txt", b.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := read(t, name); got != want {
		t.Errorf("%s differs (run with -update and read the difference):\n%s", name, got)
	}
}
