package ecr

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// writeRegistryError writes an error of the distribution API; those of the ECR API get its codes.
func writeRegistryError(w http.ResponseWriter, e *sim.Error) {
	code, status := e.Code, e.HTTPStatus()
	switch e.Code {
	case "RepositoryNotFoundException":
		code, status = "NAME_UNKNOWN", http.StatusNotFound
	case "AccessDeniedException":
		code, status = "DENIED", http.StatusForbidden
	case "ImageNotFoundException":
		code, status = "MANIFEST_UNKNOWN", http.StatusNotFound
	case "ImageTagAlreadyExistsException":
		code = "TAG_INVALID"
	case "LayersNotFoundException", "ReferencedImagesNotFoundException":
		code, status = "MANIFEST_BLOB_UNKNOWN", http.StatusNotFound
	case "InvalidParameterException":
		code = "MANIFEST_INVALID"
	}
	b, err := json.Marshal(map[string]any{"errors": []map[string]string{{"code": code, "message": e.Message}}})
	if err != nil {
		b = []byte(`{"errors":[{"code":"UNKNOWN"}]}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (s *Service) catalog(x *exchange) error {
	if x.caller.Account != x.scope.Account {
		return sim.Errorf("DENIED", "the repositories of another account are not listed").WithStatus(http.StatusForbidden)
	}
	s.mu.RLock()
	names := slices.Sorted(maps.Keys(s.state.Registries.In(x.scope).Repositories))
	s.mu.RUnlock()
	return x.writeList("repositories", names, nil)
}

func (s *Service) tagList(x *exchange) error {
	s.mu.RLock()
	r, err := s.repository(x, "ListImages")
	var tags []string
	if err == nil {
		tags = slices.Sorted(maps.Keys(r.Names))
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	return x.writeList("tags", tags, map[string]any{"name": x.name})
}

// writeList answers with a page of names, and a link to the next.
func (x *exchange) writeList(key string, names []string, doc map[string]any) error {
	q := x.URL.Query()
	n, _ := strconv.Atoi(q.Get("n")) // what is no number is the default
	if n < 1 || n > 1000 {
		n = 1000
	}
	names, next, err := page(names, n, q.Get("last"))
	if err != nil {
		return err
	}
	if next != "" {
		x.w.Header().Set("Link", "<"+x.URL.Path+"?n="+strconv.Itoa(n)+"&last="+url.QueryEscape(next)+`>; rel="next"`)
	}
	out := map[string]any{key: append([]string{}, names...)}
	maps.Copy(out, doc)
	sim.WriteJSON(x.w, "application/json", http.StatusOK, out)
	return nil
}
