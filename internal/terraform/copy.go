package terraform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A working copy is code, templates and packages of functions. More than this is a mistake, such as a build folder.
const (
	maxFiles = 20_000
	maxBytes = 512 << 20
)

// Source is a stack's code in the user's tree.
type Source struct {
	Root    string   // absolute: the folder of all stacks
	Path    string   // the stack's folder in Root
	Overlay []string // absolute: files, or folders of code files, laid over the stack's folder
	Beside  []string // from Root: files outside of the stack's folder that it is given, such as values
}

// copyTo makes a working copy in dir and gives the stack's folder in it. The whole root is copied only when some file of the
// stack points out of its folder, as local modules do.
func (s Source) copyTo(dir string) (string, error) {
	from, to := filepath.Join(s.Root, s.Path), filepath.Join(dir, s.Path)
	if !filepath.IsLocal(s.Path) {
		return "", fmt.Errorf("stack folder %s is outside the root %s", s.Path, s.Root)
	}
	outward, err := pointsOut(append([]string{from}, s.Overlay...))
	if err != nil {
		return "", err
	}
	c := copier{}
	if outward {
		err = c.tree(s.Root, dir)
	} else {
		err = c.tree(from, to)
	}
	if err != nil {
		return "", err
	}
	for _, o := range s.Overlay {
		if err := c.overlay(o, to); err != nil {
			return "", err
		}
	}
	if !outward {
		err = c.beside(s.Beside, s.Root, dir)
	}
	return to, err
}

// beside copies single files to where they are in the root.
func (c *copier) beside(names []string, root, dir string) error {
	for _, name := range names {
		to := filepath.Join(dir, name)
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s is outside the root %s", name, root)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := c.entry(filepath.Join(root, name), to); err != nil {
			return err
		}
	}
	return nil
}

// pointsOut tells whether code below the folders holds a path that starts with "../".
func pointsOut(places []string) (bool, error) {
	found := errors.New("found")
	for _, place := range places {
		err := filepath.WalkDir(place, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && skipped(d.Name()) && path != place {
				return fs.SkipDir
			}
			if d.IsDir() || !isCode(d.Name()) {
				return nil
			}
			text, err := readText(path)
			switch {
			case errors.Is(err, fs.ErrNotExist): // a dangling link
				return nil
			case err == nil && strings.Contains(text, "../"):
				return found
			}
			return err
		})
		if errors.Is(err, found) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// skipped are what a working copy must not have: other working data, history, states, our own runs.
func skipped(name string) bool {
	return slices.Contains([]string{".terraform", ".git", ".lifeboat"}, name) ||
		strings.HasSuffix(name, ".tfstate") || strings.Contains(name, ".tfstate.") || strings.HasSuffix(name, ".tfplan")
}

// copier counts what it copies.
type copier struct {
	files int
	bytes int64
}

func (c *copier) tree(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if skipped(e.Name()) {
			continue
		}
		if err := c.entry(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// entry follows symlinks: shared provider files are often linked. The bound on files ends a cycle of links.
func (c *copier) entry(from, to string) error {
	st, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // a dangling link: terraform says so if it matters
	case err != nil:
		return err
	case st.IsDir():
		if c.files++; c.files > maxFiles {
			return fmt.Errorf("%s: more than %d files and folders to copy", from, maxFiles)
		}
		return c.tree(from, to)
	case st.Mode().IsRegular():
		return c.file(from, to, st)
	default:
		return nil
	}
}

func (c *copier) file(from, to string, st fs.FileInfo) (err error) {
	c.files++
	c.bytes += st.Size()
	if c.files > maxFiles || c.bytes > maxBytes {
		return fmt.Errorf("%s: more than %d files or %d MB to copy; move what terraform does not need out of the stack's root", from, maxFiles, maxBytes>>20)
	}
	in, err := os.Open(from) //nolint:gosec // the user's own tree
	if err != nil {
		return err
	}
	defer in.Close()                                                                              //nolint:errcheck // read only
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, st.Mode().Perm()&0o700|0o600) //nolint:gosec // in the private folder
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (c *copier) overlay(from, to string) error {
	st, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	if !st.IsDir() {
		return c.file(from, filepath.Join(to, filepath.Base(from)), st)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	for _, e := range entries {
		if isCode(e.Name()) || e.Name() == lockName {
			if err := c.entry(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile writes a file of a working copy: only we and terraform see it.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o600)
}
