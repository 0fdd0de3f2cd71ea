package lambda

import (
	"encoding/json"
	"slices"
	"strings"
)

// policy is the resource policy of a function, a version or an alias. It is stored, not evaluated.
type policy struct {
	Statements []statement
	RevisionID string
}

type statement struct {
	Sid       string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Principal any                          `json:"Principal"`
	Action    string                       `json:"Action"`
	Resource  string                       `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

type permission struct {
	StatementID, Action, Principal, RevisionID                                      string
	SourceArn, SourceAccount, PrincipalOrgID, EventSourceToken, FunctionURLAuthType string // conditions
}

// statement writes a permission as AWS writes it into a policy.
func (p permission) statement(resource string) statement {
	out := statement{Sid: p.StatementID, Effect: "Allow", Action: p.Action, Resource: resource}
	switch account := strings.Trim(p.Principal, "0123456789") == ""; {
	case p.Principal == "*":
		out.Principal = "*"
	case account:
		out.Principal = map[string]string{"AWS": "arn:aws:iam::" + p.Principal + ":root"}
	case strings.HasPrefix(p.Principal, "arn:"):
		out.Principal = map[string]string{"AWS": p.Principal}
	default:
		out.Principal = map[string]string{"Service": p.Principal}
	}
	only := func(operator, key, value string) {
		if value == "" {
			return
		}
		if out.Condition == nil {
			out.Condition = map[string]map[string]string{}
		}
		if out.Condition[operator] == nil {
			out.Condition[operator] = map[string]string{}
		}
		out.Condition[operator][key] = value
	}
	only("ArnLike", "AWS:SourceArn", p.SourceArn)
	only("StringEquals", "AWS:SourceAccount", p.SourceAccount)
	only("StringEquals", "aws:PrincipalOrgID", p.PrincipalOrgID)
	only("StringEquals", "lambda:EventSourceToken", p.EventSourceToken)
	only("StringEquals", "lambda:FunctionUrlAuthType", p.FunctionURLAuthType)
	return out
}

func (s *Service) addPermission(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	var in permission
	if err := q.into(&in); err != nil {
		return nil, err
	}
	for member, value := range map[string]string{"statementId": in.StatementID, "action": in.Action, "principal": in.Principal} {
		if value == "" {
			return nil, constraint(value, member, "Member must not be null")
		}
	}
	if _, err := f.at(q, qualifier); err != nil {
		return nil, err
	}
	p := f.Policies[qualifier]
	if p == nil {
		p = &policy{}
	}
	switch {
	case in.RevisionID != "" && in.RevisionID != p.RevisionID:
		return nil, stale()
	case p.index(in.StatementID) >= 0:
		return nil, conflict("The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", in.StatementID)
	}
	made := in.statement(f.arn(q, qualifier))
	p.Statements, p.RevisionID = append(p.Statements, made), s.world.UUID()
	f.Policies[qualifier] = p
	text, err := json.Marshal(made)
	return map[string]string{"Statement": string(text)}, err
}

func (p *policy) index(sid string) int {
	return slices.IndexFunc(p.Statements, func(st statement) bool { return st.Sid == sid })
}

func (s *Service) getPolicy(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	p := f.Policies[qualifier]
	if p == nil {
		return nil, missing("The resource you requested does not exist.")
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": p.Statements})
	return map[string]string{"Policy": string(text), "RevisionId": p.RevisionID}, err
}

func (s *Service) removePermission(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	if err != nil {
		return nil, err
	}
	p, sid := f.Policies[qualifier], q.http.PathValue("sid")
	i := -1
	if p != nil {
		i = p.index(sid)
	}
	if i < 0 {
		return nil, missing("Statement %s is not found in resource policy.", sid)
	}
	if p.Statements = slices.Delete(p.Statements, i, i+1); len(p.Statements) == 0 {
		delete(f.Policies, qualifier)
	}
	p.RevisionID = s.world.UUID()
	return nil, nil
}
