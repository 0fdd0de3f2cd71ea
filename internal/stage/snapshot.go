package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Snapshot is a moment between the birth of an application and the disaster, kept in a folder: the drill cloud's state, and what the
// run that built the application left behind.
type Snapshot struct {
	Dir string
}

// Lived is the snapshot of the same application once it has written its data. It goes when a new one is taken of the application without.
func (s Snapshot) Lived() Snapshot { return Snapshot{Dir: filepath.Join(s.Dir, "lived")} }

// Taken says when a snapshot was taken, and of what.
type Taken struct {
	At    time.Time         `json:"at"`
	World time.Time         `json:"world"` // the time in the cloud just before; a cloud that loads it later than that has moved on
	Run   string            `json:"run"`   // the drill that took it
	Parts map[string]string `json:"parts"` // what the application is made of: name to hash
}

const (
	takenFile  = "snapshot.json"
	worldFile  = "cloud.json.gz"
	maxKept    = 64 << 20 // bytes of a file that is kept beside the world: a journal, a lock file
	maxHashed  = 4 << 30  // bytes of an application's files
	takenLimit = 4 << 20
)

// Taken tells what the snapshot is of. A folder without one is fs.ErrNotExist.
func (s Snapshot) Taken() (Taken, error) {
	var t Taken
	b, err := proc.ReadFile(filepath.Join(s.Dir, takenFile), takenLimit)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("%s: %w", filepath.Join(s.Dir, takenFile), err)
	}
	return t, nil
}

// Changed names the parts in which the application differs from the snapshot's.
func (t Taken) Changed(parts map[string]string) []string {
	var out []string
	for name := range maps.Keys(parts) {
		if t.Parts[name] != parts[name] {
			out = append(out, name)
		}
	}
	for name := range maps.Keys(t.Parts) {
		if _, ok := parts[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// World is the file of the cloud's state.
func (s Snapshot) World() string { return filepath.Join(s.Dir, worldFile) }

// Take keeps the cloud as it is now and the named files and folders of a run, in place of what the snapshot was. Until all is written the old
// one stays.
func (s Snapshot) Take(ctx context.Context, c *Cloud, run string, keep []string, t Taken) (err error) {
	if err := os.MkdirAll(filepath.Dir(s.Dir), 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(s.Dir), ".taking-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	h, err := c.control().Health(ctx)
	if err == nil {
		t.World, err = h.Time, c.control().Save(ctx, filepath.Join(tmp, worldFile))
	}
	if err != nil {
		return err
	}
	for _, name := range keep {
		if err := copyTree(filepath.Join(run, name), filepath.Join(tmp, name)); err != nil {
			return err
		}
	}
	b, err := json.Marshal(t)
	if err == nil {
		err = proc.WriteFile(filepath.Join(tmp, takenFile), b, 0o600)
	}
	if err == nil {
		err = os.RemoveAll(s.Dir)
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp, s.Dir)
}

// Lay puts what was kept of the earlier run into a new run's folder.
func (s Snapshot) Lay(run string, keep []string) error {
	for _, name := range keep {
		if err := copyTree(filepath.Join(s.Dir, name), filepath.Join(run, name)); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies a file, or a folder of files. What is missing is not copied.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == from {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		b, err := proc.ReadFile(name, maxKept)
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(name, from)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil { //nolint:gosec // our own folders, in the user's tree
			return err
		}
		return proc.WriteFile(target, b, 0o600)
	})
}

// Hash is one hash over the files of a folder, their names and their contents, without what Terraform and version control keep there.
func Hash(dir string) (string, error) {
	sum, left := sha256.New(), int64(maxHashed)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == ".terraform" || base == ".git" || base == ".lifeboat" {
				return fs.SkipDir
			}
			return nil
		}
		n, err := hashFile(sum, name, strings.TrimPrefix(name, dir), d, left)
		if left -= n; err == nil && left <= 0 {
			err = fmt.Errorf("%s holds more than %d bytes", dir, int64(maxHashed))
		}
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// hashFile adds a file's name and content, or what a link names, and gives the number of bytes.
func hashFile(sum hash.Hash, name, rel string, d fs.DirEntry, most int64) (int64, error) {
	_, _ = fmt.Fprintf(sum, "%s\x00%v\x00", rel, d.Type()) // a hash never fails
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		to, err := os.Readlink(name)
		_, _ = io.WriteString(sum, to)
		return int64(len(to)), err
	case !d.Type().IsRegular():
		return 0, nil
	}
	f, err := os.Open(name) //nolint:gosec // a file of the user's own tree
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(sum, io.LimitReader(f, most))
	_, _ = fmt.Fprintf(sum, "\x00%d\x00", n)
	return n, errors.Join(err, f.Close())
}
