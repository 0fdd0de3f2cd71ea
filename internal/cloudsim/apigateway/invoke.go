package apigateway

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

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
