package cloudsim

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Concurrency is Lambda's quota of concurrent executions in each region, by account number; others have 1,000. New accounts begin with
// fewer, often 10 (Lambda quotas).
type Concurrency map[string]int

// Check refuses what is no account, and quotas below 1.
func (c Concurrency) Check() error {
	for account, n := range c {
		if !sim.IsAccount(account) || n < 1 {
			return fmt.Errorf("drill cloud: Lambda's concurrency %q of the account %q: name an account of 12 digits, and 1 or more, such as 222222222222=10", strconv.Itoa(n), account)
		}
	}
	return nil
}

// Config says what kind of cloud to make. The zero Config is a cloud that answers at once and refuses nothing.
type Config struct {
	Seed        uint64      // identifiers, latencies and dice follow from it
	Clock       clock.Clock // nil is the system's
	Speed       float64     // how many seconds of the cloud pass in a second of Clock, at least 1; 0 is 1
	Latency     Latency     // of each call; zero is none
	Throttle    bool        // apply the documented rates of AWS
	Strict      bool        // verify signatures
	Upstream    string      // http://HOST:PORT of another simulator (moto, LocalStack), which answers for the services that this one lacks
	Concurrency Concurrency
	HoldNames   time.Duration // how long nobody can have the name of a deleted bucket; on AWS up to an hour or more
	Version     string        // shown by the control API
	Log         *slog.Logger  // what went wrong inside; nil is silence
}

// Registry is what a service may have besides its signed API: a container registry under /v2/, which is not signed.
type Registry interface {
	// ServeRegistry answers a request of the OCI distribution API, unauthorised ones too.
	ServeRegistry(w http.ResponseWriter, r *http.Request)
	// RegistryScope gives the account and region that a registry request is for, when it tells.
	RegistryScope(r *http.Request) (sim.Scope, bool)
}

// Users is what a service may know of access keys that users have.
type Users interface {
	// Key gives the ARN of the user that an access key of an account is of, and whether the key was switched off or deleted.
	Key(account, id string) (userARN string, off bool)
}
