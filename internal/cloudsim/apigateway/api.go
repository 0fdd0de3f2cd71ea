package apigateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// restAPI is an API as answers show it (RestApi).
type restAPI struct {
	ID                        string            `json:"id"`
	Name                      string            `json:"name" patch:"yes"`
	Description               string            `json:"description,omitempty" patch:"yes"`
	CreatedDate               *float64          `json:"createdDate"`
	Version                   string            `json:"version,omitempty"`
	BinaryMediaTypes          []string          `json:"binaryMediaTypes,omitempty" patch:"yes"`
	MinimumCompressionSize    *int              `json:"minimumCompressionSize,omitempty" patch:"yes"`
	APIKeySource              string            `json:"apiKeySource" patch:"yes"`
	EndpointConfiguration     endpoint          `json:"endpointConfiguration" patch:"yes"`
	Policy                    string            `json:"policy,omitempty" patch:"yes"`
	Tags                      map[string]string `json:"tags,omitempty"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint" patch:"yes"`
	RootResourceID            string            `json:"rootResourceId"`
}

type endpoint struct {
	Types          []string `json:"types" patch:"yes"`
	IPAddressType  string   `json:"ipAddressType" patch:"yes"`
	VPCEndpointIDs []string `json:"vpcEndpointIds,omitempty" patch:"yes"`
}

// api is an API with what is in it.
type api struct {
	restAPI
	Resources   map[string]*resource
	Deployments map[string]*deployment
	Stages      map[string]*stage
}

// onAPI makes an operation of one on the API that the path names.
func onAPI(op func(r *region, a *api, q *request) (any, error)) operation {
	return func(r *region, q *request) (any, error) {
		id := q.http.PathValue("api")
		a := r.APIs[id]
		if a == nil {
			return nil, sim.Errorf("NotFoundException", "Invalid API identifier specified %s:%s", q.Account, id).WithStatus(http.StatusNotFound)
		}
		return op(r, a, q)
	}
}

// shown is the API as an answer: API Gateway escapes a policy's quotes once more.
func (a *api) shown() restAPI {
	out := a.restAPI
	if text, err := json.Marshal(out.Policy); err == nil {
		out.Policy = strings.Trim(string(text), `"`)
	}
	return out
}

func (s *Service) createAPI(r *region, q *request) (any, error) {
	if q.query.Get("mode") != "" {
		return nil, lacks("ImportRestApi")
	}
	var in struct {
		restAPI
		CloneFrom string `json:"cloneFrom"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.CloneFrom != "" {
		return nil, lacks("CreateRestApi with cloneFrom")
	}
	a := &api{restAPI: in.restAPI}
	a.fill()
	if err := a.check(); err != nil {
		return nil, err
	}
	if err := full(len(r.APIs), 600, "REST APIs for this account"); err != nil { // regional ones; AWS takes 120 edge-optimised
		return nil, err
	}
	a.ID, a.RootResourceID, a.CreatedDate = s.id(10), s.id(10), sim.Epoch(s.world.Now())
	a.Resources = map[string]*resource{a.RootResourceID: {ID: a.RootResourceID}}
	put(&r.APIs, a.ID, a)
	return a.shown(), nil
}

// fill sets what the caller left out (CreateRestApi).
func (a *restAPI) fill() {
	if a.APIKeySource == "" {
		a.APIKeySource = "HEADER"
	}
	if len(a.EndpointConfiguration.Types) == 0 {
		a.EndpointConfiguration.Types = []string{"EDGE"}
	}
	if a.EndpointConfiguration.IPAddressType == "" {
		a.EndpointConfiguration.IPAddressType = "ipv4"
		if slices.Contains(a.EndpointConfiguration.Types, "PRIVATE") {
			a.EndpointConfiguration.IPAddressType = "dualstack"
		}
	}
}

func (a *restAPI) check() error {
	switch {
	case strings.TrimSpace(a.Name) == "":
		return bad("API name cannot be empty")
	case a.APIKeySource != "HEADER" && a.APIKeySource != "AUTHORIZER":
		return bad("Invalid API key source specified. Must be one of: [HEADER, AUTHORIZER]")
	case a.MinimumCompressionSize != nil && (*a.MinimumCompressionSize < 0 || *a.MinimumCompressionSize > 10<<20):
		return bad("Invalid minimum compression size, must be between 0 and 10485760")
	case a.Policy != "" && !json.Valid([]byte(a.Policy)):
		return bad("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	for _, t := range a.EndpointConfiguration.Types {
		if t != "EDGE" && t != "REGIONAL" && t != "PRIVATE" {
			return bad("Invalid endpoint type specified: %s", t)
		}
	}
	return nil
}

func listAPIs(r *region, q *request) (any, error) {
	all := []restAPI{}
	for _, a := range sorted(r.APIs) {
		all = append(all, a.shown())
	}
	return page(q, all)
}

func getAPI(_ *region, a *api, _ *request) (any, error) { return a.shown(), nil }

func updateAPI(_ *region, a *api, q *request) (any, error) {
	if _, err := update(&a.restAPI, q, (*restAPI).check); err != nil {
		return nil, err
	}
	return a.shown(), nil
}

func deleteAPI(r *region, a *api, _ *request) (any, error) {
	for name := range a.Stages {
		r.leavePlans(a.ID, name)
	}
	delete(r.APIs, a.ID)
	return nil, nil
}
