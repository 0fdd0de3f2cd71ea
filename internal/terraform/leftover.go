package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// DropPlans removes the saved plans below a run's folder: they hold the values of variables, secret ones too. Nothing needs them once no process
// works on the run, because whoever goes on makes new ones.
func DropPlans(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".terraform":
			return fs.SkipDir
		case d.Name() != planName:
			return nil
		}
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // in our own folder, which nobody else can enter
			return err
		}
		return nil
	})
}
