package dynamodb

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Buckets is the S3 that exports go to and imports come from. It acts for the caller of DynamoDB, with that caller's rights, in buckets
// of any region. An owner that is given must be the bucket's; without one the bucket must be the caller's. Errors are S3's.
type Buckets interface {
	// Put stores an object and gives its ETag without quotes. The data is not changed afterwards.
	Put(c *sim.Call, owner, bucket, key string, data []byte, header map[string]string) (etag string, err error)
	// Keys gives the keys that begin with a prefix, in order.
	Keys(c *sim.Call, owner, bucket, prefix string) ([]string, error)
	// Get gives an object's bytes, which are not to be changed.
	Get(c *sim.Call, owner, bucket, key string) ([]byte, error)
}

// jobs is work that is to be done at an instant of the cloud's time. It is begun by the first call that comes then, in the
// background: between two calls nobody can tell.
type jobs struct {
	next    atomic.Int64 // when the next one is due, in nanoseconds since 1970; zero when there is none
	mu      sync.Mutex
	waiting []job
}

type job struct {
	due time.Time
	run func()
}

func (j *jobs) add(due time.Time, run func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting = append(j.waiting, job{due, run})
	if next := j.next.Load(); next == 0 || due.UnixNano() < next {
		j.next.Store(due.UnixNano())
	}
}

// begin begins what is due.
func (j *jobs) begin(now time.Time) {
	if next := j.next.Load(); next == 0 || now.UnixNano() < next {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next.Store(0)
	j.waiting = slices.DeleteFunc(j.waiting, func(one job) bool {
		if !now.Before(one.due) {
			go one.run()
			return true
		}
		if next := j.next.Load(); next == 0 || one.due.UnixNano() < next {
			j.next.Store(one.due.UnixNano())
		}
		return false
	})
}

// clear forgets all, when another state is loaded.
func (j *jobs) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next.Store(0)
	j.waiting = nil
}

// lostBefore tells whether a place was lost before an instant, and still is: what was under way there did not finish.
func (s *Service) lostBefore(scope sim.Scope, instant time.Time) bool {
	return slices.ContainsFunc(s.world.Disasters(), func(d sim.Disaster) bool {
		covers := d.Kind == sim.RegionLost && d.Region == scope.Region && (d.Account == "" || d.Account == scope.Account) ||
			d.Kind == sim.AccountLost && d.Account == scope.Account
		return covers && d.Since.Before(instant)
	})
}
