package apigateway

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// apiKey is a key as kept and as answered (ApiKey). Its value is told to who asks for it.
type apiKey struct {
	ID              string            `json:"id"`
	Value           string            `json:"value,omitempty"`
	Name            string            `json:"name,omitempty" patch:"yes"`
	CustomerID      string            `json:"customerId,omitempty" patch:"yes"`
	Description     string            `json:"description,omitempty" patch:"yes"`
	Enabled         bool              `json:"enabled" patch:"yes"`
	CreatedDate     *float64          `json:"createdDate"`
	LastUpdatedDate *float64          `json:"lastUpdatedDate"`
	StageKeys       []string          `json:"stageKeys"`
	Tags            map[string]string `json:"tags,omitempty"`
}

// shown is the key as an answer, with its value when the parameter of that name says so.
func (k apiKey) shown(q *request, parameter string) apiKey {
	if q.query.Get(parameter) != "true" {
		k.Value = ""
	}
	return k
}

// The length of a key's value (API Gateway Developer Guide, "Quotas": 20 to 128 characters), and of one that is generated.
const (
	shortestKey  = 20
	longestKey   = 128
	generatedKey = 40
)

// keep adds a key, made now. A key without a value gets one.
func (s *Service) keep(r *region, k *apiKey) error {
	if k.Value == "" {
		k.Value = s.world.Text(generatedKey, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	}
	switch n := len(k.Value); {
	case n < shortestKey:
		return bad("API Key value should be at least %d characters", shortestKey)
	case n > longestKey:
		return bad("API Key value should be at most %d characters", longestKey)
	case r.keyOf(k.Value) != nil:
		return conflict("API Key already exists")
	}
	if err := full(len(r.Keys), 10000, "API keys for this account"); err != nil {
		return err
	}
	k.ID, k.CreatedDate, k.StageKeys = s.id(10), sim.Epoch(s.world.Now()), []string{}
	k.LastUpdatedDate = k.CreatedDate
	put(&r.Keys, k.ID, k)
	return nil
}

// keyOf finds the key of a value.
func (r *region) keyOf(value string) *apiKey {
	for _, k := range r.Keys {
		if k.Value == value {
			return k
		}
	}
	return nil
}

// createKeys makes one key, or imports a file of them.
func (s *Service) createKeys(r *region, q *request) (any, error) {
	if q.query.Get("mode") == "import" {
		return s.importKeys(r, q)
	}
	var in struct {
		apiKey
		StageKeys []struct{ RestAPIID, StageName string } `json:"stageKeys"`
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if len(in.StageKeys) > 0 { // deprecated for usage plans (CreateApiKey, "stageKeys")
		return nil, lacks("CreateApiKey with stageKeys")
	}
	k := in.apiKey
	if err := s.keep(r, &k); err != nil {
		return nil, err
	}
	return k, nil
}

func (r *region) key(q *request) (*apiKey, error) {
	if k := r.Keys[q.http.PathValue("key")]; k != nil {
		return k, nil
	}
	return nil, missing("API Key identifier")
}

func getKey(r *region, q *request) (any, error) {
	k, err := r.key(q)
	if err != nil {
		return nil, err
	}
	return k.shown(q, "includeValue"), nil
}

func listKeys(r *region, q *request) (any, error) {
	all := []apiKey{}
	for _, k := range sorted(r.Keys) {
		if strings.HasPrefix(k.Name, q.query.Get("name")) && (!q.query.Has("customerId") || k.CustomerID == q.query.Get("customerId")) {
			all = append(all, k.shown(q, "includeValues"))
		}
	}
	return page(q, all)
}

func (s *Service) updateKey(r *region, q *request) (any, error) {
	k, err := r.key(q)
	if err != nil {
		return nil, err
	}
	_, err = update(k, q, func(next *apiKey) error {
		next.LastUpdatedDate = sim.Epoch(s.world.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return k.shown(q, "includeValue"), nil
}

// deleteKey takes the key out of its plans too.
func deleteKey(r *region, q *request) (any, error) {
	k, err := r.key(q)
	if err != nil {
		return nil, err
	}
	for _, p := range r.Plans {
		p.Keys = slices.DeleteFunc(p.Keys, func(id string) bool { return id == k.ID })
	}
	delete(r.Keys, k.ID)
	return nil, nil
}
