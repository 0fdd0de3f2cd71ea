package apigateway

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
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

// member finds a member of a struct that can be changed, by its JSON name.
func member(v reflect.Value, name string) reflect.Value {
	for _, f := range reflect.VisibleFields(v.Type()) {
		if known, _, _ := strings.Cut(f.Tag.Get("json"), ","); known == name && f.Tag.Get("patch") == "yes" {
			return v.FieldByIndex(f.Index)
		}
	}
	return reflect.Value{}
}

func (p patch) entry(v reflect.Value, path []string) error {
	switch {
	case len(path) == 0 && p.Op == "remove":
		v.SetZero()
		return nil
	case len(path) != 1:
		return p.invalid()
	case p.Op == "remove":
		if !v.IsNil() {
			v.SetMapIndex(reflect.ValueOf(path[0]), reflect.Value{})
		}
		return nil
	case v.IsNil():
		v.Set(reflect.MakeMap(v.Type()))
	}
	e := reflect.New(v.Type().Elem()).Elem()
	if err := p.scalar(e); err != nil {
		return err
	}
	v.SetMapIndex(reflect.ValueOf(path[0]), e)
	return nil
}

// element changes a list of texts. The path or else the value names an element, by itself or by its place.
func (p patch) element(texts *[]string, path []string) error {
	item := p.Value
	if len(path) > 0 {
		item = path[0]
	}
	at := slices.Index(*texts, item)
	if n, err := strconv.Atoi(item); at < 0 && err == nil && n >= 0 && n < len(*texts) {
		at = n
	}
	switch {
	case p.Op == "add" && at < 0:
		*texts = append(*texts, item)
	case p.Op == "remove" && at >= 0:
		*texts = slices.Delete(*texts, at, at+1)
	case p.Op == "remove" && item == "":
		*texts = nil
	case p.Op == "replace" && len(path) == 0:
		*texts = strings.Split(p.Value, ",")
	case p.Op == "replace" && at >= 0:
		(*texts)[at] = p.Value
	case p.Op == "replace":
		return p.invalid()
	}
	return nil
}

func (p patch) scalar(v reflect.Value) (err error) {
	if p.Op == "remove" {
		v.SetZero()
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(p.Value)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(p.Value)
		v.SetBool(b)
	case reflect.Int:
		var n int64
		n, err = strconv.ParseInt(p.Value, 10, 32)
		v.SetInt(n)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(p.Value, 64)
		v.SetFloat(f)
	default:
		return p.invalid()
	}
	if err != nil {
		return bad("Invalid patch value '%s' specified for path '%s'", p.Value, p.Path)
	}
	return nil
}
