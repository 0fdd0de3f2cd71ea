package iam

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// statement is what the form of a policy statement is checked by.
type statement struct {
	Effect       string `json:"Effect"`
	Action       any    `json:"Action"`
	NotAction    any    `json:"NotAction"`
	Resource     any    `json:"Resource"`
	NotResource  any    `json:"NotResource"`
	Principal    any    `json:"Principal"`
	NotPrincipal any    `json:"NotPrincipal"`
}

// checkDocument checks the form of a policy (IAM JSON policy elements reference). A trust policy names principals and no
// resource; every other policy names resources and no principal.
func checkDocument(doc string, trust bool) error {
	var p struct {
		Version   string          `json:"Version"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		return malformed("Syntax errors in policy.")
	}
	if p.Version != "" && p.Version != "2012-10-17" && p.Version != "2008-10-17" {
		return malformed("The policy must contain a valid version string")
	}
	statements, err := parseStatements(p.Statement)
	if err != nil || len(statements) == 0 {
		return malformed("Syntax errors in policy.")
	}
	for i := range statements {
		if err := statements[i].check(trust); err != nil {
			return err
		}
	}
	return nil
}

// parseStatements takes one statement or a list of them.
func parseStatements(raw json.RawMessage) ([]statement, error) {
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "[") {
		var list []statement
		err := json.Unmarshal(raw, &list)
		return list, err
	}
	var one statement
	err := json.Unmarshal(raw, &one)
	return []statement{one}, err
}

func (s *statement) check(trust bool) error {
	actions := texts(s.Action)
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return malformed("Syntax errors in policy.")
	case len(actions) == 0 && len(texts(s.NotAction)) == 0:
		return malformed("Policy statement must contain actions.")
	case trust && s.Principal == nil && s.NotPrincipal == nil:
		return malformed("Missing required field Principal")
	case trust && (s.Resource != nil || s.NotResource != nil):
		return malformed("Has prohibited field Resource")
	case trust && slices.ContainsFunc(actions, func(a string) bool { return a != "*" && !strings.HasPrefix(strings.ToLower(a), "sts:") }):
		return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
	case trust:
		return nil
	case s.Principal != nil || s.NotPrincipal != nil:
		return malformed("Policy document should not specify a principal.")
	case len(texts(s.Resource)) == 0 && len(texts(s.NotResource)) == 0:
		return malformed("Policy statement must contain resources.")
	case slices.ContainsFunc(actions, func(a string) bool { return a != "*" && !strings.Contains(a, ":") }):
		return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	case slices.ContainsFunc(texts(s.Resource), func(r string) bool { return r != "*" && !strings.HasPrefix(r, "arn:") }):
		return malformed(`Resource %s must be in ARN format or "*".`, strings.Join(texts(s.Resource), ", "))
	}
	return nil
}

// texts gives the strings of a member that is one string or a list of them.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

func malformed(format string, args ...any) error {
	return sim.Errorf("MalformedPolicyDocument", format, args...)
}

// size counts a document as the quotas do: without white space (IAM and STS quotas, "character limits").
func size(doc string) int {
	n := 0
	for _, r := range doc {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// encoded is how answers carry a policy document: percent-encoded by RFC 3986.
func encoded(doc string) string {
	return strings.ReplaceAll(url.QueryEscape(doc), "+", "%20")
}
