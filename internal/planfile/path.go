package planfile

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// checkPaths reports Terraform code and files that are not there.
func (l *loader) checkPaths() {
	t := l.plan.Terraform
	if len(l.groups["stack"]) == 0 || len(l.groups["terraform"]) == 0 {
		return
	}
	tb := l.body(l.groups["terraform"][0])
	root := path.Join(l.base, t.Root)
	if !l.files.isDir(root) {
		tb.fail(tb.valueAt("root"), fmt.Sprintf("There is no folder %q", t.Root), l.nearFolder(l.base, t.Root), "The stacks' Terraform code should be there. The path starts at the plan's folder.")
		return
	}
	tb.checkOverlay(root, t.Overlay)
	for i, s := range l.plan.Stacks {
		b := l.body(l.groups["stack"][i])
		if s.Path == "" || path.IsAbs(s.Path) {
			continue // reported already
		}
		dir := path.Join(root, s.Path)
		switch {
		case !l.files.isDir(dir):
			b.fail(b.valueAt("path"), fmt.Sprintf("There is no folder %q", s.Path), l.nearFolder(root, s.Path), "The path starts at terraform.root, %q.", t.Root)
			continue
		case !l.files.hasTerraform(dir):
			b.fail(b.valueAt("path"), fmt.Sprintf("No Terraform code in %q", s.Path), l.nearCode(dir), "The folder holds no .tf or .tf.json file.")
		}
		b.checkOverlay(root, s.Overlay)
		for _, f := range s.VarFiles {
			if !filepath.IsLocal(path.Join(s.Path, f)) {
				b.fail(b.valueAt("var_files"), fmt.Sprintf("The file %q is outside of terraform.root", f), "Let terraform.root be a folder that holds both, and paths start there", "A run copies what is in terraform.root, %q.", t.Root)
			} else if _, err := l.files.read(path.Join(dir, f)); err != nil {
				b.fail(b.valueAt("var_files"), fmt.Sprintf("The file %q cannot be read", f), "", "%s The path starts at the stack's folder, %q.", reason(f, err), s.Path)
			}
		}
	}
}

// checkOverlay checks files and folders that are laid over stacks.
func (b *body) checkOverlay(root string, overlay []string) {
	for _, o := range overlay {
		full := path.Join(root, o)
		switch {
		case b.l.files.isDir(full):
			if !b.l.files.hasTerraform(full) {
				b.fail(b.valueAt("overlay"), fmt.Sprintf("No Terraform code in %q", o), "", "An overlay is a .tf file, or a folder of them.")
			}
		case !isTerraform(o):
			b.fail(b.valueAt("overlay"), fmt.Sprintf("%q is not Terraform code", o), "", "An overlay is a .tf or .tf.json file, or a folder of them.")
		default:
			if _, err := b.l.files.read(full); err != nil {
				b.fail(b.valueAt("overlay"), fmt.Sprintf("The file %q cannot be read", o), "", "%s The path starts at terraform.root.", reason(o, err))
			}
		}
	}
}

// nearFolder suggests a folder of a similar name.
func (l *loader) nearFolder(base, wanted string) string {
	var known []string
	parent := path.Join(base, path.Dir(wanted))
	for _, e := range l.files.list(parent) {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			known = append(known, path.Join(path.Dir(wanted), e.Name()))
		}
	}
	return diag.DidYouMean(path.Clean(wanted), known)
}

// nearCode suggests folders below that do hold Terraform code.
func (l *loader) nearCode(dir string) string {
	var found []string
	for _, e := range l.files.list(dir) {
		if e.IsDir() && len(found) < 5 && l.files.hasTerraform(path.Join(dir, e.Name())) {
			found = append(found, e.Name())
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "There is some below it, in " + strings.Join(found, ", ")
}
