package apigateway

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
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

// ServeInvoke answers a request for what a stage has deployed. Refusals are those of API Gateway Developer Guide, "Gateway response
// types".
func (s *Service) ServeInvoke(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", sim.CallFrom(r.Context()).RequestID)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 10<<20)) // Developer Guide, "Quotas": 10 MB
	if err != nil {
		reply{status: http.StatusRequestEntityTooLarge, kind: "RequestTooLargeException", message: "Request Too Long"}.write(w)
		return
	}
	at, _ := s.InvokeScope(r)
	t, _ := targetOf(r)
	out := forbidden("ForbiddenException", "Forbidden") // what no account has
	if at.Account == "" {
		out.write(w)
		return
	}
	s.With(at, func(g *region) { out = s.invoke(g, t, r, body) })
	out.write(w)
}

// reply is an answer to an invocation: a refusal of API Gateway's own, or an integration's.
type reply struct {
	status        int
	kind, message string // of a refusal: its X-Amzn-Errortype and text
	header        http.Header
	body          string
}

func (a reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	maps.Copy(w.Header(), a.header)
	if a.kind != "" {
		w.Header().Set("X-Amzn-Errortype", a.kind)
		text, _ := json.Marshal(map[string]string{"message": a.message}) // two texts can always be written
		a.body = string(text)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func forbidden(kind, message string) reply {
	return reply{status: http.StatusForbidden, kind: kind, message: message}
}

// invoke answers a call under the region's lock, which the limits of the usage plans need.
func (s *Service) invoke(g *region, t target, r *http.Request, body []byte) reply {
	noKey, unknown := forbidden("ForbiddenException", "Forbidden"), forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
	a := g.APIs[t.api]
	if a == nil || a.Stages[t.stage] == nil || a.DisableExecuteAPIEndpoint {
		return noKey
	}
	d := a.Deployments[a.Stages[t.stage].DeploymentID]
	if d == nil {
		return noKey
	}
	found := d.find(d.Root, strings.Split(strings.Trim(t.path, "/"), "/"))
	if found == nil {
		return unknown
	}
	m := found.Methods[r.Method]
	if m == nil {
		m = found.Methods["ANY"]
	}
	if m == nil || m.AuthorizationType == "AWS_IAM" && r.Header.Get("Authorization") == "" {
		return unknown
	}
	if m.APIKeyRequired {
		value := r.Header.Get("X-Api-Key")
		if a.APIKeySource != "HEADER" {
			value = "" // authorizers give it, and there are none
		}
		path := (&api{Resources: d.Resources}).path(found)
		switch covered, refused := s.admit(g, value, t, path+"/"+m.HTTPMethod); {
		case !covered:
			return noKey
		case refused == "Limit Exceeded":
			return reply{status: http.StatusTooManyRequests, kind: "LimitExceededException", message: refused}
		case refused != "":
			return reply{status: http.StatusTooManyRequests, kind: "TooManyRequestsException", message: refused}
		}
	}
	return m.answer(r, body)
}

// admit looks for a usage plan that covers the stage and has the key, and counts the call there.
func (s *Service) admit(g *region, value string, t target, method string) (covered bool, refused string) {
	key := g.enabled(value)
	if key == nil {
		return false, ""
	}
	for _, p := range sorted(g.Plans) {
		if at := p.at(t.api + ":" + t.stage); at != nil && slices.Contains(p.Keys, key.ID) {
			return true, p.admit(key.ID, at, method, s.world.Now())
		}
	}
	return false, ""
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
