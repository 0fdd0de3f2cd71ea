package lambda

import (
	"cmp"
)

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
