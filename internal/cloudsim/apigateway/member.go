package apigateway

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

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
