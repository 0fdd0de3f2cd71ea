// Package control is how a drill steers a running drill cloud: a client of the API under /_lifeboat/ on the cloud's own
// listener, and the forms that this API speaks.
//
// Promise: a call either did what it says or gives an error that says what, where and why. The API is unsigned; the cloud
// answers it to loopback clients only.
package control

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The paths of the control API. No bucket can be named _lifeboat, so no S3 path is taken away.
const (
	Prefix        = "/_lifeboat/"
	HealthPath    = Prefix + "health"    // GET: Health
	DisasterPath  = Prefix + "disaster"  // POST a Disaster begins it; DELETE with one ends it
	DisastersPath = Prefix + "disasters" // GET: []Disaster
	SavePath      = Prefix + "save"      // POST: Save
	CallsPath     = Prefix + "calls"     // GET: []Operation
)

// MaxBody bounds a body of this API in either direction.
const MaxBody = 4 << 20

// Disaster is what a drill takes away; package sim says what its members mean.
type Disaster = sim.Disaster

// The kinds of disaster and the modes of a lost place.
const (
	RegionLost         = sim.RegionLost
	AccountLost        = sim.AccountLost
	CredentialsRevoked = sim.CredentialsRevoked

	Refuse = sim.Refuse
	Hang   = sim.Hang
	Mixed  = sim.Mixed
)

// Health is a running cloud's word about itself.
type Health struct {
	Status  string  `json:"status"` // ok
	Version string  `json:"version"`
	UptimeS float64 `json:"uptime_s"`
	// Time is the cloud's, and Speed how many of its seconds pass in a second of its clients: instants that are compared with what the
	// cloud says, such as one to restore to, are told in this time.
	Time     time.Time `json:"time"`
	Speed    float64   `json:"speed"`
	Seed     uint64    `json:"seed"`
	Services []string  `json:"services"`           // as SigV4 names them, sorted
	Upstream string    `json:"upstream,omitempty"` // what answers for the services that the cloud lacks
	Strict   bool      `json:"strict,omitempty"`   // signatures are verified
}

// Save asks for the cloud's state in a file, by absolute path; gzip when it ends in .gz.
type Save struct {
	File string `json:"file"`
}

// Operation counts the calls of one operation since the cloud started.
type Operation struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Calls     uint64 `json:"calls"`
	Errors    uint64 `json:"errors"`    // answered with a status of 400 or more, throttled ones among them
	Throttled uint64 `json:"throttled"` // refused by a rate
	Lost      uint64 `json:"lost"`      // met a lost place: no answer
}

// Error is an error of this API.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is the code and the message.
func (e *Error) Error() string { return "drill cloud: " + e.Code + ": " + e.Message }
