package statebackend

import (
	"encoding/json"
	"fmt"
	"slices"
)

const policyVersion = "2012-10-17"

// policy is a bucket policy, whose statements we keep as they are.
type policy struct {
	Version   string            `json:"Version"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

func parsePolicy(text string) (*policy, error) {
	var loose struct {
		Version   string          `json:"Version"`
		ID        string          `json:"Id"`
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &loose); err != nil {
		return nil, fmt.Errorf("the bucket's policy is not JSON: %w", err)
	}
	p := &policy{Version: loose.Version, ID: loose.ID}
	if json.Unmarshal(loose.Statement, &p.Statement) != nil { // a single statement may stand without its list
		p.Statement = []json.RawMessage{loose.Statement}
	}
	return p, nil
}

// statement is what we look at in one.
type statement struct {
	Effect    string                      `json:"Effect"`
	Principal any                         `json:"Principal"`
	Action    words                       `json:"Action"`
	Resource  words                       `json:"Resource"`
	Condition map[string]map[string]words `json:"Condition"`
}

// words is a string or a list of strings; booleans may stand for their words.
type words []string

// UnmarshalJSON reads either form. Other forms are no words.
func (w *words) UnmarshalJSON(b []byte) error {
	var one any
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	list, ok := one.([]any)
	if !ok {
		list = []any{one}
	}
	*w = nil
	for _, x := range list {
		*w = append(*w, fmt.Sprint(x))
	}
	return nil
}

func resources(bucket string) []string {
	arn := "arn:aws:s3:::" + bucket
	return []string{arn, arn + "/*"}
}

// tlsOnly tells whether a statement denies everybody everything without TLS.
func (p *policy) tlsOnly(bucket string) bool {
	return slices.ContainsFunc(p.Statement, func(raw json.RawMessage) bool {
		var s statement
		if json.Unmarshal(raw, &s) != nil || s.Effect != "Deny" || !everybody(s.Principal) {
			return false
		}
		if !slices.Contains(s.Action, "s3:*") && !slices.Contains(s.Action, "*") {
			return false
		}
		for _, r := range resources(bucket) {
			if !slices.Contains(s.Resource, r) && !slices.Contains(s.Resource, "*") {
				return false
			}
		}
		// A second condition would let some calls pass.
		return len(s.Condition) == 1 && len(s.Condition["Bool"]) == 1 && slices.Equal(s.Condition["Bool"]["aws:SecureTransport"], words{"false"})
	})
}

func everybody(principal any) bool {
	if m, ok := principal.(map[string]any); ok {
		principal = m["AWS"]
	}
	list, ok := principal.([]any)
	return principal == "*" || ok && slices.Contains(list, any("*"))
}

// withTLSOnly is the policy with our statement added.
func (p *policy) withTLSOnly(bucket string) (string, error) {
	ours, err := json.Marshal(map[string]any{
		"Sid": "LifeboatTLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources(bucket),
		"Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
	})
	if err != nil {
		return "", err
	}
	out := *p
	out.Statement = append(slices.Clone(p.Statement), ours)
	b, err := json.Marshal(out)
	return string(b), err
}
