package check_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// TestBoundedWork keeps the promise that the work of a survey and a check grows with the size of the code only, whatever is written in it: what is
// allocated on the way is bounded, and does not depend on how fast the machine is.
func TestBoundedWork(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	each := func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, text, i)
		}
		return b.String()
	}
	const most = 500 // MB; with the race detector it is five times what it is without
	for _, c := range []struct {
		name, file, text string
		findings         bool
	}{
		{"JSON on one line", "a.tf.json", `{"resource":{"aws_sqs_queue":{"q":{}` + each(3_000, `,"q%d":{"name":"arn:aws:sqs:eu-west-2:111111111111:q"}`) + "}}}", true},
		{"a text full of places", "a.tf", "locals {\n  x = \"" + strings.Repeat("arn:aws:sqs:eu-west-2:111111111111:q ", 20_000) + "\"\n}\n", true},
		{"a word full of places", "a.tf", "locals {\n  x = \"" + strings.Repeat("eu-west-2.", 50_000) + "\"\n}\n", false},
		{"a block full of places", "a.tf", "resource \"aws_x\" \"y\" {\n" + each(4_000, "  k%d = \"eu-west-2\"\n") + "}\n", true},
		{"blocks inside one", "a.tf", "resource \"aws_x\" \"y\" {\n" + strings.Repeat("  k {\n    a = \"eu-west-2\"\n  }\n", 4_000) + "}\n", true},
		{"100,000 blocks", "a.tf", strings.Repeat("resource \"aws_sqs_queue\" \"q\" {}\n", 100_000), false},
		{"10,000 levels of blocks", "a.tf", strings.Repeat("a {\n", 10_000) + strings.Repeat("}\n", 10_000), false},
		{"10,000 levels of brackets", "a.tf", "locals {\n  x = " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "\n}\n", false},
		{"ignores", "a.tf", each(2_000, "# lifeboat:ignore LB999 x\nlocals {\n  x%d = \"eu-west-2\"\n}\n"), true},
		{"10 MB", "a.tf", strings.Repeat("# 0123456789abcdef\n", 600_000), false},
		{"binary", "a.tf", strings.Repeat("\x00\xff", 100_000), false},
	} {
		t.Run(c.name, func(t *testing.T) { //nolint:paralleltest // likewise
			fsys := fstest.MapFS{"a/" + c.file: {Data: []byte(c.text)}, "b/main.tf": {Data: []byte("resource \"aws_sqs_queue\" \"good\" {}\n")}}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			inv, err := survey.Survey(context.Background(), survey.Options{Dir: "x", Files: fsys})
			if err != nil {
				t.Fatal(err)
			}
			r := check.Check(check.Input{Inventory: inv, Now: time.Unix(0, 0)})
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > most {
				t.Errorf("%d MB were allocated for %d KB of code, and %d MB are the bound", mb, len(c.text)>>10, most)
			}
			if c.findings && len(r.Findings) == 0 {
				t.Error("nothing was found")
			}
			if s := inv.Stack("b"); s == nil || len(s.Resources) != 1 {
				t.Error("what is good beside it was not surveyed")
			}
		})
	}
}
