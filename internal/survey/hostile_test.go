package survey_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// TestHostileTrees keeps the promise that no tree takes the machine, or the survey of what is good beside it.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	doubling := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n  l0 = [\"x\"]\n"
	for i := range 60 {
		doubling += fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n  l%d = [local.l%d, local.l%d]\n", i+1, i, i, i+1, i, i)
	}
	explode := "variable \"x\" {\n  default = \"\"\n}\n"
	for i := range 4 {
		explode += fmt.Sprintf("module \"m%d\" {\n  source   = \"../m%%d\"\n  for_each = toset([\"a\", \"b\", \"c\", \"d\"])\n}\n", i)
	}
	modules := map[string]string{}
	for i := range 10 {
		modules[fmt.Sprintf("m%d/main.tf", i)] = strings.ReplaceAll(explode, "%d", fmt.Sprint(i+1))
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // in a diagnostic
	}{
		{"100,000 blocks", map[string]string{"a/a.tf": strings.Repeat("resource \"aws_sqs_queue\" \"q\" {}\n", 100_000)}, ""},
		{"brackets", map[string]string{"a/a.tf": "locals {\n  x = " + strings.Repeat("[", 100_000) + "\n}"}, "too complex"},
		{"templates", map[string]string{"a/a.tf": "locals {\n  x = " + strings.Repeat(`"${`, 100_000) + "\n}"}, "too complex"},
		{"signs", map[string]string{"a/a.tf": "locals {\n  x = " + strings.Repeat("-", 200_000) + "1\n}"}, "too complex"},
		{"conditions", map[string]string{"a/a.tf": "locals {\n  x = " + strings.Repeat("a ? b : ", 100_000) + "c\n}"}, "too complex"},
		{"sums", map[string]string{"a/a.tf": "locals {\n  x = 1" + strings.Repeat("+1", 100_000) + "\n}\noutput \"x\" {\n  value = local.x\n}"}, "too complex to evaluate"},
		{"JSON", map[string]string{"a/a.tf.json": strings.Repeat(`{"a":`, 100_000)}, "too complex"},
		{"10 MB", map[string]string{"a/a.tf": strings.Repeat("# 0123456789abcdef\n", 600_000)}, "cannot be used"},
		{"binary", map[string]string{"a/a.tf": "\x00\x01\x02\xff"}, "cannot be used"},
		{"text that doubles itself", map[string]string{"a/a.tf": doubling + "}\noutput \"x\" {\n  value = [local.a60, local.l60]\n}"}, ""},
		{"modules in a circle", map[string]string{"a/a.tf": "module \"b\" {\n  source = \"../b\"\n}", "b/b.tf": "terraform {\n  backend \"s3\" {}\n}\nmodule \"a\" {\n  source = \"../a\"\n}"}, "A module cannot be read"},
		{"modules that multiply", modules, "too complex to evaluate"},
		{"values that contradict", map[string]string{"a/a.tf": "variable \"x\" {}\noutput \"x\" {\n  value = var.x\n}", "a/a.auto.tfvars": "x = 1", "a/b.auto.tfvars": "x = 2"}, "different values"},
		{"a file outside", map[string]string{"a/a.tf": "output \"x\" {\n  value = file(\"../../etc/passwd\")\n}"}, ""},
		{"functions that make much", map[string]string{"a/a.tf": "output \"x\" {\n  value = [format(\"%999999999d\", 1), join(\"x\", range(1000000000)), indent(999999999, \"x\\ny\"), 1e999999999, pow(10, 1e9), replace(\"aaa\", \"\", \"b\")]\n}"}, ""},
		{"values that call each other", map[string]string{"a/a.tf": "locals {\n  a = local.b\n  b = [local.a, local.c]\n  c = aws_x.y.z\n}\nresource \"aws_x\" \"y\" {\n  z = local.a\n  for_each = aws_x.y\n}"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := fstest.MapFS{"good/main.tf": {Data: []byte("resource \"aws_sqs_queue\" \"good\" {\n  name = \"good\"\n}")}}
			for name, text := range c.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			start := time.Now()
			inv, err := survey.Survey(context.Background(), survey.Options{Dir: "tree", Files: tree})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 2*time.Minute {
				t.Errorf("it took %v", took)
			}
			walk(t, inv)
			if s := inv.Stack("good"); s == nil || len(s.Resources) != 1 {
				t.Error("what is good beside it was not surveyed")
			}
			text := ""
			for _, d := range inv.Diags {
				text += d.Summary + "\n"
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("diagnostics: %s", text)
			}
		})
	}
}

// TestLinksDoNotLeadOut keeps the promise that nothing outside the tree is read, and that links in a circle end.
func TestLinksDoNotLeadOut(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "secret.tf")
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(outside, []byte("resource \"aws_sqs_queue\" \"secret\" {}"), 0o600))
	must(os.MkdirAll(filepath.Join(dir, "a", "loop"), 0o700))
	must(os.MkdirAll(filepath.Join(dir, "common"), 0o700))
	must(os.WriteFile(filepath.Join(dir, "common", "queue.tf"), []byte("resource \"aws_sqs_queue\" \"shared\" {}"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "a", "main.tf"), []byte("output \"x\" {\n  value = file(\"${path.module}/key.txt\")\n}"), 0o600))
	must(os.Symlink(outside, filepath.Join(dir, "a", "out.tf")))
	must(os.Symlink(outside, filepath.Join(dir, "a", "key.txt")))
	must(os.Symlink("../common/queue.tf", filepath.Join(dir, "a", "queue.tf")))
	must(os.Symlink("circle.tf", filepath.Join(dir, "a", "circle.tf")))
	must(os.Symlink("..", filepath.Join(dir, "a", "loop", "up")))
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
	must(err)
	s := inv.Stack("a")
	if s == nil || len(s.Of(survey.Managed, "aws_sqs_queue")) != 1 || s.Resources[0].Name != "shared" {
		t.Fatalf("a link inside the tree is followed, one that leads out is not: %+v", s)
	}
	if v := s.Output("x").Value; v.Known() {
		t.Errorf("file() read %q through a link that leads out", v.Show())
	}
	if len(inv.Diags) < 3 {
		t.Errorf("diagnostics: %v", inv.Diags)
	}
}

// TestNothingToSurvey keeps the promise that a folder without Terraform code is an error, not an empty result.
func TestNothingToSurvey(t *testing.T) {
	t.Parallel()
	if _, err := survey.Survey(context.Background(), survey.Options{Dir: t.TempDir()}); err == nil {
		t.Error("an empty folder gave an inventory")
	}
	if _, err := survey.Survey(context.Background(), survey.Options{Dir: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("a folder that is not there gave an inventory")
	}
}
