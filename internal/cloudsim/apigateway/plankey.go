package apigateway

import (
	"slices"
	"strings"
)

// planKey is a key in a plan (UsagePlanKey).
type planKey struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Value string `json:"value"`
	Name  string `json:"name,omitempty"`
}

func (k *apiKey) inPlan() planKey { return planKey{k.ID, "API_KEY", k.Value, k.Name} }

func createPlanKey(r *region, p *plan, q *request) (any, error) {
	var in struct{ KeyID, KeyType string }
	if err := q.into(&in); err != nil {
		return nil, err
	}
	k := r.Keys[in.KeyID]
	switch {
	case in.KeyType != "API_KEY":
		return nil, bad("Invalid Usage Plan Key type specified. Must be one of: [API_KEY]")
	case k == nil:
		return nil, missing("API Key identifier")
	case slices.Contains(p.Keys, k.ID):
		return nil, conflict("Usage Plan key already exists for this usage plan")
	}
	p.Keys = append(p.Keys, k.ID)
	return k.inPlan(), nil
}

func getPlanKey(r *region, p *plan, q *request) (any, error) {
	id := q.http.PathValue("key")
	if !slices.Contains(p.Keys, id) {
		return nil, missing("API Key identifier")
	}
	return r.Keys[id].inPlan(), nil
}

func listPlanKeys(r *region, p *plan, q *request) (any, error) {
	all := []planKey{}
	for _, id := range slices.Sorted(slices.Values(p.Keys)) {
		if k := r.Keys[id]; strings.HasPrefix(k.Name, q.query.Get("name")) {
			all = append(all, k.inPlan())
		}
	}
	return page(q, all)
}

func deletePlanKey(_ *region, p *plan, q *request) (any, error) {
	at := slices.Index(p.Keys, q.http.PathValue("key"))
	if at < 0 {
		return nil, missing("API Key identifier")
	}
	p.Keys = slices.Delete(p.Keys, at, at+1)
	return nil, nil
}
