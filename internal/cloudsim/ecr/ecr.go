// Package ecr is the ECR of the drill cloud: the API (Amazon ECR API Reference, 2015-09-21) and the container registry
// behind it (OCI Distribution Specification 1.1).
//
// Promise: what is pushed is what is pulled, byte by byte and by digest; an image is complete when it is accepted (its
// layers, or the images of an index, are there); a repository must be created first; an immutable tag never moves. Docker, crane
// and skopeo work unchanged.
//
// # How a registry is addressed
//
// On AWS each account and region has a registry with a host name of its own, ACCOUNT.dkr.ecr.REGION.amazonaws.com. The drill
// cloud is one loopback address, so a registry request tells its account and region in one of three ways, the first that it has:
//
//  1. the Host header, of AWS's form or with another end: clients that are told where to connect to;
//  2. the first part of the repository's name, likewise: 127.0.0.1:4566/111111111111.dkr.ecr.eu-west-2.amazonaws.com/app,
//     which one docker login can use for several registries;
//  3. the token of the login, as GetAuthorizationToken issued it: 127.0.0.1:4566/app.
//
// GetAuthorizationToken's proxyEndpoint is the address that the client called, so that code which uses token and endpoint
// together, as AWS means it, needs to know nothing of this. A repository's URI is AWS's own: Terraform code that builds
// ACCOUNT.dkr.ecr.REGION.amazonaws.com/app and code that reads repository_url say the same, and Lambda understands both.
// Names under .localhost are no way out: neither Go's resolver nor glibc's answers them everywhere.
//
// A login is good for the registries of its account in every region; to those of other accounts their repositories' policies
// admit it.
//
// Simplified: lifecycle policies, replication and scans are stored or refused, nothing expires, is replicated or scanned; the
// API's own layer uploads and downloads are absent (the registry has them); deleted images free their layers only with their
// repository; there are no pull-through caches and no referrers API (clients fall back to tags).
package ecr

import (
	"encoding/json"
	"net/http"
	"regexp"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is the ECR of all accounts and regions of a world.
type Service struct {
	world *sim.World
	api   http.Handler
	name  *regexp.Regexp // of repositories
	host  *regexp.Regexp // of registries

	mu      sync.RWMutex // guards state; manifests and blobs are never changed once they are stored
	state   state
	uploads uploads
}

// state is what Save saves.
type state struct {
	Key        string                  `json:"key"` // signs tokens
	Registries *sim.Regional[registry] `json:"registries"`
	Blobs      map[string][]byte       `json:"blobs"` // by digest, for all repositories
}

// registry is the registry of an account in a region.
type registry struct {
	Repositories map[string]*repository `json:"repositories"`
	Policy       string                 `json:"policy,omitempty"`
	Replication  json.RawMessage        `json:"replication,omitempty"`
}

var _ sim.Service = (*Service)(nil)

// New makes an ECR without repositories.
func New(w *sim.World) *Service {
	s := &Service{
		world: w,
		name:  regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`), // CreateRepository, repositoryName
		host:  regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z]{2}(?:-[a-z]+)+-\d)\.`),
		state: state{Key: w.Hex(64), Registries: &sim.Regional[registry]{}, Blobs: map[string][]byte{}},
	}
	s.api = sim.JSONHandler("ecr", "1.1", s.operations())
	return s
}

// Names is ecr.
func (s *Service) Names() []string { return []string{"ecr"} }

// ServeHTTP answers one call of the ECR API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.api.ServeHTTP(w, r) }

// Save gives every repository with its images. Uploads under way are not kept: their clients begin again.
func (s *Service) Save() (json.RawMessage, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return json.Marshal(s.state)
}

// Load replaces everything by what Save gave.
func (s *Service) Load(b json.RawMessage) error {
	in := state{Registries: &sim.Regional[registry]{}, Blobs: map[string][]byte{}}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	in.Registries.Each(func(scope sim.Scope, g *registry) {
		for _, r := range g.Repositories {
			r.Scope = scope
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = in
	return nil
}

func (s *Service) operations() map[string]sim.JSONOp {
	return map[string]sim.JSONOp{
		"CreateRepository":              sim.Op(s.createRepository),
		"DescribeRepositories":          sim.Op(s.describeRepositories),
		"DeleteRepository":              sim.Op(s.deleteRepository),
		"PutImageTagMutability":         sim.Op(s.putMutability),
		"PutImageScanningConfiguration": sim.Op(s.putScanning),
		"ListTagsForResource":           sim.Op(s.listTags),
		"TagResource":                   sim.Op(s.tagResource),
		"UntagResource":                 sim.Op(s.untagResource),
		"PutLifecyclePolicy":            sim.Op(s.putLifecycle),
		"GetLifecyclePolicy":            sim.Op(s.getLifecycle),
		"DeleteLifecyclePolicy":         sim.Op(s.deleteLifecycle),
		"SetRepositoryPolicy":           sim.Op(s.setPolicy),
		"GetRepositoryPolicy":           sim.Op(s.getPolicy),
		"DeleteRepositoryPolicy":        sim.Op(s.deletePolicy),
		"DescribeRegistry":              sim.Op(s.describeRegistry),
		"PutReplicationConfiguration":   sim.Op(s.putReplication),
		"PutRegistryPolicy":             sim.Op(s.putRegistryPolicy),
		"GetRegistryPolicy":             sim.Op(s.getRegistryPolicy),
		"DeleteRegistryPolicy":          sim.Op(s.deleteRegistryPolicy),
		"GetAuthorizationToken":         sim.Op(s.getToken),
		"PutImage":                      sim.Op(s.putImage),
		"ListImages":                    sim.Op(s.listImages),
		"DescribeImages":                sim.Op(s.describeImages),
		"DescribeImageScanFindings":     sim.Op(s.scanFindings),
		"BatchGetImage":                 sim.Op(s.getImages),
		"BatchDeleteImage":              sim.Op(s.deleteImages),
		"BatchCheckLayerAvailability":   sim.Op(s.checkLayers),
	}
}
