package apigateway

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// stage is a name under which a deployment answers, as kept and as answered (Stage).
type stage struct {
	DeploymentID         string                    `json:"deploymentId" patch:"yes"`
	StageName            string                    `json:"stageName"`
	Description          string                    `json:"description,omitempty" patch:"yes"`
	ClientCertificateID  string                    `json:"clientCertificateId,omitempty" patch:"yes"`
	CacheClusterEnabled  bool                      `json:"cacheClusterEnabled" patch:"yes"`
	CacheClusterSize     string                    `json:"cacheClusterSize,omitempty" patch:"yes"`
	CacheClusterStatus   string                    `json:"cacheClusterStatus"`
	MethodSettings       map[string]*methodSetting `json:"methodSettings"` // by path/METHOD; */* is the whole stage
	Variables            map[string]string         `json:"variables,omitempty" patch:"yes"`
	DocumentationVersion string                    `json:"documentationVersion,omitempty" patch:"yes"`
	AccessLogSettings    *accessLog                `json:"accessLogSettings,omitempty" patch:"yes"`
	TracingEnabled       bool                      `json:"tracingEnabled" patch:"yes"`
	Tags                 map[string]string         `json:"tags,omitempty"`
	CreatedDate          *float64                  `json:"createdDate"`
	LastUpdatedDate      *float64                  `json:"lastUpdatedDate"`
}

type accessLog struct {
	Format         string `json:"format,omitempty" patch:"yes"`
	DestinationArn string `json:"destinationArn,omitempty" patch:"yes"`
}

// check refuses a stage of an API that AWS refuses.
func (st *stage) check(a *api) error {
	if !sim.Within(st.StageName, 1, 128) || !sim.Only(st.StageName, "_-") {
		return bad("Stage name only allows a-zA-Z0-9_-")
	}
	if a.Deployments[st.DeploymentID] == nil {
		return bad("Deployment id does not exist")
	}
	for k, v := range st.Variables {
		if k == "" || !sim.Only(k, "_") || !sim.Only(v, "-._~:/?#&=,") { // CreateStage, "variables"
			return bad("Stage variable name or value is invalid: %s. Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", k)
		}
	}
	if st.ClientCertificateID != "" {
		return bad("Invalid Client Certificate identifier specified: %s", st.ClientCertificateID)
	}
	st.CacheClusterStatus = "NOT_AVAILABLE"
	if st.CacheClusterEnabled {
		st.CacheClusterStatus = "AVAILABLE"
		if st.CacheClusterSize == "" {
			st.CacheClusterSize = "0.5"
		}
	}
	return nil
}

// keepStage adds a stage to an API.
func (s *Service) keepStage(a *api, st *stage) error {
	if err := st.check(a); err != nil {
		return err
	}
	if a.Stages[st.StageName] != nil {
		return conflict("Stage already exists")
	}
	if err := full(len(a.Stages), 10, "stages for this API"); err != nil {
		return err
	}
	st.CreatedDate = sim.Epoch(s.world.Now())
	st.LastUpdatedDate, st.MethodSettings = st.CreatedDate, map[string]*methodSetting{}
	put(&a.Stages, st.StageName, st)
	return nil
}

func (s *Service) createStage(_ *region, a *api, q *request) (any, error) {
	var in struct {
		stage
		CanarySettings *struct{} `json:"canarySettings"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.CanarySettings != nil {
		return nil, lacks("CreateStage with canarySettings")
	}
	st := &in.stage
	st.AccessLogSettings = nil // only updates set it
	return st, s.keepStage(a, st)
}

func (a *api) stage(q *request) (*stage, error) {
	if st := a.Stages[q.http.PathValue("stage")]; st != nil {
		return st, nil
	}
	return nil, missing("stage identifier")
}

func getStage(_ *region, a *api, q *request) (any, error) { return a.stage(q) }

// listStages shows all stages: GetStages has no pages.
func listStages(_ *region, a *api, q *request) (any, error) {
	all := []*stage{}
	for _, st := range sorted(a.Stages) {
		if id := q.query.Get("deploymentId"); id == "" || id == st.DeploymentID {
			all = append(all, st)
		}
	}
	return list[*stage]{Items: all}, nil
}

func deleteStage(r *region, a *api, q *request) (any, error) {
	st, err := a.stage(q)
	if err != nil {
		return nil, err
	}
	r.leavePlans(a.ID, st.StageName)
	delete(a.Stages, st.StageName)
	return nil, nil
}

func (s *Service) updateStage(r *region, a *api, q *request) (any, error) {
	st, err := a.stage(q)
	if err != nil {
		return nil, err
	}
	ops, err := q.patches()
	if err != nil {
		return nil, err
	}
	next, err := copied(*st)
	if err != nil {
		return nil, err
	}
	for _, p := range ops {
		if strings.HasPrefix(p.Path, "/canarySettings") {
			return nil, lacks("UpdateStage of canarySettings")
		}
		if err := next.patch(p, r.CloudWatchRole != ""); err != nil {
			return nil, err
		}
	}
	if err := next.check(a); err != nil {
		return nil, err
	}
	next.LastUpdatedDate = sim.Epoch(s.world.Now())
	*st = next
	return st, nil
}
