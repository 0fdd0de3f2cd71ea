package apigateway

import (
	"regexp"
	"strings"
)

type methodResponse struct {
	StatusCode         string            `json:"statusCode"`
	ResponseParameters map[string]bool   `json:"responseParameters,omitempty" patch:"yes"`
	ResponseModels     map[string]string `json:"responseModels,omitempty" patch:"yes"`
}

var statusCode = regexp.MustCompile(`^[1-5]\d\d$`) // a StatusCode of the API reference

func (r *methodResponse) check() error {
	if !statusCode.MatchString(r.StatusCode) {
		return bad("Invalid status code specified: %s", r.StatusCode)
	}
	for name := range r.ResponseParameters {
		if !strings.HasPrefix(name, "method.response.header.") {
			return bad("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", name)
		}
	}
	return checkModels(r.ResponseModels)
}

func putMethodResponse(_ *resource, m *method, q *request) (any, error) {
	var in methodResponse
	if err := q.into(&in); err != nil {
		return nil, err
	}
	in.StatusCode = q.http.PathValue("status")
	if err := in.check(); err != nil {
		return nil, err
	}
	if m.Responses[in.StatusCode] != nil {
		return nil, conflict("Response already exists for this resource")
	}
	put(&m.Responses, in.StatusCode, &in)
	return in, nil
}

func (m *method) response(q *request) (*methodResponse, error) {
	if r := m.Responses[q.http.PathValue("status")]; r != nil {
		return r, nil
	}
	return nil, missing("Response status code")
}

func getMethodResponse(_ *resource, m *method, q *request) (any, error) { return m.response(q) }

func updateMethodResponse(_ *resource, m *method, q *request) (any, error) {
	r, err := m.response(q)
	if err != nil {
		return nil, err
	}
	return update(r, q, (*methodResponse).check)
}

func deleteMethodResponse(_ *resource, m *method, q *request) (any, error) {
	r, err := m.response(q)
	if err == nil {
		delete(m.Responses, r.StatusCode)
	}
	return nil, err
}
