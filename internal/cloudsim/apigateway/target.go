package apigateway

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// InvokePrefix begins the path of an invoke URL that needs no host name of its own: InvokePrefix + API/STAGE/PATH.
const InvokePrefix = "/_aws/execute-api/"

// target is what an invoke URL names.
type target struct {
	api, region string // region is empty where the URL does not tell
	stage, path string // the path begins with a slash
}

// targetOf reads an invoke URL: InvokePrefix, or the host API.execute-api.REGION.amazonaws.com. It is not ok when r has another.
func targetOf(r *http.Request) (t target, ok bool) {
	host, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	rest := ""
	if label, tail, found := strings.Cut(host, ".execute-api."); found && strings.HasSuffix(tail, ".amazonaws.com") {
		t.api, t.region, rest = label, strings.TrimSuffix(tail, ".amazonaws.com"), strings.TrimPrefix(r.URL.Path, "/")
	} else if rest, found = strings.CutPrefix(r.URL.Path, InvokePrefix); found {
		t.api, rest, _ = strings.Cut(rest, "/")
	} else {
		return target{}, false
	}
	t.stage, rest, _ = strings.Cut(rest, "/")
	t.path = "/" + strings.TrimSuffix(rest, "/")
	return t, true
}

// InvokeScope tells whether a request has the form of an invoke URL, and as far as it is known where the API is.
func (s *Service) InvokeScope(r *http.Request) (at sim.Scope, ok bool) {
	t, ok := targetOf(r)
	if !ok {
		return sim.Scope{}, false
	}
	at.Region = t.region
	s.Each(func(where sim.Scope, g *region) {
		if g.APIs[t.api] != nil && (t.region == "" || t.region == where.Region) {
			at = where
		}
	})
	return at, true
}

// enabled finds the key of a value that may be used.
func (r *region) enabled(value string) *apiKey {
	for _, k := range r.Keys {
		if k.Enabled && subtle.ConstantTimeCompare([]byte(k.Value), []byte(value)) == 1 {
			return k
		}
	}
	return nil
}

// find walks down from a resource: a plain part before a variable one, a greedy one last (Developer Guide, "Set up a proxy
// integration with a proxy resource").
func (d *deployment) find(id string, path []string) *resource {
	if len(path) == 0 || len(path) == 1 && path[0] == "" {
		return d.Resources[id]
	}
	var variable, greedy *resource
	for _, t := range d.Resources {
		switch {
		case t.ParentID != id:
		case t.PathPart == path[0]:
			if found := d.find(t.ID, path[1:]); found != nil && len(found.Methods) > 0 {
				return found
			}
		case strings.HasSuffix(t.PathPart, "+}"):
			greedy = t
		case strings.HasPrefix(t.PathPart, "{"):
			variable = t
		}
	}
	if variable != nil {
		if found := d.find(variable.ID, path[1:]); found != nil {
			return found
		}
	}
	return greedy
}
