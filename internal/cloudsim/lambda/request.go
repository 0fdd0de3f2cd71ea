package lambda

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
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

// answer makes a handler of an operation.
func (s *Service) answer(status int, op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := read(w, r)
		var out any
		if err == nil {
			s.With(q.Scope, func(g *region) { out, err = op(g, q) })
		}
		switch {
		case err != nil:
			writeError(w, sim.AsError(err))
		case status == http.StatusNoContent:
			w.WriteHeader(status)
		default:
			sim.WriteJSON(w, "application/json", status, out)
		}
	})
}

// maxBody is above a deployment package of 50 MB in base64 (Lambda quotas).
const maxBody = 70 << 20

func read(w http.ResponseWriter, r *http.Request) (*request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, sim.Errorf("RequestTooLargeException", "%v", err).WithStatus(http.StatusRequestEntityTooLarge)
	}
	return &request{Call: sim.CallFrom(r.Context()), http: r, query: r.URL.Query(), body: body}, nil
}

// into decodes the body. What out holds already stays where the body is silent.
func (q *request) into(out any) error {
	if len(q.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(q.body, out); err != nil {
		return sim.Errorf("InvalidRequestContentException", "Could not parse request body into json: %v", err)
	}
	return nil
}

// page gives the part of a list that Marker and MaxItems ask for, of at most 50 items as AWS gives them.
func page[E any](q *request, all []E) (part []E, next string, err error) {
	limit, _ := strconv.Atoi(q.query.Get("MaxItems")) // what is no number is no limit
	part, next, err = sim.Page(all, q.query.Get("Marker"), limit, 50)
	if err != nil {
		err = invalid("The marker %s is not one that this service gave", q.query.Get("Marker"))
	}
	return part, next, err
}

func writeError(w http.ResponseWriter, e *sim.Error) {
	if e.Extra == nil {
		e.Extra = map[string]any{"Type": "User"}
	}
	sim.WriteJSONError(w, "application/json", e)
}

func invalid(format string, args ...any) *sim.Error {
	return sim.Errorf("InvalidParameterValueException", format, args...)
}

func missing(format string, args ...any) *sim.Error {
	return sim.Errorf("ResourceNotFoundException", format, args...).WithStatus(http.StatusNotFound)
}

func conflict(format string, args ...any) *sim.Error {
	return sim.Errorf("ResourceConflictException", format, args...).WithStatus(http.StatusConflict)
}

func denied(message string) *sim.Error {
	return sim.Errorf("AccessDeniedException", "%s", message).WithStatus(http.StatusForbidden)
}
