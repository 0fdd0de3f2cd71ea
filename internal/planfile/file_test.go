package planfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// onDisk writes files below a temporary folder.
func onDisk(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for n, text := range files {
		p := filepath.Join(dir, n)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestRealFiles keeps the promise that the machine's files are read, by folder and by file, and listed for `lifeboat fmt`.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := onDisk(t, map[string]string{"lifeboat.hcl": base, "x.lifeboat.hcl": "locals {}", "other.hcl": "not a plan", "infrastructure/shared-resources/main.tf": ""})
	p := mustLoad(t, Options{Dir: dir})
	if p.Dir != dir || len(p.Stacks) != 1 {
		t.Errorf("dir %q, stacks %d", p.Dir, len(p.Stacks))
	}
	if one := mustLoad(t, Options{Dir: filepath.Join(dir, "lifeboat.hcl")}); one.Dir != dir {
		t.Errorf("dir of a file: %q", one.Dir)
	}
	files, diags := Files(dir)
	if len(diags) > 0 || len(files) != 2 || files[0] != filepath.Join(dir, "lifeboat.hcl") || files[1] != filepath.Join(dir, "x.lifeboat.hcl") {
		t.Errorf("files %v %v", files, diags)
	}
}

// TestNoPlan keeps the promise that a wrong folder is told apart from an empty one.
func TestNoPlan(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{onDisk(t, nil): "No plan here", "/nowhere/at/all": "The plan's folder cannot be read"} {
		p, _, diags := Load(Options{Dir: dir})
		if p != nil || len(diags) != 1 || diags[0].Summary != want || diags[0].Hint == "" {
			t.Errorf("%s: %+v", dir, diags)
		}
	}
}

// TestFileStaysInside keeps the promise that the plan's folder is the whole plan: file() does not follow a link out of it.
func TestFileStaysInside(t *testing.T) {
	t.Parallel()
	dir := onDisk(t, map[string]string{"lifeboat.hcl": base + "locals {\n a = file(\"notes/a\")\n}\n", "infrastructure/shared-resources/main.tf": ""})
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "notes")); err != nil {
		t.Fatal(err)
	}
	p, s, diags := Load(Options{Dir: dir})
	if p != nil || !strings.Contains(shown(t, diags, s), "symbolic link") {
		t.Error(shown(t, diags, s))
	}
}

// TestReadingIsBounded keeps the promise that no input, however large or deep, is read whole or crashes the parser.
func TestReadingIsBounded(t *testing.T) {
	t.Parallel()
	deep := func(open string, n int) string { return "locals {\n a = " + strings.Repeat(open, n) + "1\n}\n" }
	for name, text := range map[string]string{
		"large":  strings.Repeat("#", fileLimit+1),
		"many":   deep("1 + ", tokenLimit),
		"deep":   deep("(", tokenLimit/2),
		"not":    deep("!", tokenLimit-100),
		"choice": deep("true ? 1 : ", tokenLimit/5),
		"object": deep("{ a = ", tokenLimit/4),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p, _, diags := Load(options(map[string]string{"lifeboat.hcl": text})); p != nil || len(diags) == 0 {
				t.Error("it was taken")
			}
		})
	}
	o := options(map[string]string{"lifeboat.hcl": ""})
	o.Files.(fstest.MapFS)["plan/lifeboat.hcl"].Mode = fs.ModeNamedPipe
	if p, _, diags := Load(o); p != nil || !strings.Contains(diags[0].Detail, "not a regular file") {
		t.Errorf("a pipe was read: %v", diags)
	}
}

// TestFormat keeps the promise that fmt changes white space only, once, and never a file that is wrong.
func TestFormat(t *testing.T) {
	t.Parallel()
	got, diags := Format([]byte("site \"a\" {\naccount = \"1\"\n  region=\"eu-west-2\" # x\n}"), "lifeboat.hcl")
	want := "site \"a\" {\n  account = \"1\"\n  region  = \"eu-west-2\" # x\n}"
	if string(got) != want || len(diags) > 0 {
		t.Errorf("got %q %v", got, diags)
	}
	if again, _ := Format(got, "lifeboat.hcl"); string(again) != want {
		t.Errorf("formatting twice gives %q", again)
	}
	wrong := []byte("site \"a\" {\n a=\n}")
	if got, diags := Format(wrong, "lifeboat.hcl"); string(got) != string(wrong) || !diags.HasErrors() || diags[0].Subject.File != "lifeboat.hcl" {
		t.Errorf("got %q %v", got, diags)
	}
}

// TestExampleLoads keeps the promise that the example of the house is a plan without a complaint.
func TestExampleLoads(t *testing.T) {
	t.Parallel()
	p, s, diags := Load(Options{Dir: "../../examples/pharmacy-updates"})
	if p == nil || len(diags) > 0 {
		t.Fatal(shown(t, diags, s))
	}
	if p.Scenario("region-down") == nil || len(p.Stacks) == 0 {
		t.Error("the example lost its scenario or its stacks")
	}
}
