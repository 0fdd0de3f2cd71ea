package lambda

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// invocation is the payload of every invocation. It has no member that an API or a client could take for the function's success.
type invocation struct {
	Simulated bool   `json:"simulated"`
	Message   string `json:"message"`
	Function  string `json:"function"` // ARN
	Image     string `json:"image,omitempty"`
}

// invoke answers as Lambda does (200, 202 for an event, 204 for a dry run), with a payload that says that nothing was run.
func (s *Service) invoke(w http.ResponseWriter, r *http.Request) {
	q, err := read(w, r)
	var out invocation
	var version string
	if err == nil {
		s.With(q.Scope, func(g *region) { out, version, err = s.invoked(g, q) })
	}
	if err != nil {
		writeError(w, sim.AsError(err))
		return
	}
	w.Header().Set("X-Amz-Executed-Version", version)
	switch r.Header.Get("X-Amz-Invocation-Type") {
	case "Event":
		w.WriteHeader(http.StatusAccepted)
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		sim.WriteJSON(w, "application/json", http.StatusOK, out)
	}
}

func (s *Service) invoked(r *region, q *request) (out invocation, version string, err error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return out, "", err
	}
	v, err := f.at(q, qualifier)
	switch {
	case err != nil:
		return out, "", err
	case s.world.Now().Sub(f.Created) < creating:
		return out, "", conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	case len(q.body) > 0 && !json.Valid(q.body):
		return out, "", sim.Errorf("InvalidRequestContentException", "Could not parse request body into json")
	case f.Reserved != nil && *f.Reserved == 0:
		e := sim.Errorf("TooManyRequestsException", "Rate Exceeded.").WithStatus(http.StatusTooManyRequests)
		e.Extra = map[string]any{"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User"}
		return out, "", e
	}
	if v.Environment != nil {
		if e := sim.KeyFault(s.sources.Keys, q.Scope, v.KMSKeyArn); e != nil { // Invoke, Errors
			return out, "", sim.Errorf("KMS"+strings.TrimPrefix(e.Code, "KMS"), "Lambda was unable to decrypt the environment variables: %s", e.Message).WithStatus(http.StatusBadGateway)
		}
	}
	return invocation{true, "the drill cloud runs no code: the function was not executed", f.arn(q, qualifier), v.Code.Resolved}, v.Version, nil
}
