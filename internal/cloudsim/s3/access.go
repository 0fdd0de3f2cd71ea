package s3

import (
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// errGone is a call whose connection was ended without an answer, because its bucket's region is lost.
var errGone = errors.New("the bucket's region is lost")

// admit tells whether a call may reach its bucket.
func (s *Service) admit(r *request, op operation) error {
	s.mu.RLock()
	b := s.state.Buckets[r.bucket]
	var scope sim.Scope
	var allowed bool
	if b != nil {
		scope, allowed = b.scope(), b.allows(r.call, op.action, r.key)
	}
	s.mu.RUnlock()
	if b == nil {
		return noSuchBucket()
	}
	if s.world.Vanish(r.w, r.Request, scope) {
		return errGone
	}
	if r.key == "" || scope.Region != r.call.Region {
		r.w.Header().Set("X-Amz-Bucket-Region", scope.Region)
	}
	switch want := r.Header.Get("X-Amz-Expected-Bucket-Owner"); {
	case scope.Region != r.call.Region && (op.name != "GetBucketLocation" || r.call.Region != "us-east-1"):
		e := fail(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the "+
			"specified endpoint. Please send all future requests to this endpoint.")
		e.Extra = map[string]any{"Endpoint": r.bucket + ".s3." + scope.Region + ".amazonaws.com"}
		return e
	case want != "" && want != scope.Account:
		return fail(http.StatusForbidden, "AccessDenied", "Access Denied")
	case !allowed:
		return denied(r.call, op.action, r.bucket, r.key)
	}
	return nil
}

func denied(c *sim.Call, action, bucket, key string) *sim.Error {
	return fail(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: %s on resource: %q because no resource-based policy allows the %s action",
		c.CallerARN, action, arn(bucket, key), action)
}

func arn(bucket, key string) string {
	return strings.TrimSuffix("arn:aws:s3:::"+bucket+"/"+key, "/")
}

// allows tells whether the owner calls, or the operation asks for itself (without an action here), or an account that the bucket's policy lets in: an Allow statement whose
// principal is everybody or the caller's account (or a role or user of it), whose action and resource match.
// Deny statements and conditions are not evaluated.
func (b *bucket) allows(c *sim.Call, action, key string) bool {
	if b.Account == c.Account || action == "" {
		return true
	}
	p, err := parsePolicy(b.Settings["policy"].Body)
	return err == nil && slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && s.Principal.includes(c.Account) && matchAny(s.Action, action) && matchAny(s.Resource, arn(b.Name, key))
	})
}

type policy struct {
	Statement list[statement] `json:"Statement"`
}

type statement struct {
	Effect    string                     `json:"Effect"`
	Principal principal                  `json:"Principal"`
	Action    list[string]               `json:"Action"`
	Resource  list[string]               `json:"Resource"`
	Condition map[string]json.RawMessage `json:"Condition"`
}

// list is a JSON list that may be written as its only element.
type list[T any] []T

// UnmarshalJSON reads a list or one element.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(l))
	}
	*l = make(list[T], 1)
	return json.Unmarshal(b, &(*l)[0])
}

// principal is the AWS principals of a statement; "*" is everybody.
type principal struct {
	AWS list[string] `json:"AWS"`
}

// UnmarshalJSON reads "*" or {"AWS": ...}.
func (p *principal) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		p.AWS = list[string]{"*"}
		return nil
	}
	type plain principal
	return json.Unmarshal(b, (*plain)(p))
}

func (p principal) includes(account string) bool {
	return slices.ContainsFunc(p.AWS, func(a string) bool {
		return a == "*" || a == account || strings.HasPrefix(a, "arn:aws:iam::"+account+":") || strings.HasPrefix(a, "arn:aws:sts::"+account+":")
	})
}

func parsePolicy(text string) (policy, error) {
	var p policy
	err := json.Unmarshal([]byte(text), &p)
	return p, err
}

// public tells whether a policy lets everybody in. Any condition is taken for a restriction.
func (p policy) public() bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Principal.AWS, "*") && len(s.Condition) == 0
	})
}

// matchAny matches text against IAM patterns: * is any text, ? is one character.
func matchAny(patterns []string, text string) bool {
	text = strings.ReplaceAll(text, "/", "\x00") // path.Match stops its * at a slash
	return slices.ContainsFunc(patterns, func(p string) bool {
		p = strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`).Replace(p)
		ok, err := path.Match(p, text)
		return ok && err == nil
	})
}
