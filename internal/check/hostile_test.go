package check_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// locked refuses to open one of its files.
type locked struct {
	fstest.MapFS
	name string
}

func (l locked) Open(name string) (fs.File, error) {
	if name == l.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.Open(name)
}

func (l locked) ReadFile(name string) ([]byte, error) {
	if name == l.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadFile(name)
}

// TestBadInput keeps the promise that whatever lies in a tree, what is good beside it is checked, and what cannot be read is said.
func TestBadInput(t *testing.T) {
	t.Parallel()
	bucket := "provider \"aws\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string // in a diagnostic; empty: nothing is wrong with it
	}{
		"an unknown provider":         {map[string]string{"a/a.tf": "provider \"frobnicate\" {\n  engine = \"on\"\n}\nresource \"frobnicate_thing\" \"x\" {\n  deep {\n    list = [for x in self : x]\n  }\n}\ndata \"frobnicate_thing\" \"y\" {}\n"}, ""},
		"10 MB":                       {map[string]string{"a/a.tf": strings.Repeat("# 0123456789abcdef\n", 600_000)}, "cannot be used"},
		"binary":                      {map[string]string{"a/a.tf": "\x7fELF\x00\x01\x02\xff"}, "cannot be used"},
		"an unreadable file":          {map[string]string{"a/a.tf": bucket}, "cannot be"},
		"half a block":                {map[string]string{"a/a.tf": "resource \"aws_s3_bucket\" \"b\" {\n  bucket = "}, "xpression"},
		"a file outside of the tree":  {map[string]string{"a/a.tf": "resource \"aws_iam_policy\" \"p\" {\n  policy = file(\"../../../etc/passwd\")\n}\n"}, ""},
		"modules in a circle":         {map[string]string{"a/a.tf": "module \"b\" {\n  source = \"../b\"\n}", "b/b.tf": "terraform {\n  backend \"s3\" {}\n}\nmodule \"a\" {\n  source = \"../a\"\n}"}, "A module cannot be read"},
		"values that contradict":      {map[string]string{"a/a.tf": "variable \"x\" {}\noutput \"x\" {\n  value = var.x\n}", "a/a.auto.tfvars": "x = 1", "a/b.auto.tfvars": "x = 2"}, "different values"},
		"names of folders and quotes": {map[string]string{"a \"b\"\n::error::/x.tf": bucket}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := locked{MapFS: fstest.MapFS{"good/main.tf": {Data: []byte(bucket)}}}
			for file, text := range c.files {
				tree.MapFS[file] = &fstest.MapFile{Data: []byte(text)}
			}
			if name == "an unreadable file" {
				tree.name = "a/a.tf"
			}
			inv, err := survey.Survey(context.Background(), survey.Options{Dir: "tree", Files: tree})
			if err != nil {
				t.Fatal(err)
			}
			r := check.Check(check.Input{Inventory: inv, Now: time.Unix(0, 0)})
			if !slices.ContainsFunc(r.Findings, func(f check.Finding) bool { return f.Rule.ID == "LB301" && f.At.File == "good/main.tf" }) {
				t.Error("what is good beside it is not checked")
			}
			said := ""
			for _, d := range inv.Diags {
				said += d.Summary + ": " + d.Detail + "\n"
			}
			if (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
				t.Errorf("it says %q", said)
			}
		})
	}
}
