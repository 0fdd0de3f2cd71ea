package ecr

import (
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// exchange is one request of the distribution API on its way.
type exchange struct {
	*http.Request
	w      http.ResponseWriter
	scope  sim.Scope // of the registry
	caller sim.Call  // whose login it is
	name   string    // of the repository
	base   string    // the URL path of the repository, as the client wrote it: /v2/... without the part below
	kind   string    // manifests, blobs, uploads, tags, _catalog; empty for the API's root
	ref    string    // a tag, a digest or an upload's id
}

// RegistryScope tells the account and region that a registry request is for, as the package comment says.
func (s *Service) RegistryScope(r *http.Request) (sim.Scope, bool) {
	scope, _, ok := s.addressed(r)
	if ok {
		return scope, true
	}
	t, ok := s.login(r)
	return sim.Scope{Account: t.Account, Region: t.Region}, ok
}

// addressed finds the registry in the host's name, or in the first part of the repository's name, which then is the prefix.
func (s *Service) addressed(r *http.Request) (scope sim.Scope, prefix string, ok bool) {
	if m := s.host.FindStringSubmatch(r.Host); m != nil {
		return sim.Scope{Account: m[1], Region: m[2]}, "", true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	if m := s.host.FindStringSubmatch(first); m != nil {
		return sim.Scope{Account: m[1], Region: m[2]}, first + "/", true
	}
	return scope, "", false
}

// ServeRegistry answers a request under /v2/.
func (s *Service) ServeRegistry(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	t, ok := s.login(r)
	if !ok {
		w.Header().Set("Www-Authenticate", `Basic realm="http://`+r.Host+`/",service="ecr.amazonaws.com"`)
		writeRegistryError(w, sim.Errorf("UNAUTHORIZED", "Not Authorized: log in as AWS with the password of GetAuthorizationToken").WithStatus(http.StatusUnauthorized))
		return
	}
	x := &exchange{Request: r, w: w, caller: sim.Call{Scope: sim.Scope{Account: t.Account, Region: t.Region}, CallerARN: "arn:aws:iam::" + t.Account + ":root"}}
	x.scope = x.caller.Scope
	scope, prefix, ok := s.addressed(r)
	if ok {
		x.scope, x.caller.Region = scope, scope.Region
	}
	x.split(prefix)
	if err := s.route(x); err != nil {
		writeRegistryError(w, sim.AsError(err))
	}
}

// split reads /v2/<name>/<kind>/<ref>.
func (x *exchange) split(prefix string) {
	rest := strings.TrimPrefix(strings.TrimPrefix(x.URL.Path, "/v2"), "/")
	if rest = strings.TrimPrefix(rest, prefix); rest == "_catalog" {
		x.kind = rest
		return
	}
	for _, kind := range [...]string{"blobs/uploads", "blobs", "manifests", "tags"} {
		if i := strings.LastIndex(rest, "/"+kind+"/"); i > 0 {
			x.name, x.ref = rest[:i], rest[i+len(kind)+2:]
			x.kind = kind[strings.IndexByte(kind, '/')+1:]
			x.base = "/v2/" + prefix + x.name
			return
		}
	}
	if x.kind = rest; strings.HasSuffix(rest, "/blobs/uploads") {
		x.name = strings.TrimSuffix(rest, "/blobs/uploads")
		x.kind, x.base = "uploads", "/v2/"+prefix+x.name
	}
}

func (s *Service) route(x *exchange) error {
	switch x.kind + " " + x.Method {
	case " GET", " HEAD":
		return nil
	case "_catalog GET":
		return s.catalog(x)
	case "tags GET":
		return s.tagList(x)
	case "manifests GET", "manifests HEAD":
		return s.getManifest(x)
	case "manifests PUT":
		return s.putManifest(x)
	case "manifests DELETE":
		return s.deleteManifest(x)
	case "blobs GET", "blobs HEAD":
		return s.getBlob(x)
	case "uploads POST":
		return s.beginUpload(x)
	case "uploads GET", "uploads PATCH", "uploads PUT", "uploads DELETE":
		return s.upload(x)
	}
	return sim.Errorf("UNSUPPORTED", "the drill cloud's registry does not answer %s %s", x.Method, x.URL.Path).WithStatus(http.StatusNotFound)
}

// repository finds the repository of a request, whose sender may do an action on it. The service's lock is held.
func (s *Service) repository(x *exchange, action string) (*repository, error) {
	return s.in(&x.caller, at{x.scope.Account, x.name}, action)
}
