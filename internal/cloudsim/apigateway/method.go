package apigateway

import (
	"slices"
	"strings"
)

// method is a method of a resource, as kept and as answered (Method).
type method struct {
	HTTPMethod          string                     `json:"httpMethod"`
	AuthorizationType   string                     `json:"authorizationType" patch:"yes"`
	AuthorizationScopes []string                   `json:"authorizationScopes,omitempty" patch:"yes"`
	APIKeyRequired      bool                       `json:"apiKeyRequired" patch:"yes"`
	OperationName       string                     `json:"operationName,omitempty" patch:"yes"`
	RequestParameters   map[string]bool            `json:"requestParameters,omitempty" patch:"yes"`
	RequestModels       map[string]string          `json:"requestModels,omitempty" patch:"yes"`
	Responses           map[string]*methodResponse `json:"methodResponses,omitempty"`
	Integration         *integration               `json:"methodIntegration,omitempty"`
}

// methodOp answers a call about one method. The resource's id is what integrations cache under.
type methodOp func(t *resource, m *method, q *request) (any, error)

func onMethod(op methodOp) operation {
	return onResource(func(_ *region, _ *api, t *resource, q *request) (any, error) {
		m := t.Methods[q.http.PathValue("method")]
		if m == nil {
			return nil, missing("Method identifier")
		}
		return op(t, m, q)
	})
}

func (m *method) check() error {
	switch m.AuthorizationType {
	case "NONE", "AWS_IAM":
	case "CUSTOM", "COGNITO_USER_POOLS": // there are no authorizers that it could name
		return bad("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
	default:
		return bad("Invalid authorization type specified. Must be one of: [NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS]")
	}
	for name := range m.RequestParameters {
		if !strings.HasPrefix(name, "method.request.") {
			return bad("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", name)
		}
	}
	return checkModels(m.RequestModels)
}

func putMethod(_ *region, _ *api, t *resource, q *request) (any, error) {
	var in struct {
		method
		AuthorizerID       string `json:"authorizerId"`
		RequestValidatorID string `json:"requestValidatorId"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	m := in.method
	m.HTTPMethod, m.Responses, m.Integration = q.http.PathValue("method"), nil, nil
	switch {
	case !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}, m.HTTPMethod):
		return nil, bad("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	case in.AuthorizerID != "":
		return nil, bad("Invalid authorizer ID specified: %s", in.AuthorizerID)
	case in.RequestValidatorID != "":
		return nil, bad("Invalid Request Validator identifier specified: %s", in.RequestValidatorID)
	case t.Methods[m.HTTPMethod] != nil:
		return nil, conflict("Method already exists for this resource")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	put(&t.Methods, m.HTTPMethod, &m)
	return m, nil
}

func getMethod(_ *resource, m *method, _ *request) (any, error) { return m, nil }

func updateMethod(_ *resource, m *method, q *request) (any, error) {
	return update(m, q, (*method).check)
}

func deleteMethod(_ *region, _ *api, t *resource, q *request) (any, error) {
	name := q.http.PathValue("method")
	if t.Methods[name] == nil {
		return nil, missing("Method identifier")
	}
	delete(t.Methods, name)
	return nil, nil
}
