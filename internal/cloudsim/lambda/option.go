package lambda

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// invokeConfig is what happens to asynchronous invocations that fail. It is stored.
type invokeConfig struct {
	MaximumRetryAttempts     *int            `json:"MaximumRetryAttempts,omitempty"`
	MaximumEventAgeInSeconds *int            `json:"MaximumEventAgeInSeconds,omitempty"`
	DestinationConfig        json.RawMessage `json:"DestinationConfig,omitempty"`
	Modified                 time.Time       `json:"Modified,omitzero"`
}

type invokeAnswer struct {
	invokeConfig
	FunctionArn  string   `json:"FunctionArn"`
	LastModified *float64 `json:"LastModified"`
}

func (v *invokeConfig) answer(q *request, f *function, qualifier string) invokeAnswer {
	out := invokeAnswer{invokeConfig: *v, FunctionArn: f.arn(q, cmp.Or(qualifier, latest)), LastModified: sim.Epoch(v.Modified)}
	out.Modified = time.Time{}
	return out
}

// putInvokeConfig replaces (PUT) or changes (POST) the configuration.
func (s *Service) putInvokeConfig(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	if _, err := f.at(q, qualifier); err != nil {
		return nil, err
	}
	var next invokeConfig
	if err := q.into(&next); err != nil {
		return nil, err
	}
	if old := f.Invokes[qualifier]; old != nil && q.http.Method == http.MethodPost {
		next.MaximumRetryAttempts = cmp.Or(next.MaximumRetryAttempts, old.MaximumRetryAttempts)
		next.MaximumEventAgeInSeconds = cmp.Or(next.MaximumEventAgeInSeconds, old.MaximumEventAgeInSeconds)
		if next.DestinationConfig == nil {
			next.DestinationConfig = old.DestinationConfig
		}
	}
	if next.DestinationConfig == nil {
		next.DestinationConfig = json.RawMessage(`{"OnFailure":{},"OnSuccess":{}}`)
	}
	next.Modified = s.world.Now()
	if f.Invokes == nil {
		f.Invokes = map[string]*invokeConfig{}
	}
	f.Invokes[qualifier] = &next
	return next.answer(q, f, qualifier), nil
}

func (s *Service) findInvokeConfig(r *region, q *request) (*function, string, *invokeConfig, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, "", nil, err
	}
	if v := f.Invokes[qualifier]; v != nil {
		return f, qualifier, v, nil
	}
	return nil, "", nil, missing("The function %s doesn't have an EventInvokeConfig", f.arn(q, cmp.Or(qualifier, latest)))
}

func (s *Service) getInvokeConfig(r *region, q *request) (any, error) {
	f, qualifier, v, err := s.findInvokeConfig(r, q)
	if err != nil {
		return nil, err
	}
	return v.answer(q, f, qualifier), nil
}

func (s *Service) deleteInvokeConfig(r *region, q *request) (any, error) {
	f, qualifier, _, err := s.findInvokeConfig(r, q)
	if err == nil {
		delete(f.Invokes, qualifier)
	}
	return nil, err
}

type runtimeUpdates struct {
	UpdateRuntimeOn   string `json:"UpdateRuntimeOn"`
	RuntimeVersionArn string `json:"RuntimeVersionArn,omitempty"`
	FunctionArn       string `json:"FunctionArn,omitempty"`
}

func (s *Service) putRuntimeUpdates(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	var in runtimeUpdates
	if err := q.into(&in); err != nil {
		return nil, err
	}
	switch in.UpdateRuntimeOn {
	case "Auto", "FunctionUpdate", "Manual":
	default:
		return nil, constraint(in.UpdateRuntimeOn, "updateRuntimeOn", "Member must satisfy enum value set: [Auto, FunctionUpdate, Manual]")
	}
	if f.Runtimes == nil {
		f.Runtimes = map[string]runtimeUpdates{}
	}
	in.FunctionArn = f.arn(q, cmp.Or(qualifier, latest))
	f.Runtimes[qualifier] = in
	return in, nil
}

func (s *Service) getRuntimeUpdates(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	if v, ok := f.Runtimes[qualifier]; ok {
		return v, nil
	}
	return runtimeUpdates{UpdateRuntimeOn: "Auto", FunctionArn: f.arn(q, cmp.Or(qualifier, latest))}, nil
}

type recursion struct {
	RecursiveLoop string `json:"RecursiveLoop"`
}

func (s *Service) putRecursion(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	var in recursion
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.RecursiveLoop != "Allow" && in.RecursiveLoop != "Terminate" {
		return nil, constraint(in.RecursiveLoop, "recursiveLoop", "Member must satisfy enum value set: [Allow, Terminate]")
	}
	f.Recursion = in.RecursiveLoop
	return in, nil
}

func (s *Service) getRecursion(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	return recursion{cmp.Or(f.Recursion, "Terminate")}, nil
}

// getSigning answers that a function has no code signing configuration, as AWS does for one.
func (s *Service) getSigning(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	return map[string]string{"FunctionName": f.Name}, nil
}

func (s *Service) noURL(r *region, q *request) (any, error) {
	if _, _, err := find(r, q); err != nil {
		return nil, err
	}
	return nil, missing("The resource you requested does not exist.")
}
