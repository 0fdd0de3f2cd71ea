package apigateway

import (
	"regexp"
)

type integrationResponse struct {
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   string            `json:"selectionPattern,omitempty" patch:"yes"`
	ResponseParameters map[string]string `json:"responseParameters,omitempty" patch:"yes"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty" patch:"yes"`
	ContentHandling    string            `json:"contentHandling,omitempty" patch:"yes"`
}

// checkResponse refuses an answer that the method does not declare.
func (m *method) checkResponse(r *integrationResponse) error {
	declared := m.Responses[r.StatusCode]
	if declared == nil {
		return missing("Response status code")
	}
	if _, err := regexp.Compile(r.SelectionPattern); err != nil {
		return bad("Invalid selection pattern specified: %v", err)
	}
	for name := range r.ResponseParameters {
		if _, ok := declared.ResponseParameters[name]; !ok {
			return bad("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: %s]", name)
		}
	}
	return nil
}

func putIntegrationResponse(_ *resource, m *method, q *request) (any, error) {
	in := &integrationResponse{}
	if err := q.into(in); err != nil {
		return nil, err
	}
	in.StatusCode = q.http.PathValue("status")
	if err := m.checkResponse(in); err != nil {
		return nil, err
	}
	put(&m.Integration.Responses, in.StatusCode, in)
	return in, nil
}

func (i *integration) response(q *request) (*integrationResponse, error) {
	if r := i.Responses[q.http.PathValue("status")]; r != nil {
		return r, nil
	}
	return nil, missing("Response status code")
}

func getIntegrationResponse(_ *resource, m *method, q *request) (any, error) {
	return m.Integration.response(q)
}

func updateIntegrationResponse(_ *resource, m *method, q *request) (any, error) {
	r, err := m.Integration.response(q)
	if err != nil {
		return nil, err
	}
	return update(r, q, m.checkResponse)
}

func deleteIntegrationResponse(_ *resource, m *method, q *request) (any, error) {
	r, err := m.Integration.response(q)
	if err == nil {
		delete(m.Integration.Responses, r.StatusCode)
	}
	return nil, err
}
