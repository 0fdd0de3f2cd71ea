package apigateway

import (
	"regexp"
	"slices"
	"strings"
)

// resource is a node of an API's tree of paths. The root has no parent.
type resource struct {
	ID       string             `json:"id"`
	ParentID string             `json:"parentId,omitempty" patch:"yes"`
	PathPart string             `json:"pathPart,omitempty" patch:"yes"`
	Methods  map[string]*method `json:"resourceMethods,omitempty"`
}

type shownResource struct {
	resource
	Path    string         `json:"path"`
	Methods map[string]any `json:"resourceMethods,omitempty"`
}

func onResource(op func(r *region, a *api, t *resource, q *request) (any, error)) operation {
	return onAPI(func(r *region, a *api, q *request) (any, error) {
		t := a.Resources[q.http.PathValue("resource")]
		if t == nil {
			return nil, missing("Resource identifier")
		}
		return op(r, a, t, q)
	})
}

// path gives the whole path of a resource.
func (a *api) path(t *resource) string {
	out := ""
	for ; t != nil && t.ParentID != ""; t = a.Resources[t.ParentID] {
		out = "/" + t.PathPart + out
	}
	if out == "" {
		return "/"
	}
	return out
}

// shownAs is the resource as an answer; its methods are told in full only to who asks with embed=methods.
func (a *api) shownAs(t *resource, q *request) shownResource {
	out := shownResource{resource: *t, Path: a.path(t)}
	full := slices.Contains(q.query["embed"], "methods")
	for name, m := range t.Methods {
		if full {
			put(&out.Methods, name, any(m))
		} else {
			put(&out.Methods, name, any(struct{}{}))
		}
	}
	return out
}

var pathPart = regexp.MustCompile(`^(?:[a-zA-Z0-9._:~-]+|\{[a-zA-Z0-9._:-]+\+?\})$`)

// checkPlace refuses a resource that cannot stand where its parent is.
func (a *api) checkPlace(t *resource) error {
	parent := a.Resources[t.ParentID]
	switch {
	case parent == nil:
		return missing("Resource identifier")
	case !pathPart.MatchString(t.PathPart):
		return bad("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	case strings.HasSuffix(parent.PathPart, "+}"):
		return bad("Cannot create a child of a resource with a greedy path variable: %s", a.path(parent))
	}
	for _, other := range a.Resources {
		switch {
		case other.ID == t.ID || other.ParentID != t.ParentID:
		case other.PathPart == t.PathPart:
			return conflict("Another resource with the same parent already has this name: %s", t.PathPart)
		case strings.HasPrefix(other.PathPart, "{") && strings.HasPrefix(t.PathPart, "{"):
			return bad("A sibling (%s) of this resource already has a variable path part -- only one is allowed", other.PathPart)
		}
	}
	return nil
}

func (s *Service) createResource(_ *region, a *api, parent *resource, q *request) (any, error) {
	var in struct{ PathPart string }
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if err := full(len(a.Resources), 300, "resources for this API"); err != nil {
		return nil, err
	}
	t := &resource{ID: s.id(6), ParentID: parent.ID, PathPart: in.PathPart}
	if err := a.checkPlace(t); err != nil {
		return nil, err
	}
	a.Resources[t.ID] = t
	return a.shownAs(t, q), nil
}

func getResource(_ *region, a *api, t *resource, q *request) (any, error) {
	return a.shownAs(t, q), nil
}

func updateResource(_ *region, a *api, t *resource, q *request) (any, error) {
	_, err := update(t, q, func(next *resource) error {
		for up := next; up != nil && up.ParentID != ""; up = a.Resources[up.ParentID] {
			if up.ParentID == t.ID {
				return bad("Resource cannot be moved below itself")
			}
		}
		return a.checkPlace(next)
	})
	if err != nil {
		return nil, err
	}
	return a.shownAs(t, q), nil
}

func deleteResource(_ *region, a *api, t *resource, _ *request) (any, error) {
	if t.ID == a.RootResourceID {
		return nil, bad("Invalid Resource identifier specified: the root resource cannot be deleted")
	}
	a.fell(t.ID)
	return nil, nil
}

// fell removes a resource and all below it.
func (a *api) fell(id string) {
	delete(a.Resources, id)
	for _, t := range sorted(a.Resources) {
		if t.ParentID == id {
			a.fell(t.ID)
		}
	}
}

func listResources(_ *region, a *api, q *request) (any, error) {
	all := []shownResource{}
	for _, t := range sorted(a.Resources) {
		all = append(all, a.shownAs(t, q))
	}
	return page(q, all)
}
