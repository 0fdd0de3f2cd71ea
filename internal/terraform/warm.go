package terraform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Warm fetches and verifies the providers of all the stacks, before any backend exists: a registry that cannot be reached or a wrong
// checksum shows at the start and not in the middle. Stacks that need the same providers share one init. Providers from the network
// go to Setup.Cache, so that the inits that follow run in parallel without one writing what another reads.
func (t *Tool) Warm(ctx context.Context, sources []Source, tell func(string)) error {
	w, err := t.Hold(ctx, filepath.Join(t.setup.Warm, "scratch"), nil)
	if err != nil {
		return err
	}
	defer w.Close()
	for _, src := range sources {
		if err := w.Lay(src, nil); err != nil {
			return err
		}
		if !w.code.needsProviders() || w.trusted {
			continue
		}
		if tell != nil {
			tell("checking the providers of stack folder " + src.Path + " before anything is built; what no mirror on this machine holds is downloaded now")
		}
		if _, err := w.run(ctx, call{Options: Options{Env: t.Environ(nil, nil)}, args: initArgs(false)}); err != nil {
			if f, ok := errors.AsType[*RunError](err); ok {
				return f.Explain("the providers of stack folder "+src.Path, "")
			}
			return err
		}
		if err := w.keepWarm(src); err != nil {
			return fmt.Errorf("keep the providers: %w", err)
		}
	}
	return w.Clean()
}

func (t *Tool) warm(c code, src Source, elem string) string {
	return filepath.Join(t.setup.Warm, c.signature(src.Path), elem)
}

// keepWarm keeps what an init fetched. The lock file is written last: it says that the rest is there.
func (w *Work) keepWarm(src Source) error {
	fetched := scanMirror(filepath.Join(w.stack, ".terraform", "providers"))
	for _, p := range fetched.packages {
		st, err := os.Lstat(p.path)
		if err != nil || st.Mode()&fs.ModeSymlink != 0 {
			continue // linked from a mirror
		}
		to := filepath.Join(w.tool.setup.Cache, p.host, p.namespace, p.name, p.version, platform())
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.Rename(p.path, to); err != nil && !exists(to) {
			return err
		}
	}
	lock, err := readText(filepath.Join(w.stack, lockName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := w.tool.writeConfig(); err != nil {
		return err
	}
	modules := filepath.Join(w.stack, ".terraform", "modules")
	if exists(modules) {
		if err := (&copier{}).tree(modules, w.tool.warm(w.code, src, "modules")); err != nil {
			return err
		}
	}
	return writeFile(w.tool.warm(w.code, src, "lock"), []byte(stripHashes(lock)))
}

// takeWarm lays what Warm kept for such a stack into its working copy: versions, and modules from anywhere.
func (w *Work) takeWarm(src Source) error {
	lock, err := readText(w.tool.warm(w.code, src, "lock"))
	w.trusted = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = writeFile(filepath.Join(w.stack, lockName), []byte(lock))
	}
	if modules := w.tool.warm(w.code, src, "modules"); err == nil && exists(modules) {
		err = (&copier{}).tree(modules, filepath.Join(w.stack, ".terraform", "modules"))
	}
	return err
}
