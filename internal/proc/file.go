package proc

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadFile reads a whole file of at most limit bytes; a bigger one is an error, not a short read.
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the seam: callers decide which file
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("read %s: larger than %d bytes", name, limit)
	}
	return b, nil
}

// WriteFile writes a whole file or nothing: to a temporary name beside it, synced, then renamed, and the folder synced.
func WriteFile(name string, data []byte, perm fs.FileMode) (err error) {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			if p, ok := errors.AsType[*fs.PathError](err); ok && p.Path == f.Name() {
				err = p.Err // the temporary name says nothing to anybody
			}
			err = errors.Join(fmt.Errorf("write %s: %w", name, err), ignoreMissing(os.Remove(f.Name())))
		}
	}()
	_, werr := f.Write(data)
	if err = errors.Join(werr, f.Chmod(perm), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	return SyncDir(dir)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the seam: callers decide which folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Files are the machine's files, by absolute path without the leading slash.
func Files() fs.FS { return os.DirFS("/") }
