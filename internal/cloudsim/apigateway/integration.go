package apigateway

import (
	"cmp"
	"strings"
)

// integration is what a method calls, as kept and as answered (Integration).
type integration struct {
	Type                string                          `json:"type"`
	HTTPMethod          string                          `json:"httpMethod,omitempty" patch:"yes"`
	URI                 string                          `json:"uri,omitempty" patch:"yes"`
	ConnectionType      string                          `json:"connectionType,omitempty" patch:"yes"`
	ConnectionID        string                          `json:"connectionId,omitempty" patch:"yes"`
	Credentials         string                          `json:"credentials,omitempty" patch:"yes"`
	RequestParameters   map[string]string               `json:"requestParameters,omitempty" patch:"yes"`
	RequestTemplates    map[string]string               `json:"requestTemplates,omitempty" patch:"yes"`
	PassthroughBehavior string                          `json:"passthroughBehavior" patch:"yes"`
	ContentHandling     string                          `json:"contentHandling,omitempty" patch:"yes"`
	TimeoutInMillis     int                             `json:"timeoutInMillis" patch:"yes"`
	CacheNamespace      string                          `json:"cacheNamespace" patch:"yes"`
	CacheKeyParameters  []string                        `json:"cacheKeyParameters" patch:"yes"`
	TLSConfig           *tlsConfig                      `json:"tlsConfig,omitempty" patch:"yes"`
	Responses           map[string]*integrationResponse `json:"integrationResponses,omitempty"`
}

type tlsConfig struct {
	InsecureSkipVerification bool `json:"insecureSkipVerification" patch:"yes"`
}

func onIntegration(op methodOp) operation {
	return onMethod(func(t *resource, m *method, q *request) (any, error) {
		if m.Integration == nil {
			return nil, missing("Integration identifier")
		}
		return op(t, m, q)
	})
}

func (i *integration) fill(resourceID string) {
	i.PassthroughBehavior = cmp.Or(i.PassthroughBehavior, "WHEN_NO_MATCH")
	i.TimeoutInMillis = cmp.Or(i.TimeoutInMillis, 29000)
	i.CacheNamespace = cmp.Or(i.CacheNamespace, resourceID)
	if i.CacheKeyParameters == nil {
		i.CacheKeyParameters = []string{}
	}
	if strings.HasPrefix(i.Type, "HTTP") {
		i.ConnectionType = cmp.Or(i.ConnectionType, "INTERNET")
	}
}

// check refuses what AWS refuses (PutIntegration; Developer Guide, "Quotas": a timeout from 50 ms).
func (i *integration) check() error {
	switch i.Type {
	case "MOCK":
	case "HTTP", "HTTP_PROXY":
		if !strings.HasPrefix(i.URI, "http://") && !strings.HasPrefix(i.URI, "https://") {
			return bad("Invalid HTTP endpoint specified for URI")
		}
	case "AWS":
		if !strings.HasPrefix(i.URI, "arn:") {
			return bad("Invalid ARN specified in the request")
		}
	case "AWS_PROXY":
		if !strings.HasPrefix(i.URI, "arn:") || !strings.Contains(i.URI, ":lambda:") && !strings.Contains(i.URI, ":firehose:") {
			return bad("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
		}
	default:
		return bad("Invalid integration type specified. Must be one of: [HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY]")
	}
	switch {
	case i.Type != "MOCK" && i.HTTPMethod == "":
		return bad("Enumeration value for HttpMethod must be non-empty")
	case i.ConnectionType == "VPC_LINK":
		return bad("Invalid VPC link specified: the drill cloud has no VPC links")
	case i.TimeoutInMillis < 50:
		return bad("Timeout should be between 50 ms and 29000 ms")
	}
	switch i.PassthroughBehavior {
	case "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER":
		return nil
	}
	return bad("Invalid passthrough behavior specified. Must be one of: [WHEN_NO_MATCH, NEVER, WHEN_NO_TEMPLATES]")
}

// putIntegration replaces the method's integration, its responses too.
func putIntegration(t *resource, m *method, q *request) (any, error) {
	in := &integration{}
	if err := q.into(in); err != nil {
		return nil, err
	}
	in.Responses = nil
	in.fill(t.ID)
	if err := in.check(); err != nil {
		return nil, err
	}
	m.Integration = in
	return in, nil
}

func getIntegration(_ *resource, m *method, _ *request) (any, error) { return m.Integration, nil }

func updateIntegration(t *resource, m *method, q *request) (any, error) {
	return update(m.Integration, q, func(next *integration) error {
		next.fill(t.ID)
		return next.check()
	})
}

func deleteIntegration(_ *resource, m *method, _ *request) (any, error) {
	m.Integration = nil
	return nil, nil
}
