package apigateway

import (
	"encoding/json"
	"reflect"
	"strings"
)

// patch is one operation of an update (PatchOperation). Values are always text.
type patch struct{ Op, Path, Value string }

// patches reads an update's operations; AWS takes add, replace and remove nearly everywhere, copy only for canaries.
func (q *request) patches() ([]patch, error) {
	var in struct {
		Operations []patch `json:"patchOperations"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	for _, p := range in.Operations {
		if p.Op != "add" && p.Op != "replace" && p.Op != "remove" {
			return nil, bad("Invalid patch operation specified. Must be one of: [add, remove, replace]: %q", p.Op)
		}
	}
	return in.Operations, nil
}

// update changes what old points to as a request says, all of it or nothing, and shows it. Members with the tag patch:"yes" can be
// changed. check may refuse what came of it.
func update[T any](old *T, q *request, check func(next *T) error) (any, error) {
	ops, err := q.patches()
	if err != nil {
		return nil, err
	}
	next, err := copied(*old)
	if err != nil {
		return nil, err
	}
	for _, p := range ops {
		if err := p.apply(reflect.ValueOf(&next).Elem(), p.segments()); err != nil {
			return nil, err
		}
	}
	if check != nil {
		if err := check(&next); err != nil {
			return nil, err
		}
	}
	*old = next
	return old, nil
}

// copied gives a value that shares nothing with v.
func copied[T any](v T) (out T, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// segments are the parts of a JSON pointer (RFC 6901).
func (p patch) segments() []string {
	parts := strings.Split(strings.TrimPrefix(p.Path, "/"), "/")
	for i := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(parts[i])
	}
	return parts
}

func (p patch) invalid() error {
	return bad("Invalid patch path  '%s' specified for op '%s'.", p.Path, p.Op)
}

// apply does the operation on the member of v that path leads to.
func (p patch) apply(v reflect.Value, path []string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if len(path) == 0 && (p.Op == "remove" || p.Value == "") {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return p.apply(v.Elem(), path)
	case reflect.Struct:
		if len(path) > 0 {
			if f := member(v, path[0]); f.IsValid() {
				return p.apply(f, path[1:])
			}
		}
	case reflect.Map:
		return p.entry(v, path)
	case reflect.Slice:
		if texts, ok := reflect.TypeAssert[*[]string](v.Addr()); ok && len(path) <= 1 {
			return p.element(texts, path)
		}
	default:
		if len(path) == 0 {
			return p.scalar(v)
		}
	}
	return p.invalid()
}
