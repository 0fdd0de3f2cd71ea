package cloudsim

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// snapshotVersion is raised when a document of before can no longer be read.
const snapshotVersion = 1

// maxSnapshot bounds the document that Load reads, unpacked: images and items live in memory, and so do not exceed it.
const maxSnapshot = 8 << 30

// snapshot is a whole cloud as one JSON document.
type snapshot struct {
	Version  int                        `json:"version"`
	World    json.RawMessage            `json:"world"` // the seed, the identifiers' row, the disasters
	Services map[string]json.RawMessage `json:"services"`
}

// Save writes the cloud's state to a file, whole or not at all; packed with gzip when the name ends in .gz. Each service is
// cut at one instant of its own: where several must agree, save after the calls have ended.
func (c *Cloud) Save(file string) (err error) {
	doc := snapshot{Version: snapshotVersion, Services: map[string]json.RawMessage{}}
	if doc.World, err = json.Marshal(c.world); err != nil {
		return fmt.Errorf("save the drill cloud: %w", err)
	}
	for _, s := range c.services {
		name := s.Names()[0]
		if doc.Services[name], err = s.Save(); err != nil {
			return fmt.Errorf("save the drill cloud: %s: %w", name, err)
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".cloud-*")
	if err != nil {
		return fmt.Errorf("save the drill cloud: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("save the drill cloud to %s: %w", file, err)
		}
	}()
	err = errors.Join(writeSnapshot(tmp, doc, strings.HasSuffix(file, ".gz")), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

func writeSnapshot(w io.Writer, doc snapshot, packed bool) error {
	if !packed {
		return json.NewEncoder(w).Encode(doc)
	}
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(gz).Encode(doc), gz.Close())
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the directory of the file that the caller named
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Load replaces the cloud's state by one that Save wrote. Call it before Serve; after an error the cloud is not to be used.
// A service that the document lacks starts empty; one that the cloud lacks is an error.
func (c *Cloud) Load(file string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("load the drill cloud from %s: %w", file, err)
		}
	}()
	f, err := os.Open(file) //nolint:gosec // the file that the caller named
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		gz, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		r = gz
	}
	var doc snapshot
	if err := json.NewDecoder(io.LimitReader(r, maxSnapshot)).Decode(&doc); err != nil {
		return err
	}
	if doc.Version != snapshotVersion {
		return fmt.Errorf("it is of version %d, this program reads version %d: make a new drill cloud", doc.Version, snapshotVersion)
	}
	if err := json.Unmarshal(doc.World, c.world); err != nil {
		return fmt.Errorf("the world: %w", err)
	}
	return c.loadServices(doc.Services)
}

func (c *Cloud) loadServices(states map[string]json.RawMessage) error {
	for _, s := range c.services {
		name := s.Names()[0]
		state, ok := states[name]
		if !ok {
			continue
		}
		if err := s.Load(state); err != nil {
			return fmt.Errorf("service %s: %w", name, err)
		}
		delete(states, name)
	}
	for name := range states {
		return fmt.Errorf("it has a service %s that this program lacks", name)
	}
	return nil
}
