package survey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Bounds of what is read. They are far beyond what people write, and keep a malicious tree from taking the machine.
const (
	maxFile  = 4 << 20   // bytes of one file
	maxTotal = 512 << 20 // bytes of all files
	maxFiles = 200_000
	maxDepth = 64 // folders inside each other
)

// tree is the files of a survey. Its file system refuses links that lead out of the tree.
type tree struct {
	fs      fs.FS
	folders map[string]*listing
	built   map[string]bool // archives of code in the tree; they are not read

	mu    sync.Mutex
	files map[string]*File // nil: it cannot be read
	total int
	diags diag.List
}

// listing is what a folder has for the survey, by kind of file, each sorted by name.
type listing struct {
	dir        string
	code       []string // .tf, .tofu and their JSON forms
	values     []string // .tfvars
	backend    []string // .tfbackend, backend.hcl
	terragrunt []string
	lock       string // .terraform.lock.hcl
	hints      []string
	vendored   bool     // in .terraform/modules
	callers    []string // of a vendored one
}

// walk lists the tree, and counts the files that may be read.
func (t *tree) walk() (found int, err error) {
	count := 0
	err = fs.WalkDir(t.fs, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == ".":
			return err
		case err != nil:
			t.report(diag.Diagnostic{Severity: diag.Warning, Summary: "A folder cannot be read", Detail: p + ": " + reason(err), Hint: "make it readable, and look again"})
			return nil
		case d.IsDir():
			if p != "." && (skipped(d.Name()) || strings.Count(p, "/") >= maxDepth) {
				return fs.SkipDir
			}
			return nil
		}
		if count++; count > maxFiles {
			t.report(diag.Diagnostic{Severity: diag.Warning, Summary: "The tree is too large", Detail: fmt.Sprintf("Only the first %d files were looked at.", maxFiles), Hint: "name a folder further down"})
			return fs.SkipAll
		}
		if archive(p) {
			t.built[p] = true
		}
		if t.list(p, d) {
			found++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("the tree cannot be read: %w", err)
	}
	return found, nil
}

// skipped are folders that hold no code of the user.
func skipped(name string) bool {
	switch name {
	case ".github", ".circleci", ".gitlab", ".buildkite":
		return false
	case "node_modules", "__pycache__":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// list tells whether a file is one of those that are read.
func (t *tree) list(p string, d fs.DirEntry) bool {
	dir, name := path.Dir(p), d.Name()
	kind := kindOf(p, name)
	if kind == 0 || !t.regular(p, d) {
		return false
	}
	l := t.folders[dir]
	if l == nil {
		l = &listing{dir: dir}
		t.folders[dir] = l
	}
	switch kind {
	case codeFile:
		l.code = append(l.code, p)
	case valuesFile:
		l.values = append(l.values, p)
	case backendFile:
		l.backend = append(l.backend, p)
	case terragruntFile:
		l.terragrunt = append(l.terragrunt, p)
	case lockFile:
		l.lock = p
	case hintFile:
		l.hints = append(l.hints, p)
	}
	return true
}

// regular tells whether a file may be opened: a pipe or a device may not, and a link only if it leads to a file in the tree.
func (t *tree) regular(p string, d fs.DirEntry) bool {
	if d.Type().IsRegular() {
		return true
	}
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(t.fs, p)
	if err != nil {
		t.report(diag.Diagnostic{
			Severity: diag.Warning, Summary: "A link is not followed", Subject: diag.Range{File: p},
			Detail: "It leads out of the tree, in a circle, or to nothing: " + reason(err) + ".", Hint: "survey a folder that holds both, or put a copy there",
		})
	}
	return err == nil && info.Mode().IsRegular()
}

type fileKind int

const (
	codeFile fileKind = iota + 1
	valuesFile
	backendFile
	terragruntFile
	lockFile
	hintFile
)

func kindOf(p, name string) fileKind {
	switch ext := path.Ext(name); {
	case name == ".terraform.lock.hcl":
		return lockFile
	case isCode(name):
		return codeFile
	case strings.HasSuffix(name, ".backend.tfvars"), ext == ".tfbackend", ext == ".hcl" && strings.Contains(name, "backend"):
		return backendFile
	case ext == ".tfvars", strings.HasSuffix(name, ".tfvars.json"):
		return valuesFile
	case name == "terragrunt.hcl", name == "root.hcl", name == "terragrunt.stack.hcl":
		return terragruntFile
	case strings.EqualFold(name, "makefile"), name == "GNUmakefile", ext == ".mk", ext == ".sh", ext == ".bash", name == "justfile", name == "Jenkinsfile":
		return hintFile
	case (ext == ".yml" || ext == ".yaml") && pipeline(p, name):
		return hintFile
	}
	return 0
}

func isCode(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return false
	}
	name = strings.TrimSuffix(name, ".json")
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tofu")
}

func pipeline(p, name string) bool {
	low := strings.ToLower(name)
	return strings.Contains(p, ".github/") || strings.Contains(p, ".circleci/") || strings.Contains(p, ".gitlab") || strings.Contains(p, ".buildkite/") ||
		strings.HasPrefix(low, "buildspec") || strings.HasPrefix(low, "taskfile") || strings.Contains(low, "pipeline") || strings.HasPrefix(low, "atlantis")
}

// read gives a file of the tree; nil if it cannot be used, which is reported once.
func (t *tree) read(p string) *File {
	t.mu.Lock()
	f, known := t.files[p]
	t.mu.Unlock()
	if known {
		return f
	}
	src, err := t.load(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, known := t.files[p]; known {
		return f
	}
	if err == nil && t.total+len(src) > maxTotal {
		err = errTotal
	}
	if err != nil {
		t.files[p] = nil
		t.diags = append(t.diags, diag.Diagnostic{
			Severity: diag.Warning, Summary: "A file cannot be used", Subject: diag.Range{File: p}, Detail: diag.Sentence(reason(err)), Hint: "what it says is missing from the survey",
		})
		return nil
	}
	t.total += len(src)
	f = &File{Path: p, Src: src}
	t.files[p] = f
	return f
}

var (
	errHuge   = fmt.Errorf("it is larger than %d MB", maxFile>>20)
	errTotal  = fmt.Errorf("the tree has more than %d MB of such files", maxTotal>>20)
	errBinary = errors.New("it is not text in UTF-8")
)

func (t *tree) load(p string) ([]byte, error) {
	f, err := t.fs.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a file")
	}
	if info.Size() > maxFile {
		return nil, errHuge
	}
	buf := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead)) // so that it does not grow
	if _, err := io.Copy(buf, io.LimitReader(f, maxFile+1)); err != nil {
		return nil, err
	}
	src := bytes.TrimPrefix(buf.Bytes(), []byte("\ufeff"))
	switch {
	case len(src) > maxFile:
		return nil, errHuge
	case bytes.IndexByte(src, 0) >= 0 || !utf8.Valid(src):
		return nil, errBinary
	}
	return src, nil
}

// exists tells whether the tree has a folder with code.
func (t *tree) hasCode(dir string) bool {
	l := t.folders[dir]
	return l != nil && len(l.code) > 0
}

func (t *tree) report(d ...diag.Diagnostic) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.diags = append(t.diags, d...)
}

// sorted are the files that were read.
func (t *tree) sorted() []*File {
	var out []*File
	for _, f := range t.files {
		if f != nil {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// reason is an error without the path that stands beside it.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
