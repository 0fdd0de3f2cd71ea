package lambda

import (
	"maps"
	"slices"
)

// busy refuses a change of a function that something is still being done to.
func (s *Service) busy(q *request, f *function) error {
	now := s.world.Now()
	if now.Sub(f.Created) < creating {
		return conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	if now.Sub(f.Updated) < updating {
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.arn(q, ""))
	}
	return nil
}

func (s *Service) get(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	v, err := f.at(q, qualifier)
	if err != nil {
		return nil, err
	}
	where := map[string]any{"RepositoryType": "S3"}
	if v.Code.Package == "Image" {
		where = map[string]any{"RepositoryType": "ECR", "ImageUri": v.Code.Image, "ResolvedImageUri": v.Code.Resolved}
	}
	out := map[string]any{"Configuration": s.describeAs(q, f, v, qualifier), "Code": where}
	if len(f.Tags) > 0 {
		out["Tags"] = maps.Clone(f.Tags)
	}
	if f.Reserved != nil && qualifier == "" {
		out["Concurrency"] = reservation{f.Reserved}
	}
	return out, nil
}

func (s *Service) getConfiguration(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	v, err := f.at(q, qualifier)
	if err != nil {
		return nil, err
	}
	return s.describeAs(q, f, v, qualifier), nil
}

func (s *Service) list(r *region, q *request) (any, error) {
	all := []configuration{}
	for _, name := range slices.Sorted(maps.Keys(r.Functions)) {
		f := r.Functions[name]
		if q.query.Get("FunctionVersion") != "ALL" {
			all = append(all, s.describe(q, f, &f.Latest, false))
			continue
		}
		all = append(all, s.versions(q, f)...)
	}
	part, next, err := page(q, all)
	return listOutput{Functions: part, NextMarker: next}, err
}

type listOutput struct {
	Functions  []configuration `json:"Functions,omitzero"`
	Versions   []configuration `json:"Versions,omitzero"`
	NextMarker string          `json:"NextMarker,omitempty"`
}

func (s *Service) remove(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	switch {
	case err != nil:
		return nil, err
	case qualifier == "":
		delete(r.Functions, f.Name) // its event source mappings stay, as in AWS
		return nil, nil
	case qualifier == latest:
		return nil, invalid("$LATEST version cannot be deleted without deleting the function.")
	}
	for name, a := range f.Aliases {
		if a.FunctionVersion == qualifier || name == qualifier {
			return nil, conflict("Unable to delete version because the following aliases reference it: [%s]", name)
		}
	}
	f.Published = slices.DeleteFunc(f.Published, func(v revision) bool { return v.Version == qualifier })
	return nil, nil
}
