// Package lambda is the drill cloud's Lambda (AWS Lambda API Reference, 2015-03-31): functions with their versions, aliases,
// permissions, reserved concurrency and tags, and event source mappings.
//
// Promise: a function exists only when what it is made of exists: its image or deployment package, its role, its dead-letter queue;
// it takes AWS's ways through Pending and InProgress, and errors are AWS's. Simplified: no code is run (an invocation answers that it
// is simulated, a mapping reads nothing), policies are stored and not evaluated, layers, VPCs and file systems are stored
// unseen, and there are no function URLs, signing configurations, provisioned concurrency or SnapStart snapshots.
package lambda

import (
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Images is what Lambda asks of the container registries.
type Images interface {
	// ImageDigest gives the digest (sha256:...) of an image named by a tag or a digest, for a caller who may pull it; errors are ECR's.
	ImageDigest(c *sim.Call, registry sim.Scope, repository, reference string) (digest string, err error)
}

// Objects is what Lambda asks of S3.
type Objects interface {
	// Object gives what a bucket of the caller's region holds under a key, in a version or ("") the newest; errors are S3's.
	Object(c *sim.Call, bucket, key, version string) ([]byte, error)
}

// Queues is what Lambda asks of SQS.
type Queues interface {
	// Visibility gives the visibility timeout of the queue with that ARN, and whether there is one.
	Visibility(arn string) (timeout time.Duration, exists bool)
}

// Roles is what Lambda asks of IAM.
type Roles interface {
	// Role gives the unique id and the longest session of a role, and whether it exists.
	Role(account, name string) (id string, longest time.Duration, ok bool)
}

// Sources is where Lambda looks things up. A nil member takes everything for existing.
type Sources struct {
	Images      Images
	Objects     Objects
	Queues      Queues
	Roles       Roles
	Keys        sim.Keys
	Concurrency map[string]int // quota of concurrent executions in each region, by account; others have 1,000
}

// Service is Lambda for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world   *sim.World
	sources Sources
}

type region struct {
	Functions map[string]*function
	Mappings  map[string]*mapping // by UUID
}

// New makes a Lambda without functions.
func New(w *sim.World, sources Sources) *Service {
	s := &Service{world: w, sources: sources}
	s.Handler = s.routes()
	return s
}

// Names is lambda.
func (*Service) Names() []string { return []string{"lambda"} }
