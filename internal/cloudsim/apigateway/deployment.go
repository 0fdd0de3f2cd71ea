package apigateway

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// deployment is what an API was at one time.
type deployment struct {
	deploymentAnswer
	Root      string               // the root resource's id
	Resources map[string]*resource // shared with nothing
}

type deploymentAnswer struct {
	ID          string   `json:"id"`
	Description string   `json:"description,omitempty" patch:"yes"`
	CreatedDate *float64 `json:"createdDate"`
}

// snapshot copies what can be deployed, and refuses what cannot.
func (a *api) snapshot() (map[string]*resource, error) {
	methods := 0
	for _, t := range a.Resources {
		for _, m := range t.Methods {
			if m.Integration == nil {
				return nil, bad("No integration defined for method")
			}
			methods++
		}
	}
	if methods == 0 {
		return nil, bad("The REST API doesn't contain any methods")
	}
	return copied(a.Resources)
}

func (s *Service) createDeployment(_ *region, a *api, q *request) (any, error) {
	var in struct {
		Description, StageName, StageDescription string
		Variables                                map[string]string
		TracingEnabled                           bool
		CacheClusterEnabled                      bool
		CacheClusterSize                         string
		CanarySettings                           *struct{}
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.CanarySettings != nil {
		return nil, lacks("CreateDeployment with canarySettings")
	}
	resources, err := a.snapshot()
	if err != nil {
		return nil, err
	}
	d := &deployment{deploymentAnswer{s.id(6), in.Description, sim.Epoch(s.world.Now())}, a.RootResourceID, resources}
	put(&a.Deployments, d.ID, d)
	if old := a.Stages[in.StageName]; old != nil {
		old.DeploymentID, old.LastUpdatedDate = d.ID, sim.Epoch(s.world.Now())
	} else if in.StageName != "" {
		st := &stage{
			StageName: in.StageName, DeploymentID: d.ID, Description: in.StageDescription, Variables: in.Variables,
			TracingEnabled: in.TracingEnabled, CacheClusterEnabled: in.CacheClusterEnabled, CacheClusterSize: in.CacheClusterSize,
		}
		if err := s.keepStage(a, st); err != nil {
			delete(a.Deployments, d.ID)
			return nil, err
		}
	}
	return d.deploymentAnswer, nil
}

func (a *api) deployment(q *request) (*deployment, error) {
	if d := a.Deployments[q.http.PathValue("deployment")]; d != nil {
		return d, nil
	}
	return nil, missing("Deployment identifier")
}

func getDeployment(_ *region, a *api, q *request) (any, error) {
	d, err := a.deployment(q)
	if err != nil {
		return nil, err
	}
	if slices.Contains(q.query["embed"], "apisummary") {
		return struct {
			deploymentAnswer
			Summary map[string]map[string]any `json:"apiSummary"`
		}{d.deploymentAnswer, d.summary()}, nil
	}
	return d.deploymentAnswer, nil
}

// summary tells of each path's methods who may call them (Deployment, "apiSummary").
func (d *deployment) summary() map[string]map[string]any {
	at, out := &api{Resources: d.Resources}, map[string]map[string]any{}
	for _, t := range d.Resources {
		for name, m := range t.Methods {
			of := out[at.path(t)]
			put(&of, name, any(map[string]any{"authorizationType": m.AuthorizationType, "apiKeyRequired": m.APIKeyRequired}))
			out[at.path(t)] = of
		}
	}
	return out
}

func listDeployments(_ *region, a *api, q *request) (any, error) {
	all := []deploymentAnswer{}
	for _, d := range sorted(a.Deployments) {
		all = append(all, d.deploymentAnswer)
	}
	return page(q, all)
}

func updateDeployment(_ *region, a *api, q *request) (any, error) {
	d, err := a.deployment(q)
	if err != nil {
		return nil, err
	}
	return update(&d.deploymentAnswer, q, nil)
}

func deleteDeployment(_ *region, a *api, q *request) (any, error) {
	d, err := a.deployment(q)
	if err != nil {
		return nil, err
	}
	for _, st := range a.Stages {
		if st.DeploymentID == d.ID {
			return nil, bad("Active stages pointing to this deployment must be moved or deleted")
		}
	}
	delete(a.Deployments, d.ID)
	return nil, nil
}
