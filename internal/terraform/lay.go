package terraform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Own tells whether a lock was left by such a command.
func (w *Work) Own(l *Lock) bool {
	for _, start := range w.cuts {
		if l.Left(w.tool.setup.Who, start) {
			return true
		}
	}
	return false
}

// Lay makes a fresh working copy whose state lives at the backend. A nil backend leaves the code's own.
func (w *Work) Lay(src Source, b *Backend) error {
	root := filepath.Join(w.dir, "work")
	err := os.RemoveAll(root)
	if err == nil {
		w.stack, err = src.copyTo(root)
	}
	if err == nil {
		w.code, err = readCode(w.stack)
	}
	if err == nil && b != nil {
		w.backend = *b
		err = b.redirect(w.stack)
	}
	if err == nil {
		err = w.takeWarm(src)
	}
	if err != nil {
		return fmt.Errorf("working copy: %w", err)
	}
	return nil
}

// Again goes on with the working copy that an earlier Work of this process laid, initialised and planned.
func (w *Work) Again(src Source) { w.stack = filepath.Join(w.dir, "work", src.Path) }

// LayBeside makes a fresh working copy whose state is a file of its own with this text: its plans show what would be if the state were so. What
// applies must be laid anew.
func (w *Work) LayBeside(src Source, state []byte, workspace string) error {
	const file = "lifeboat.beside"
	b := Backend{Type: "local", Settings: map[string]any{"path": file, "workspace_dir": file + ".d"}, Workspace: workspace}
	if err := w.Lay(src, &b); err != nil {
		return err
	}
	name := file
	if workspace != "" && workspace != "default" {
		name = filepath.Join(file+".d", workspace, "terraform.tfstate")
	}
	return writeFile(filepath.Join(w.stack, name), state)
}

// LayBare makes a working copy without any code: enough to read the outputs of the state at the backend, and no provider is
// needed. It tells false when the state cannot be read without the code.
func (w *Work) LayBare(src Source, b *Backend) (bool, error) {
	if c, err := readCode(filepath.Join(src.Root, src.Path)); err != nil || c.state {
		return false, err
	}
	w.stack, w.backend = filepath.Join(w.dir, "bare"), *b
	if err := os.RemoveAll(w.stack); err != nil {
		return false, err
	}
	return true, b.redirect(w.stack)
}

// Undeclared gives those of the names that the stack's code has no variable for.
func (w *Work) Undeclared(names []string) []string {
	var out []string
	for _, n := range names {
		if !w.code.variables[n] {
			out = append(out, n)
		}
	}
	return out
}

// Clean removes the working copy: plans hold secrets.
func (w *Work) Clean() error {
	return errors.Join(os.RemoveAll(filepath.Join(w.dir, "work")), os.RemoveAll(filepath.Join(w.dir, "bare")))
}

func stripHashes(lock string) string {
	return regexp.MustCompile(`(?s)\n\s*hashes\s*=\s*\[.*?\]`).ReplaceAllString(lock, "")
}
