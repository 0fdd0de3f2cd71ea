package cloudsim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
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
func (c *Cloud) Save(file string) error {
	b, err := c.snapshot(packed(file))
	if err == nil {
		err = proc.WriteFile(file, b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("save the drill cloud to %s: %w", file, err)
	}
	return nil
}

func packed(file string) bool { return strings.HasSuffix(file, ".gz") }

func (c *Cloud) snapshot(packed bool) ([]byte, error) {
	doc := snapshot{Version: snapshotVersion, Services: map[string]json.RawMessage{}}
	var err error
	if doc.World, err = json.Marshal(c.world); err != nil {
		return nil, err
	}
	for _, s := range c.services {
		name := s.Names()[0]
		if doc.Services[name], err = s.Save(); err != nil {
			return nil, fmt.Errorf("service %s: %w", name, err)
		}
	}
	b, err := json.Marshal(doc)
	if err != nil || !packed {
		return b, err
	}
	var out bytes.Buffer
	gz, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, err = gz.Write(b)
	err = errors.Join(err, gz.Close())
	return out.Bytes(), err
}

// Load replaces the cloud's state by one that Save wrote. Call it before Serve; after an error the cloud is not to be used.
// A service that the document lacks starts empty; one that the cloud lacks is an error.
func (c *Cloud) Load(file string) error {
	b, err := proc.ReadFile(file, maxSnapshot)
	if err == nil {
		err = c.restore(b, packed(file))
	}
	if err != nil {
		return fmt.Errorf("load the drill cloud from %s: %w", file, err)
	}
	return nil
}

func (c *Cloud) restore(b []byte, packed bool) error {
	var r io.Reader = bytes.NewReader(b)
	if packed {
		gz, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = io.LimitReader(gz, maxSnapshot)
	}
	var doc snapshot
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
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
