package planfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// The bounds of what Load reads.
const (
	fileLimit = 1 << 20
	mostFiles = 100
)

// MainFile is the plan's name in its folder. Further files of the same plan end in ExtraSuffix.
const (
	MainFile    = "lifeboat.hcl"
	ExtraSuffix = ".lifeboat.hcl"
)

// Files lists the files that make up the plan in a folder, or the one file that dir names, as paths that can be opened.
func Files(dir string) ([]string, diag.List) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, diag.Errorf(diag.Range{}, "The plan's folder cannot be found", "%v.", err)
	}
	list, diags := planFiles(files{proc.Files()}, inFS(abs))
	var out []string
	for _, n := range list.names {
		out = append(out, filepath.Join("/", list.folder, n))
	}
	return out, diags
}

// inFS is an absolute path as a name in a file system that starts at the root.
func inFS(abs string) string {
	p := strings.TrimPrefix(filepath.ToSlash(abs), "/")
	if p == "" {
		return "."
	}
	return p
}

type fileList struct {
	folder string
	names  []string
}

func planFiles(f files, p string) (fileList, diag.List) {
	st, err := fs.Stat(f.fs, p)
	if err != nil {
		return fileList{folder: p}, diag.List{{Summary: "The plan's folder cannot be read", Detail: reason("/"+p, err), Hint: "Name the folder that holds " + MainFile + " with -C."}}
	}
	if !st.IsDir() {
		return fileList{path.Dir(p), []string{path.Base(p)}}, nil
	}
	entries, err := fs.ReadDir(f.fs, p)
	if err != nil {
		return fileList{folder: p}, diag.List{{Summary: "The plan's folder cannot be read", Detail: reason("/"+p, err)}}
	}
	list := fileList{folder: p}
	for _, e := range entries {
		if n := e.Name(); !e.IsDir() && (n == MainFile || strings.HasSuffix(n, ExtraSuffix) && n != ExtraSuffix) {
			list.names = append(list.names, n)
		}
	}
	switch {
	case len(list.names) == 0:
		return list, diag.List{{
			Summary: "No plan here", Detail: fmt.Sprintf("The folder /%s holds neither %s nor any file whose name ends in %s.", p, MainFile, ExtraSuffix),
			Hint: "Change to the plan's folder or name it with -C. docs/plan-language.md tells how a plan is written.",
		}}
	case len(list.names) > mostFiles:
		return list, diag.List{{Summary: "Too many plan files", Detail: fmt.Sprintf("The folder holds %d plan files; at most %d are read.", len(list.names), mostFiles)}}
	}
	// The main file first: that is where people look first.
	slices.SortStableFunc(list.names, func(a, b string) int {
		switch {
		case a == MainFile && b != MainFile:
			return -1
		case b == MainFile && a != MainFile:
			return 1
		}
		return strings.Compare(a, b)
	})
	return list, nil
}

// files reads bounded, and only regular files: a pipe would hang.
type files struct{ fs fs.FS }

func (f files) read(name string) ([]byte, error) {
	st, err := fs.Stat(f.fs, name)
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, errors.New("it is a folder")
	case !st.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	}
	r, err := f.fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // read only
	b, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
	if err != nil {
		return nil, err
	}
	if len(b) > fileLimit {
		return nil, fmt.Errorf("it is larger than %d bytes", fileLimit)
	}
	return b, nil
}

// isDir tells whether a folder is there.
func (f files) isDir(name string) bool {
	st, err := fs.Stat(f.fs, name)
	return err == nil && st.IsDir()
}

// list gives the names in a folder; a folder that cannot be read is empty.
func (f files) list(name string) []fs.DirEntry {
	entries, err := fs.ReadDir(f.fs, name)
	if err != nil {
		return nil
	}
	return entries
}

// hasTerraform tells whether a folder holds Terraform code.
func (f files) hasTerraform(name string) bool {
	return slices.ContainsFunc(f.list(name), func(e fs.DirEntry) bool { return !e.IsDir() && isTerraform(e.Name()) })
}

func isTerraform(name string) bool {
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tf.json")
}

// reason says why a file cannot be used, with the path as people know it.
func reason(shown string, err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Sprintf("%s: %v.", shown, err)
}
