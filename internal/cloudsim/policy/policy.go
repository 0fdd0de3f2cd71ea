// Package policy reads resource policies: those of buckets and image repositories.
//
// Promise: it answers the one question on which the drill cloud evaluates policies: does a resource's policy let another account
// in? Allow statements are matched by principal, action and resource. Deny statements and conditions are not evaluated.
package policy

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Policy is a policy document (IAM User Guide, "Grammar of the IAM JSON policy language"), as far as it is read.
type Policy struct {
	Statement List[Statement] `json:"Statement"`
}

// Statement is one statement of a policy.
type Statement struct {
	Effect    string                     `json:"Effect"`
	Principal Principal                  `json:"Principal"`
	Action    List[string]               `json:"Action"`
	Resource  List[string]               `json:"Resource"` // empty where a policy is about the resource that has it
	Condition map[string]json.RawMessage `json:"Condition"`
}

// Principal is who a statement is about, as far as it is accounts and their roles and users; "*" is everybody.
type Principal struct {
	AWS List[string] `json:"AWS"`
}

// List is a JSON list that may be written as its only element.
type List[T any] []T

// UnmarshalJSON reads a list or one element.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(l))
	}
	*l = make(List[T], 1)
	return json.Unmarshal(b, &(*l)[0])
}

// UnmarshalJSON reads "*" or {"AWS": ...}.
func (p *Principal) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		p.AWS = List[string]{"*"}
		return nil
	}
	type plain Principal
	return json.Unmarshal(b, (*plain)(p))
}

// Parse reads a policy's text.
func Parse(text string) (Policy, error) {
	var p Policy
	err := json.Unmarshal([]byte(text), &p)
	return p, err
}

// Allows tells whether a policy's text lets an account do an action on a resource. No policy lets nobody in.
func Allows(text, account, action, resource string) bool {
	p, err := Parse(text)
	return err == nil && slices.ContainsFunc(p.Statement, func(s Statement) bool {
		return s.Effect == "Allow" && s.Principal.includes(account) && Match(s.Action, action) && (len(s.Resource) == 0 || Match(s.Resource, resource))
	})
}

// Public tells whether a policy lets everybody in. Any condition is taken for a restriction.
func (p Policy) Public() bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Principal.AWS, "*") && len(s.Condition) == 0
	})
}

func (p Principal) includes(account string) bool {
	return slices.ContainsFunc(p.AWS, func(a string) bool {
		return a == "*" || a == account || strings.HasPrefix(a, "arn:aws:iam::"+account+":") || strings.HasPrefix(a, "arn:aws:sts::"+account+":")
	})
}

// Match matches text against IAM patterns: * is any text, ? is one character.
func Match(patterns []string, text string) bool {
	text = strings.ReplaceAll(text, "/", "\x00") // path.Match stops its * at a slash
	return slices.ContainsFunc(patterns, func(p string) bool {
		p = strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`).Replace(p)
		ok, err := path.Match(p, text)
		return ok && err == nil
	})
}
