package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/check/view"
)

// schema is a JSON schema of draft 4, as far as SARIF's uses it.
type schema struct {
	root map[string]any
	bad  []string
}

// validate compares a value with a part of the schema, and records what does not fit.
func (s *schema) validate(at string, rule map[string]any, v any) {
	if ref, ok := rule["$ref"].(string); ok {
		part := any(s.root)
		for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			part = part.(map[string]any)[key]
		}
		s.validate(at, part.(map[string]any), v)
		return
	}
	if want, ok := rule["type"].(string); ok && want != kind(v) && (want != "number" || kind(v) != "integer") {
		s.fail(at, "is %s, not %s", kind(v), want)
		return
	}
	if allowed, ok := rule["enum"].([]any); ok && !slices.Contains(allowed, v) {
		s.fail(at, "%v is not one of %v", v, allowed)
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if of, ok := rule[word].([]any); ok && !slices.ContainsFunc(of, func(one any) bool { return s.fits(one, v) }) {
			s.fail(at, "fits none of %s", word)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		s.object(at, rule, v)
	case []any:
		s.list(at, rule, v)
	case string:
		if p, ok := rule["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			s.fail(at, "%q does not match %s", v, p)
		}
	case float64:
		if least, ok := rule["minimum"].(float64); ok && v < least {
			s.fail(at, "%v is less than %v", v, least)
		}
		if most, ok := rule["maximum"].(float64); ok && v > most {
			s.fail(at, "%v is more than %v", v, most)
		}
	}
}

func (s *schema) object(at string, rule, v map[string]any) {
	properties, _ := rule["properties"].(map[string]any)
	for _, name := range all(rule["required"]) {
		if _, ok := v[name.(string)]; !ok {
			s.fail(at, "has no %s", name)
		}
	}
	for key, value := range v {
		part, ok := properties[key].(map[string]any)
		if more, closed := rule["additionalProperties"].(map[string]any); !ok && closed {
			part, ok = more, true
		}
		switch {
		case ok:
			s.validate(at+"."+key, part, value)
		case rule["additionalProperties"] == false:
			s.fail(at, "has a %s", key)
		}
	}
}

func (s *schema) list(at string, rule map[string]any, v []any) {
	if least, ok := rule["minItems"].(float64); ok && len(v) < int(least) {
		s.fail(at, "has %d elements", len(v))
	}
	for i, value := range v {
		if items, ok := rule["items"].(map[string]any); ok {
			s.validate(fmt.Sprintf("%s[%d]", at, i), items, value)
		}
		if rule["uniqueItems"] == true && slices.ContainsFunc(v[:i], func(o any) bool { return reflect.DeepEqual(o, value) }) {
			s.fail(at, "has element %d twice", i)
		}
	}
}

func (s *schema) fits(rule, v any) bool {
	one := &schema{root: s.root}
	one.validate("", rule.(map[string]any), v)
	return len(one.bad) == 0
}

func (s *schema) fail(at, format string, args ...any) {
	s.bad = append(s.bad, at+" "+fmt.Sprintf(format, args...))
}

func all(v any) []any {
	list, _ := v.([]any)
	return list
}

func kind(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

// sarifSchema is OASIS's own schema of SARIF 2.1.0 with errata 01.
func sarifSchema(t *testing.T) *schema {
	t.Helper()
	b, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	s := &schema{}
	if err == nil {
		err = json.Unmarshal(b, &s.root)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSARIFSchema keeps the promise that SARIF validates against OASIS's schema: the reports of the whole corpus do, and what is broken in them on
// purpose does not.
func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../testdata/corpus/*/labels")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d repositories, %v", len(names), err)
	}
	var out string
	for _, name := range names {
		repository := filepath.Base(filepath.Dir(name))
		out = text(t, func(b *bytes.Buffer) error { return view.SARIF(b, report(t, repository), "1.2.3") })
		if bad := against(t, out); len(bad) > 0 {
			t.Errorf("%s: %s", repository, strings.Join(bad, "\n"))
		}
	}
	for _, c := range [][2]string{
		{`"version": "2.1.0"`, `"version": "2.0.0"`},
		{`"level": "warning"`, `"level": "bad"`},
		{`"startLine": `, `"startLine": -`},
		{`"message": `, `"massage": `},
		{`"ruleIndex": `, `"ruleIndex": "x`},
		{`"driver": `, `"pilot": `},
	} {
		broken := strings.ReplaceAll(out, c[0], c[1])
		if strings.HasSuffix(c[1], `"x`) {
			broken = regexp.MustCompile(`"ruleIndex": "x(\d+)`).ReplaceAllString(broken, `"ruleIndex": "x$1"`)
		}
		if broken == out || len(against(t, broken)) == 0 {
			t.Errorf("%s instead of %s is not noticed", c[1], c[0])
		}
	}
}

func against(t *testing.T, document string) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	s := sarifSchema(t)
	s.validate("sarif", s.root, v)
	return s.bad
}
