package iam

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// list is an XML list of the query protocol; unlike a bare slice it is written when it is empty too.
type list[T any] struct {
	Members []T `xml:"member"`
}

// pageInfo ends every paged answer.
type pageInfo struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// page cuts what MaxItems and Marker ask for out of items, in the order of their keys. A marker is the last key of the page
// before, so that changes between two pages lose nothing.
func page[T any](in url.Values, items []T, key func(T) string) (list[T], pageInfo, error) {
	limit := 100
	if s := in.Get("MaxItems"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 1000 {
			return list[T]{}, pageInfo{}, invalid("MaxItems is 1 to 1000, not %q", s)
		}
		limit = n
	}
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if m := in.Get("Marker"); m != "" {
		last, err := base64.RawURLEncoding.DecodeString(m)
		if err != nil {
			return list[T]{}, pageInfo{}, invalid("Invalid Marker: %q", m)
		}
		items = slices.DeleteFunc(items, func(t T) bool { return key(t) <= string(last) })
	}
	if len(items) <= limit {
		return list[T]{items}, pageInfo{}, nil
	}
	items = items[:limit]
	return list[T]{items}, pageInfo{IsTruncated: true, Marker: base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))}, nil
}

// tag is a key and its value.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// tags reads Tags.member.N. An account's object has 50 at most (IAM and STS quotas).
func tags(in url.Values) ([]tag, error) {
	var out []tag
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i) + "."
		if !in.Has(prefix + "Key") {
			return out, nil
		}
		t := tag{in.Get(prefix + "Key"), in.Get(prefix + "Value")}
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return nil, invalid("a tag's key is 1 to 128 characters, its value 256 at most: %q", t.Key)
		}
		if slices.ContainsFunc(out, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) }) {
			return nil, sim.Errorf("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		out = append(out, t)
	}
}

// merge puts tags over those that are there.
func merge(old, more []tag) ([]tag, error) {
	old = slices.Clone(old)
	for _, t := range more {
		if i := slices.IndexFunc(old, func(o tag) bool { return strings.EqualFold(o.Key, t.Key) }); i >= 0 {
			old[i] = t
		} else {
			old = append(old, t)
		}
	}
	if len(old) > 50 {
		return nil, limit("TagsPerResource", 50)
	}
	return old, nil
}

// without takes away the tags that TagKeys.member.N name.
func without(old []tag, in url.Values) []tag {
	keys := members(in, "TagKeys")
	return slices.DeleteFunc(old, func(t tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, t.Key) })
	})
}

// members reads name.member.N.
func members(in url.Values, name string) []string {
	var out []string
	for i := 1; ; i++ {
		v := in.Get(name + ".member." + strconv.Itoa(i))
		if v == "" {
			return out
		}
		out = append(out, v)
	}
}

// checkName checks the form that names of roles (64 characters) and policies (128) have.
func checkName(member, name string, longest int) error {
	if len(name) > longest || !sim.IsName(name) {
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{1,%d}", name, member, longest)
	}
	return nil
}

// pathOf reads a Path, which begins and ends with a slash.
func pathOf(in url.Values) (string, error) {
	p := in.Get("Path")
	if p == "" {
		return "/", nil
	}
	if len(p) > 512 || !strings.HasPrefix(p, "/") || !strings.HasSuffix(p, "/") {
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return p, nil
}

func invalid(format string, args ...any) error { return sim.Errorf("ValidationError", format, args...) }

func missing(format string, args ...any) error {
	return sim.Errorf("NoSuchEntity", format, args...).WithStatus(http.StatusNotFound)
}

func conflict(code, format string, args ...any) error {
	return sim.Errorf(code, format, args...).WithStatus(http.StatusConflict)
}

func limit(quota string, n int) error {
	return conflict("LimitExceeded", "Cannot exceed quota for %s: %d", quota, n)
}
