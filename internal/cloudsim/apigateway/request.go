package apigateway

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// request is one call with what its URL and body say.
type request struct {
	*sim.Call
	http  *http.Request
	query url.Values
	body  []byte
}

// operation answers one call on the caller's account and region, under the lock.
type operation func(r *region, q *request) (any, error)

// routes is the whole API.
func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	add := func(status int, pattern string, op operation) { mux.Handle(pattern, s.answer(status, op)) }
	s.apiRoutes(add)
	s.methodRoutes(add)
	s.accessRoutes(add)
	unknown := func(w http.ResponseWriter, r *http.Request) {
		writeError(w, lacks(r.Method+" "+r.URL.Path))
	}
	mux.HandleFunc("/", unknown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tidy := r.Clone(r.Context()) // the mux redirects what it thinks unclean, such as the trailing slashes that some clients write
		tidy.URL.Path, tidy.URL.RawPath = strings.TrimSuffix(r.URL.Path, "/"), strings.TrimSuffix(r.URL.RawPath, "/")
		if path.Clean(tidy.URL.Path) != tidy.URL.Path {
			unknown(w, r)
			return
		}
		mux.ServeHTTP(w, tidy)
	})
}

type adder = func(status int, pattern string, op operation)

func (s *Service) apiRoutes(add adder) {
	const one = "/restapis/{api}"
	add(http.StatusCreated, "POST /restapis", s.createAPI)
	add(http.StatusOK, "GET /restapis", listAPIs)
	add(http.StatusOK, "GET "+one, onAPI(getAPI))
	add(http.StatusOK, "PATCH "+one, onAPI(updateAPI))
	add(http.StatusAccepted, "DELETE "+one, onAPI(deleteAPI))
	for _, kind := range []string{"authorizers", "requestvalidators"} {
		add(http.StatusOK, "GET "+one+"/"+kind, onAPI(none))
	}
	add(http.StatusOK, "GET "+one+"/models", onAPI(listModels))
	add(http.StatusOK, "GET "+one+"/models/{model}", onAPI(getModel))

	add(http.StatusOK, "GET "+one+"/resources", onAPI(listResources))
	add(http.StatusCreated, "POST "+one+"/resources/{resource}", onResource(s.createResource))
	add(http.StatusOK, "GET "+one+"/resources/{resource}", onResource(getResource))
	add(http.StatusOK, "PATCH "+one+"/resources/{resource}", onResource(updateResource))
	add(http.StatusAccepted, "DELETE "+one+"/resources/{resource}", onResource(deleteResource))

	add(http.StatusCreated, "POST "+one+"/deployments", onAPI(s.createDeployment))
	add(http.StatusOK, "GET "+one+"/deployments", onAPI(listDeployments))
	add(http.StatusOK, "GET "+one+"/deployments/{deployment}", onAPI(getDeployment))
	add(http.StatusOK, "PATCH "+one+"/deployments/{deployment}", onAPI(updateDeployment))
	add(http.StatusAccepted, "DELETE "+one+"/deployments/{deployment}", onAPI(deleteDeployment))

	add(http.StatusCreated, "POST "+one+"/stages", onAPI(s.createStage))
	add(http.StatusOK, "GET "+one+"/stages", onAPI(listStages))
	add(http.StatusOK, "GET "+one+"/stages/{stage}", onAPI(getStage))
	add(http.StatusOK, "PATCH "+one+"/stages/{stage}", onAPI(s.updateStage))
	add(http.StatusAccepted, "DELETE "+one+"/stages/{stage}", onAPI(deleteStage))
}

func (s *Service) methodRoutes(add adder) {
	const resource = "/restapis/{api}/resources/{resource}"
	const one = resource + "/methods/{method}"
	add(http.StatusCreated, "PUT "+one, onResource(putMethod))
	add(http.StatusOK, "GET "+one, onMethod(getMethod))
	add(http.StatusOK, "PATCH "+one, onMethod(updateMethod))
	add(http.StatusNoContent, "DELETE "+one, onResource(deleteMethod))
	add(http.StatusCreated, "PUT "+one+"/responses/{status}", onMethod(putMethodResponse))
	add(http.StatusOK, "GET "+one+"/responses/{status}", onMethod(getMethodResponse))
	add(http.StatusCreated, "PATCH "+one+"/responses/{status}", onMethod(updateMethodResponse))
	add(http.StatusNoContent, "DELETE "+one+"/responses/{status}", onMethod(deleteMethodResponse))
	add(http.StatusCreated, "PUT "+one+"/integration", onMethod(putIntegration))
	add(http.StatusOK, "GET "+one+"/integration", onIntegration(getIntegration))
	add(http.StatusOK, "PATCH "+one+"/integration", onIntegration(updateIntegration))
	add(http.StatusNoContent, "DELETE "+one+"/integration", onIntegration(deleteIntegration))
	add(http.StatusCreated, "PUT "+one+"/integration/responses/{status}", onIntegration(putIntegrationResponse))
	add(http.StatusOK, "GET "+one+"/integration/responses/{status}", onIntegration(getIntegrationResponse))
	add(http.StatusOK, "PATCH "+one+"/integration/responses/{status}", onIntegration(updateIntegrationResponse))
	add(http.StatusNoContent, "DELETE "+one+"/integration/responses/{status}", onIntegration(deleteIntegrationResponse))
}

func (s *Service) accessRoutes(add adder) {
	add(http.StatusCreated, "POST /apikeys", s.createKeys)
	add(http.StatusOK, "GET /apikeys", listKeys)
	add(http.StatusOK, "GET /apikeys/{key}", getKey)
	add(http.StatusOK, "PATCH /apikeys/{key}", s.updateKey)
	add(http.StatusAccepted, "DELETE /apikeys/{key}", deleteKey)

	add(http.StatusCreated, "POST /usageplans", s.createPlan)
	add(http.StatusOK, "GET /usageplans", listPlans)
	add(http.StatusOK, "GET /usageplans/{plan}", onPlan(getPlan))
	add(http.StatusOK, "PATCH /usageplans/{plan}", onPlan(updatePlan))
	add(http.StatusAccepted, "DELETE /usageplans/{plan}", onPlan(deletePlan))
	add(http.StatusOK, "GET /usageplans/{plan}/usage", onPlan(s.getUsage))
	add(http.StatusCreated, "POST /usageplans/{plan}/keys", onPlan(createPlanKey))
	add(http.StatusOK, "GET /usageplans/{plan}/keys", onPlan(listPlanKeys))
	add(http.StatusOK, "GET /usageplans/{plan}/keys/{key}", onPlan(getPlanKey))
	add(http.StatusAccepted, "DELETE /usageplans/{plan}/keys/{key}", onPlan(deletePlanKey))

	add(http.StatusOK, "GET /account", getAccount)
	add(http.StatusOK, "PATCH /account", s.updateAccount)
	add(http.StatusNoContent, "PUT /tags/{arn}", tag)
	add(http.StatusOK, "GET /tags/{arn}", listTags)
	add(http.StatusNoContent, "DELETE /tags/{arn}", untag)
}

// answer makes a handler of an operation. What it gives is written down under the lock: answers show what is kept.
func (s *Service) answer(status int, op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := read(w, r)
		var text json.RawMessage
		if err == nil {
			s.With(q.Scope, func(g *region) {
				var out any
				if out, err = op(g, q); err == nil {
					text, err = json.Marshal(out)
				}
			})
		}
		switch {
		case err != nil:
			writeError(w, sim.AsError(err))
		case status == http.StatusNoContent:
			w.WriteHeader(status)
		default:
			sim.WriteJSON(w, "application/json", status, text)
		}
	})
}

func read(w http.ResponseWriter, r *http.Request) (*request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, sim.MaxBody))
	if err != nil {
		return nil, sim.Errorf("RequestTooLargeException", "%v", err).WithStatus(http.StatusRequestEntityTooLarge)
	}
	return &request{Call: sim.CallFrom(r.Context()), http: r, query: r.URL.Query(), body: body}, nil
}

// into decodes the body.
func (q *request) into(out any) error {
	if len(q.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(q.body, out); err != nil {
		return sim.Errorf("SerializationException", "%v", err)
	}
	return nil
}

// list is a page of items as most answers have it.
type list[E any] struct {
	Items    []E    `json:"item"`
	Position string `json:"position,omitempty"`
}

// page gives the part of a list that position and limit ask for: 25 items when they ask nothing, 500 at most (GetRestApis, "limit").
func page[E any](q *request, all []E) (any, error) {
	limit, err := strconv.Atoi(q.query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = 25
	}
	part, next, err := sim.Page(all, q.query.Get("position"), limit, 500)
	if err != nil {
		return nil, bad("Invalid position parameter specified: %s", q.query.Get("position"))
	}
	return list[E]{append([]E{}, part...), next}, nil
}

// sorted gives what a map holds in the order of its keys.
func sorted[E any](m map[string]E) []E {
	out := make([]E, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// put sets a member of a map that may be nil.
func put[E any](m *map[string]E, key string, value E) {
	if *m == nil {
		*m = map[string]E{}
	}
	(*m)[key] = value
}

func writeError(w http.ResponseWriter, e *sim.Error) { sim.WriteJSONError(w, "application/json", e) }

// lacks is the answer to what the drill cloud does not have; 501 keeps clients from trying again.
func lacks(what string) *sim.Error {
	return sim.Unknown("apigateway", what).WithStatus(http.StatusNotImplemented)
}

func bad(format string, args ...any) *sim.Error {
	return sim.Errorf("BadRequestException", format, args...)
}

func missing(what string) *sim.Error {
	return sim.Errorf("NotFoundException", "Invalid %s specified", what).WithStatus(http.StatusNotFound)
}

// full refuses one more of what there are most of (Developer Guide, "Quotas for creating, deploying and managing an API").
func full(there, most int, what string) error {
	if there < most {
		return nil
	}
	return sim.Errorf("LimitExceededException", "Maximum number of %s has been reached: %d", what, most).WithStatus(http.StatusTooManyRequests)
}

func conflict(format string, args ...any) *sim.Error {
	return sim.Errorf("ConflictException", format, args...).WithStatus(http.StatusConflict)
}
