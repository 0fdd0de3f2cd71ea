// Package s3 is the S3 of the drill cloud (Amazon S3 API Reference, API version 2006-03-01).
//
// Promise: buckets have one name space for all accounts and regions, an owner and a region, and are answered as S3 does:
// by their owner's right or their policy's, in their own region, with the settings that a bucket made after April 2023 has.
// Objects keep versions, checksums, tags and metadata; conditional writes are atomic. A bucket whose region is lost does
// not answer, whatever region a call was signed for. What is lacking is answered by NotImplemented, never by success.
//
// Simplified: Deny statements and conditions of bucket policies are not evaluated; access control lists can be read, but
// only the private one can be set; settings are stored and served, but not acted upon (no object expires, nothing is
// replicated; nothing is encrypted, but keys are asked for); keys that customers provide (SSE-C), object locks and S3 Select are refused.
package s3

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is the S3 of all accounts and regions of a world.
type Service struct {
	world    *sim.World
	hold     time.Duration
	keys     sim.Keys
	bucketOp map[string]operation // by method and sub-resource
	objectOp map[string]operation
	settings map[string]setting

	mu    sync.RWMutex // guards state and all that it holds; an object's Data is never changed once it is stored
	state state
}

// state is what Save saves.
type state struct {
	Buckets map[string]*bucket   `json:"buckets"`
	Held    map[string]time.Time `json:"held,omitempty"` // deleted names, and until when nobody can have them
}

var _ sim.Service = (*Service)(nil)

// Option changes what New makes.
type Option func(*Service)

// HoldNames makes the name of a deleted bucket unavailable for d. On AWS it is, for up to an hour or more (S3 User Guide,
// "Deleting a general purpose bucket"); without this option it is free at once.
func HoldNames(d time.Duration) Option { return func(s *Service) { s.hold = d } }

// EncryptWith lets S3 ask KMS: objects whose key is disabled or waits for its deletion can be neither read nor written.
func EncryptWith(keys sim.Keys) Option { return func(s *Service) { s.keys = keys } }

// New makes an S3 without buckets.
func New(w *sim.World, options ...Option) *Service {
	s := &Service{world: w, state: state{Buckets: map[string]*bucket{}, Held: map[string]time.Time{}}}
	for _, o := range options {
		o(s)
	}
	s.settings = s.settingTable()
	s.bucketOp, s.objectOp = s.bucketTable(), s.objectTable()
	return s
}

// Names is s3.
func (s *Service) Names() []string { return []string{"s3"} }

// Save gives every bucket with its objects.
func (s *Service) Save() (json.RawMessage, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return json.Marshal(s.state)
}

// Load replaces all buckets by those that Save gave.
func (s *Service) Load(b json.RawMessage) error {
	in := state{Buckets: map[string]*bucket{}, Held: map[string]time.Time{}}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = in
	return nil
}
