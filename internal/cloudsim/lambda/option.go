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
