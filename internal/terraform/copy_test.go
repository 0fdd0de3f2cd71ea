package terraform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := writeFile(filepath.Join(root, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

// names are the files below a folder, sorted.
func names(t *testing.T, root string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// A working copy holds what terraform needs and nothing that would mislead it: no state, no other working data, no run of ours.
func TestWorkingCopy(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a/main.tf": "", "a/sub/template.json": "", "a/.terraform.lock.hcl": "", "a/.terraform/providers/x": "", "a/terraform.tfstate": "",
		"a/terraform.tfstate.backup": "", "a/old.tfplan": "", "a/.git/config": "", "b/main.tf": "", "modules/m/main.tf": "", ".lifeboat/runs/1/work/x.tf": "",
		"shared/provider.tf": "new", "shared/readme.md": "", "extra.tf": "", "env/live.tfvars": "", "env/test.tfvars": "",
	}
	for _, tc := range []struct {
		name, main string
		overlay    []string
		want       string
	}{
		{"a stack for itself", "", nil, "a/.terraform.lock.hcl a/main.tf a/sub/template.json"},
		{
			"a stack with local modules", `source = "../modules/m"`, nil,
			"a/.terraform.lock.hcl a/main.tf a/sub/template.json b/main.tf env/live.tfvars env/test.tfvars extra.tf modules/m/main.tf shared/provider.tf shared/readme.md",
		},
		{"a folder and a file laid over", "", []string{"shared", "extra.tf"}, "a/.terraform.lock.hcl a/extra.tf a/main.tf a/provider.tf a/sub/template.json"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			root, to := t.TempDir(), t.TempDir()
			write(t, root, files)
			write(t, root, map[string]string{"a/main.tf": tc.main})
			src := Source{Root: root, Path: "a"}
			for _, o := range tc.overlay {
				src.Overlay = append(src.Overlay, filepath.Join(root, o))
			}
			dir, err := src.copyTo(to)
			if err != nil || dir != filepath.Join(to, "a") {
				t.Fatal(dir, err)
			}
			if got := names(t, to); got != tc.want {
				t.Errorf("copied %s\nwant   %s", got, tc.want)
			}
		})
	}
}

// A file of values that is beside the stack's folder is where the stack looks for it; one outside of the root is an error.
func TestWorkingCopyHasTheValuesBesideIt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"env/live.tfvars": "env/live.tfvars live/a/main.tf", "../live.tfvars": ""} {
		root, to := t.TempDir(), t.TempDir()
		write(t, root, map[string]string{"live/a/main.tf": "", "env/live.tfvars": "", "env/test.tfvars": ""})
		_, err := (Source{Root: root, Path: "live/a", Beside: []string{name}}).copyTo(to)
		if got := names(t, to); want != "" && got != want || (err == nil) != (want != "") {
			t.Errorf("%s: copied %s, %v", name, got, err)
		}
	}
}

// Links are followed, for shared files are often linked; a cycle of them ends in an error and not in a full disk.
func TestWorkingCopyFollowsLinks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, map[string]string{"shared/provider.tf": "x", "a/main.tf": ""})
	link := func(from, to string) {
		if err := os.Symlink(from, filepath.Join(root, to)); err != nil {
			t.Fatal(err)
		}
	}
	link("../shared/provider.tf", "a/provider.tf")
	link("../shared", "a/folder")
	link("nowhere", "a/dangling.tf")
	to := t.TempDir()
	if _, err := (Source{Root: root, Path: "a"}).copyTo(to); err != nil {
		t.Fatal(err)
	}
	if got := names(t, to); got != "a/folder/provider.tf a/main.tf a/provider.tf" {
		t.Errorf("copied %s", got)
	}
	link("../a", "a/cycle")
	if _, err := (Source{Root: root, Path: "a"}).copyTo(t.TempDir()); err == nil {
		t.Error("a cycle of links was copied")
	}
	if _, err := (Source{Root: root, Path: "../outside"}).copyTo(t.TempDir()); err == nil {
		t.Error("a stack outside the root was copied")
	}
}

// The override replaces any backend, and nothing in its values is a template.
func TestBackendOverride(t *testing.T) {
	t.Parallel()
	got, err := (Backend{Type: "s3", Settings: map[string]any{"bucket": "b", "key": "${x}%{y}", "use_lockfile": true}}).override()
	if want := `{"terraform":{"backend":{"s3":{"bucket":"b","key":"$${x}%%{y}","use_lockfile":true}}}}`; err != nil || string(got) != want {
		t.Errorf("override %s, %v, want %s", got, err, want)
	}
}
