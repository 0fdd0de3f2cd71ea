package apigateway

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// request is one call with what its URL and body say.
type request struct {
	*sim.Call
	http  *http.Request
	query url.Values
	body  []byte
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
