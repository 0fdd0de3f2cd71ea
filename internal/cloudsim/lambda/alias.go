package lambda

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// alias is a name for a version, as kept and as answered.
type alias struct {
	AliasArn        string   `json:"AliasArn"`
	Name            string   `json:"Name"`
	FunctionVersion string   `json:"FunctionVersion"`
	Description     string   `json:"Description"`
	RoutingConfig   *routing `json:"RoutingConfig,omitempty"`
	RevisionID      string   `json:"RevisionId"`
}

// routing sends a part of an alias's calls to another version.
type routing struct {
	AdditionalVersionWeights map[string]float64 `json:"AdditionalVersionWeights,omitempty"`
}

// settle leaves out what is empty.
func (a *alias) settle() {
	if a.RoutingConfig != nil && len(a.RoutingConfig.AdditionalVersionWeights) == 0 {
		a.RoutingConfig = nil
	}
}

func (s *Service) createAlias(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	a := &alias{}
	if err := q.into(a); err != nil {
		return nil, err
	}
	a.AliasArn, a.RevisionID = f.arn(q, a.Name), s.world.UUID()
	if !sim.Within(a.Name, 1, 128) || !sim.Only(a.Name, "_-") || strings.Trim(a.Name, "0123456789") == "" {
		return nil, constraint(a.Name, "name", `Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`)
	}
	if f.Aliases[a.Name] != nil {
		return nil, conflict("Alias already exists: %s", a.AliasArn)
	}
	if _, err := f.at(q, a.FunctionVersion); err != nil {
		return nil, err
	}
	a.settle()
	f.Aliases[a.Name] = a
	return *a, nil
}

func findAlias(r *region, q *request) (*function, *alias, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, nil, err
	}
	name := q.http.PathValue("alias")
	if a := f.Aliases[name]; a != nil {
		return f, a, nil
	}
	return nil, nil, missing("Cannot find alias arn: %s", f.arn(q, name))
}

func (s *Service) getAlias(r *region, q *request) (any, error) {
	_, a, err := findAlias(r, q)
	if err != nil {
		return nil, err
	}
	return *a, nil
}

func (s *Service) updateAlias(r *region, q *request) (any, error) {
	f, a, err := findAlias(r, q)
	if err != nil {
		return nil, err
	}
	next := *a
	next.RoutingConfig, next.RevisionID = nil, ""
	if err := q.into(&next); err != nil {
		return nil, err
	}
	if next.RevisionID != "" && next.RevisionID != a.RevisionID {
		return nil, stale()
	}
	next.RoutingConfig = cmp.Or(next.RoutingConfig, a.RoutingConfig)
	next.settle()
	if _, err := f.at(q, next.FunctionVersion); err != nil {
		return nil, err
	}
	next.Name, next.AliasArn, next.RevisionID = a.Name, a.AliasArn, s.world.UUID()
	*a = next
	return next, nil
}

func (s *Service) deleteAlias(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err == nil {
		delete(f.Aliases, q.http.PathValue("alias")) // deleting what is not there succeeds, as in AWS
	}
	return nil, err
}

func (s *Service) listAliases(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	all := []alias{}
	for _, name := range slices.Sorted(maps.Keys(f.Aliases)) {
		if v := q.query.Get("FunctionVersion"); v == "" || v == f.Aliases[name].FunctionVersion {
			all = append(all, *f.Aliases[name])
		}
	}
	part, next, err := page(q, all)
	return struct {
		Aliases    []alias
		NextMarker string `json:"NextMarker,omitempty"`
	}{part, next}, err
}
