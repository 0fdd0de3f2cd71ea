package apigateway

import (
	"reflect"
	"slices"
	"strings"
)

// usagePlan is who may call what how often, as answered (UsagePlan).
type usagePlan struct {
	ID          string            `json:"id"`
	Name        string            `json:"name" patch:"yes"`
	Description string            `json:"description,omitempty" patch:"yes"`
	ProductCode string            `json:"productCode,omitempty" patch:"yes"`
	APIStages   []*apiStage       `json:"apiStages"`
	Throttle    *throttle         `json:"throttle,omitempty" patch:"yes"`
	Quota       *quota            `json:"quota,omitempty" patch:"yes"`
	Tags        map[string]string `json:"tags,omitempty"`
}

type apiStage struct {
	APIID    string               `json:"apiId"`
	Stage    string               `json:"stage"`
	Throttle map[string]*throttle `json:"throttle,omitempty"` // by /path/METHOD
}

func (t *apiStage) name() string { return t.APIID + ":" + t.Stage }

// throttle is a token bucket. Zero is no limit of its own.
type throttle struct {
	BurstLimit int     `json:"burstLimit" patch:"yes"`
	RateLimit  float64 `json:"rateLimit" patch:"yes"` // calls a second
}

// quota is how many calls a key has in a period, which begins Offset days into the week or month.
type quota struct {
	Limit  int    `json:"limit" patch:"yes"`
	Offset int    `json:"offset" patch:"yes"`
	Period string `json:"period" patch:"yes"`
}

// plan is a usage plan with its keys and what they used.
type plan struct {
	usagePlan
	Keys    []string                  // ids
	Buckets map[string]*bucket        // by key id, and the method where it has a limit of its own
	Usage   map[string]map[string]int // calls by key id and day (2026-11-23, UTC)
}

func onPlan(op func(r *region, p *plan, q *request) (any, error)) operation {
	return func(r *region, q *request) (any, error) {
		p := r.Plans[q.http.PathValue("plan")]
		if p == nil {
			return nil, missing("Usage Plan ID")
		}
		return op(r, p, q)
	}
}

// at finds a stage of the plan by API:STAGE.
func (p *usagePlan) at(name string) *apiStage {
	for _, t := range p.APIStages {
		if t.name() == name {
			return t
		}
	}
	return nil
}

func (p *usagePlan) check(r *region) error {
	if strings.TrimSpace(p.Name) == "" {
		return bad("Usage Plan name cannot be blank")
	}
	for _, t := range p.APIStages {
		switch a := r.APIs[t.APIID]; {
		case a == nil:
			return missing("API identifier")
		case a.Stages[t.Stage] == nil:
			return bad("API Stage not found: %s", t.name())
		}
	}
	if p.Throttle != nil && (p.Throttle.BurstLimit < 0 || p.Throttle.RateLimit < 0) {
		return bad("Usage Plan throttle limits must not be negative")
	}
	return p.Quota.check()
}

// check refuses a quota that AWS refuses; the offsets are the days of each period.
func (q *quota) check() error {
	if q == nil {
		return nil
	}
	most := 0
	switch q.Period {
	case "DAY":
	case "WEEK":
		most = 6
	case "MONTH":
		most = 27
	default:
		return bad("Usage Plan quota period must be one of: [DAY, WEEK, MONTH]")
	}
	switch {
	case q.Limit < 1:
		return bad("Usage Plan quota limit must be greater than zero")
	case q.Offset < 0 || q.Offset > most:
		return bad("Usage Plan quota offset must be between 0 and %d inclusive in the %s period", most, q.Period)
	}
	return nil
}

func (s *Service) createPlan(r *region, q *request) (any, error) {
	p := &plan{}
	if err := q.into(&p.usagePlan); err != nil {
		return nil, err
	}
	if err := p.check(r); err != nil {
		return nil, err
	}
	if err := full(len(r.Plans), 300, "usage plans for this account"); err != nil {
		return nil, err
	}
	p.ID = s.id(6)
	if p.APIStages == nil {
		p.APIStages = []*apiStage{}
	}
	put(&r.Plans, p.ID, p)
	return p.usagePlan, nil
}

func getPlan(_ *region, p *plan, _ *request) (any, error) { return p.usagePlan, nil }

func listPlans(r *region, q *request) (any, error) {
	all := []usagePlan{}
	for _, p := range sorted(r.Plans) {
		if !q.query.Has("keyId") || slices.Contains(p.Keys, q.query.Get("keyId")) {
			all = append(all, p.usagePlan)
		}
	}
	return page(q, all)
}

func updatePlan(r *region, p *plan, q *request) (any, error) {
	ops, err := q.patches()
	if err != nil {
		return nil, err
	}
	next, err := copied(p.usagePlan)
	if err != nil {
		return nil, err
	}
	for _, o := range ops {
		path := o.segments()
		if path[0] == "apiStages" {
			err = next.patchStage(o, path[1:])
		} else {
			err = o.apply(reflect.ValueOf(&next).Elem(), path)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := next.check(r); err != nil {
		return nil, err
	}
	p.usagePlan = next
	return next, nil
}

// patchStage adds or removes a stage (the value is API:STAGE), or changes its methods' limits:
// API:STAGE/throttle/PATH/METHOD/rateLimit, where remove also takes the whole throttle or one method's.
func (p *usagePlan) patchStage(o patch, path []string) error {
	if len(path) == 0 {
		at := p.at(o.Value)
		switch {
		case o.Op == "add" && at != nil:
			return conflict("API Stage %s is already associated with usage plan %s", o.Value, p.ID)
		case o.Op == "add":
			id, name, _ := strings.Cut(o.Value, ":")
			p.APIStages = append(p.APIStages, &apiStage{APIID: id, Stage: name})
		case o.Op == "remove" && at != nil:
			p.APIStages = slices.DeleteFunc(p.APIStages, func(t *apiStage) bool { return t == at })
		case o.Op == "remove":
			return missing("API Stage")
		default:
			return o.invalid()
		}
		return nil
	}
	t := p.at(path[0])
	switch {
	case t == nil:
		return missing("API Stage")
	case len(path) < 2 || path[1] != "throttle":
		return o.invalid()
	}
	return t.patch(o, path[2:])
}

func (t *apiStage) patch(o patch, path []string) error {
	if o.Op == "remove" && len(path) == 0 {
		t.Throttle = nil
		return nil
	}
	if len(path) < 2 || len(path) > 3 {
		return o.invalid()
	}
	key := path[0] + "/" + path[1]
	if len(path) == 2 {
		if o.Op != "remove" {
			return o.invalid()
		}
		delete(t.Throttle, key)
		return nil
	}
	limit := t.Throttle[key]
	if limit == nil {
		limit = &throttle{}
	}
	put(&t.Throttle, key, limit)
	return o.apply(reflect.ValueOf(limit), path[2:])
}

func deletePlan(r *region, p *plan, _ *request) (any, error) {
	if len(p.APIStages) > 0 {
		return nil, bad("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s", p.ID, p.APIStages[0].name())
	}
	delete(r.Plans, p.ID)
	return nil, nil
}

// leavePlans takes a stage that goes out of all plans.
func (r *region) leavePlans(apiID, stage string) {
	for _, p := range r.Plans {
		p.APIStages = slices.DeleteFunc(p.APIStages, func(t *apiStage) bool { return t.APIID == apiID && t.Stage == stage })
	}
}
