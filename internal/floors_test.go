// Package internal_test guards the floors of docs/architecture.md: imports point down only.
package internal_test

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lifeboat-dr/lifeboat/internal/"

// floors lists every package, or the folder of several, from the ground up. A package may import what stands on a lower floor,
// and on its own floor only what stands before it. A folder that ends in "/" holds siblings that do not know each other.
func floors() [][]string {
	return [][]string{
		{"clock", "secret", "diag", "proc"},
		{"plan", "step", "step/steptest", "journal", "journal/journaltest"},
		{"handover", "planfile", "procedure", "procedure/view", "survey/quick", "survey", "survey/surveytest", "derive", "draft", "check", "check/view"},
		{"engine", "engine/local", "engine/enginetest", "drill", "report", "report/page"},
		{"awscloud", "check/live", "argv", "source", "terraform", "adopt", "stores/", "data/item", "data/load", "data/scan", "data/export", "data/rewind", "data/setting", "data/protect", "data/beside", "data/findgood", "data/history", "steps/", "data/datatest", "stage"},
		{"cli"},
	}
}

// TestImportsPointDown keeps the promise of docs/architecture.md that a reader can learn the code floor by floor.
func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(context.Background(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], module)
		for _, imp := range words[1:] {
			if to, ours := strings.CutPrefix(imp, module); ours && !allowed(from, to) {
				t.Errorf("%s must not import %s: it does not stand below it", from, to)
			}
		}
	}
}

func allowed(from, to string) bool {
	if cloudFrom, cloudTo := inCloud(from), inCloud(to); cloudFrom || cloudTo {
		// The drill cloud stands beside the floors: it needs the clock, and only the surfaces and the test kit know it.
		return cloudFrom && (cloudTo || to == "clock" || to == "proc") || !cloudFrom && (from == "cli" || from == "stage" && to == "cloudsim/control" || strings.HasSuffix(from, "test"))
	}
	ff, fi := place(from)
	tf, ti := place(to)
	if ff < 0 || tf < 0 {
		return false
	}
	return tf < ff || tf == ff && ti < fi
}

func inCloud(p string) bool { return p == "cloudsim" || strings.HasPrefix(p, "cloudsim/") }

// place is a package's floor, and its place on it.
func place(p string) (floor, index int) {
	for f, list := range floors() {
		i := slices.IndexFunc(list, func(s string) bool { return s == p || strings.HasSuffix(s, "/") && strings.HasPrefix(p, s) })
		if i >= 0 {
			return f, i
		}
	}
	return -1, -1
}
