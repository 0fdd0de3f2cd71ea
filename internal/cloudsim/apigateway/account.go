package apigateway

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// account is an account's settings in a region (Account). The throttle is the default of API Gateway's quotas.
type account struct {
	CloudWatchRole string   `json:"cloudwatchRoleArn,omitempty" patch:"yes"`
	Throttle       throttle `json:"throttleSettings"`
	Features       []string `json:"features"`
	APIKeyVersion  string   `json:"apiKeyVersion"`
}

func (r *region) account() account {
	return account{r.CloudWatchRole, throttle{5000, 10000}, []string{"UsagePlans"}, "4"}
}

func getAccount(r *region, _ *request) (any, error) { return r.account(), nil }

var roleARN = regexp.MustCompile(`^arn:aws:iam::(\d{12}):role/(?:.*/)?([^/]+)$`)

func (s *Service) updateAccount(r *region, q *request) (any, error) {
	ops, err := q.patches()
	if err != nil {
		return nil, err
	}
	next := r.account()
	for _, p := range ops {
		if err := p.apply(reflect.ValueOf(&next).Elem(), p.segments()); err != nil {
			return nil, err
		}
	}
	if arn := next.CloudWatchRole; arn != "" {
		m := roleARN.FindStringSubmatch(arn)
		if m == nil || m[1] != q.Account {
			return nil, bad("Invalid cloudWatchRoleArn specified: %s", arn)
		}
		if s.roles != nil {
			if _, _, ok := s.roles.Role(m[1], m[2]); !ok {
				return nil, bad("The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.")
			}
		}
	}
	r.CloudWatchRole = next.CloudWatchRole
	return next, nil
}

// tagged gives the tags of what an ARN names: arn:aws:apigateway:REGION::/restapis/ID, its stages, API keys and usage plans.
func (r *region) tagged(q *request) (*map[string]string, error) {
	path, ok := strings.CutPrefix(q.http.PathValue("arn"), "arn:aws:apigateway:"+q.Region+"::/")
	if !ok {
		return nil, bad("Invalid ARN specified in the request: %s", q.http.PathValue("arn"))
	}
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "apikeys":
		if k := r.Keys[parts[1]]; k != nil {
			return &k.Tags, nil
		}
	case len(parts) == 2 && parts[0] == "usageplans":
		if p := r.Plans[parts[1]]; p != nil {
			return &p.Tags, nil
		}
	case len(parts) == 2 && parts[0] == "restapis":
		if a := r.APIs[parts[1]]; a != nil {
			return &a.Tags, nil
		}
	case len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		if a := r.APIs[parts[1]]; a != nil && a.Stages[parts[3]] != nil {
			return &a.Stages[parts[3]].Tags, nil
		}
	}
	return nil, missing("resource ARN")
}

func listTags(r *region, q *request) (any, error) {
	tags, err := r.tagged(q)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	maps.Copy(out, *tags)
	return map[string]any{"tags": out}, nil
}

func tag(r *region, q *request) (any, error) {
	tags, err := r.tagged(q)
	if err != nil {
		return nil, err
	}
	in := struct{ Tags map[string]string }{map[string]string{}}
	maps.Copy(in.Tags, *tags)
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if len(in.Tags) > 50 { // Developer Guide, "Tagging your API Gateway resources"
		return nil, bad("Tag limit exceeded: a resource can have up to 50 tags")
	}
	*tags = in.Tags
	return nil, nil
}

func untag(r *region, q *request) (any, error) {
	tags, err := r.tagged(q)
	if err == nil {
		maps.DeleteFunc(*tags, func(k, _ string) bool { return slices.Contains(q.query["tagKeys"], k) })
	}
	return nil, err
}
