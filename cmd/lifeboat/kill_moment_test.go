package main_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// moment is when a process is killed: at its n-th call of an operation of DynamoDB, before the cloud hears it or before the process hears the
// answer.
type moment struct {
	operation string
	n         int
	answered  bool // by the cloud; the process never hears it
}

// door stands between a process and its drill cloud, and stops the process at a moment.
type door struct {
	url string

	mu     sync.Mutex
	wanted moment
	calls  map[string]int // of this process, by operation
	came   chan struct{}  // the moment
	gone   chan struct{}  // the process was killed
}

// writeTakes is how long a batch of writes takes at the door: a load then lasts for seconds, and remembers how far it is while it goes on.
const writeTakes = 30 * time.Millisecond

// newDoor opens a door to a cloud.
func newDoor(t *testing.T, cloud *stage.Cloud) *door {
	t.Helper()
	to, err := url.Parse(cloud.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	d.expect(moment{})
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}, ErrorHandler: func(http.ResponseWriter, *http.Request, error) {}, ErrorLog: log.New(io.Discard, "", 0)} // the process was killed in the middle of it
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		came, gone, answered := d.knock(operation)
		if came == nil {
			pass.ServeHTTP(w, r)
			return
		}
		if answered {
			pass.ServeHTTP(httptest.NewRecorder(), r)
		}
		close(came)
		<-gone
	}))
	t.Cleanup(s.Close)
	d.url = s.URL
	return d
}

// knock counts a call. It gives channels when it is the one that is waited for.
func (d *door) knock(operation string) (came, gone chan struct{}, answered bool) {
	if operation == "BatchWriteItem" {
		time.Sleep(writeTakes)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[operation]++
	if operation == d.wanted.operation && d.calls[operation] == d.wanted.n {
		return d.came, d.gone, d.wanted.answered
	}
	return nil, nil, false
}

// expect waits for a moment of the next process; none: it goes through. The first channel is closed when it comes; close the other one when
// the process is gone.
func (d *door) expect(m moment) (came <-chan struct{}, gone chan<- struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted, d.calls, d.came, d.gone = m, map[string]int{}, make(chan struct{}), make(chan struct{})
	return d.came, d.gone
}

// in leads a drill's folder through the door.
func (d *door) in(t *testing.T, run string, cloud stage.Cloud) {
	t.Helper()
	cloud.Endpoint = d.url
	b, err := json.Marshal(cloud)
	if err == nil {
		err = os.WriteFile(filepath.Join(run, "cloud.json"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
