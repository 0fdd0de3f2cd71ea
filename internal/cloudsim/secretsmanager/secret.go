package secretsmanager

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// named is how most answers begin.
type named struct {
	ARN, Name     string
	VersionID     string   `json:"VersionId,omitempty"`
	VersionStages []string `json:",omitempty"`
	DeletionDate  *float64 `json:",omitempty"`
}

func (sec *secret) named() named { return named{ARN: sec.ARN, Name: sec.Name} }

func (s *Service) create(r *region, c *sim.Call, in *struct {
	value
	Name, Description, KmsKeyID string
	Tags                        []sim.Tag
	AddReplicaRegions           []any
},
) (named, error) {
	switch {
	case !sim.Within(in.Name, 1, 512) || !sim.Only(in.Name, "/_+=.@-"):
		return named{}, sim.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	case len(in.AddReplicaRegions) > 0:
		return named{}, noReplicas()
	}
	s.expire(r)
	if old := r.Secrets[in.Name]; old != nil {
		if !old.Deletion.IsZero() {
			return named{}, sim.Errorf("InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.")
		}
		if v := old.Versions[in.ClientRequestToken]; v != nil && v.same(in.value) {
			return s.putInto(c, old, in.value, nil)
		}
		return named{}, sim.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
	}
	now := s.world.Now()
	sec := &secret{
		Name: in.Name, Description: in.Description, Key: in.KmsKeyID, Created: now, Changed: now, Versions: map[string]*version{}, Tags: sim.Tagged(nil, in.Tags),
		ARN: c.ARN("secretsmanager", "secret:"+in.Name+"-"+s.world.Text(6, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")),
	}
	out := sec.named()
	if !in.empty() {
		var err error
		if out, err = s.putInto(c, sec, in.value, nil); err != nil {
			return named{}, err
		}
	}
	if r.Secrets == nil {
		r.Secrets = map[string]*secret{}
	}
	r.Secrets[sec.Name] = sec
	return out, nil
}

type description struct {
	ARN, Name          string
	Description        string   `json:",omitempty"`
	KmsKeyID           string   `json:"KmsKeyId,omitempty"`
	CreatedDate        *float64 `json:",omitempty"`
	LastChangedDate    *float64 `json:",omitempty"`
	LastAccessedDate   *float64 `json:",omitempty"`
	DeletedDate        *float64 `json:",omitempty"`
	RotationEnabled    bool
	Tags               []sim.Tag           `json:",omitempty"`
	VersionIDsToStages map[string][]string `json:"VersionIdsToStages,omitempty"`
	VersionsToStages   map[string][]string `json:"SecretVersionsToStages,omitempty"` // what ListSecrets calls it
}

func (sec *secret) description() description {
	stages := map[string][]string{}
	for id, v := range sec.Versions {
		if len(v.Stages) > 0 {
			stages[id] = slices.Clone(v.Stages)
		}
	}
	d := description{
		ARN: sec.ARN, Name: sec.Name, Description: sec.Description, KmsKeyID: sec.Key, Tags: sim.TagList(sec.Tags), VersionIDsToStages: stages,
		CreatedDate: sim.Epoch(sec.Created), LastChangedDate: sim.Epoch(sec.Changed), LastAccessedDate: sim.Epoch(sec.Accessed),
	}
	d.DeletedDate = sim.Epoch(sec.Deletion)
	return d
}

func (s *Service) describe(r *region, c *sim.Call, in *ref) (any, error) {
	sec, err := s.find(r, c, in.SecretID)
	if err != nil {
		return nil, err
	}
	return sec.description(), nil
}

func (s *Service) update(r *region, c *sim.Call, in *struct {
	ref
	value
	Description, KmsKeyID *string
},
) (out named, err error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return out, err
	}
	out = sec.named()
	before := sec.Key
	if in.KmsKeyID != nil {
		sec.Key = *in.KmsKeyID
	}
	if !in.empty() {
		if out, err = s.putInto(c, sec, in.value, nil); err != nil {
			sec.Key = before
			return out, err
		}
	}
	if in.Description != nil {
		sec.Description = *in.Description
	}
	sec.Changed = s.world.Now()
	return out, nil
}

func (s *Service) remove(r *region, c *sim.Call, in *struct {
	ref
	RecoveryWindowInDays       *int
	ForceDeleteWithoutRecovery bool
},
) (out named, err error) {
	days := 30
	if in.RecoveryWindowInDays != nil {
		if days = *in.RecoveryWindowInDays; in.ForceDeleteWithoutRecovery {
			return out, sim.Errorf("InvalidParameterException", "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
		}
	}
	if days < 7 || days > 30 {
		return out, sim.Errorf("InvalidParameterException", "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	}
	sec, err := s.find(r, c, in.SecretID)
	switch {
	case err != nil:
		return out, err
	case in.ForceDeleteWithoutRecovery:
		delete(r.Secrets, sec.Name)
		sec.Deletion = s.world.Now()
	case !sec.Deletion.IsZero():
		return out, sim.Errorf("InvalidRequestException", "You can't perform this operation on the secret because it was already scheduled for deletion.")
	default:
		sec.Deletion = s.world.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	out = sec.named()
	out.DeletionDate = sim.Epoch(sec.Deletion)
	return out, nil
}

func (s *Service) restore(r *region, c *sim.Call, in *ref) (named, error) {
	sec, err := s.find(r, c, in.SecretID)
	if err != nil {
		return named{}, err
	}
	sec.Deletion = time.Time{}
	return sec.named(), nil
}

type listFilter struct {
	Key    string
	Values []string
}

func (s *Service) list(r *region, _ *sim.Call, in *struct {
	Filters                []listFilter
	IncludePlannedDeletion bool
	MaxResults             int
	NextToken              string
},
) (any, error) {
	s.expire(r)
	all := []description{}
	for _, name := range slices.Sorted(maps.Keys(r.Secrets)) {
		sec := r.Secrets[name]
		if in.IncludePlannedDeletion || sec.Deletion.IsZero() {
			d := sec.description()
			d.VersionsToStages, d.VersionIDsToStages = d.VersionIDsToStages, nil
			all = append(all, d)
		}
	}
	for _, f := range in.Filters {
		switch f.Key {
		case "name", "description", "tag-key", "tag-value", "all":
		default:
			return nil, sim.Errorf("InvalidParameterException", "the drill cloud does not filter secrets by %q", f.Key)
		}
		all = slices.DeleteFunc(all, func(d description) bool { return !f.takes(d) })
	}
	part, next, err := sim.Page(all, in.NextToken, in.MaxResults, 100)
	out := map[string]any{"SecretList": part}
	if next != "" {
		out["NextToken"] = next
	}
	return out, err
}

// takes tells whether a word of the secret begins with one of the filter's values; "!" before a value turns it round.
func (f listFilter) takes(d description) bool {
	var words []string
	if f.Key == "name" || f.Key == "all" {
		words = append(words, d.Name)
	}
	if f.Key == "description" || f.Key == "all" {
		words = append(words, strings.Fields(strings.ToLower(d.Description))...)
	}
	for _, t := range d.Tags {
		if f.Key == "tag-key" || f.Key == "all" {
			words = append(words, t.Key)
		}
		if f.Key == "tag-value" || f.Key == "all" {
			words = append(words, t.Value)
		}
	}
	return slices.ContainsFunc(f.Values, func(v string) bool {
		plain, not := strings.CutPrefix(v, "!")
		return not != slices.ContainsFunc(words, func(w string) bool {
			return strings.HasPrefix(w, plain) || f.Key == "description" && strings.HasPrefix(w, strings.ToLower(plain))
		})
	})
}

func (s *Service) tag(r *region, c *sim.Call, in *struct {
	ref
	Tags []sim.Tag
},
) (none, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err == nil {
		sec.Tags = sim.Tagged(sec.Tags, in.Tags)
	}
	return none{}, err
}

func (s *Service) untag(r *region, c *sim.Call, in *struct {
	ref
	TagKeys []string
},
) (none, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err == nil {
		maps.DeleteFunc(sec.Tags, func(k, _ string) bool { return slices.Contains(in.TagKeys, k) })
	}
	return none{}, err
}

func (s *Service) getPolicy(r *region, c *sim.Call, in *ref) (any, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"ARN": sec.ARN, "Name": sec.Name}
	if sec.Policy != "" {
		out["ResourcePolicy"] = sec.Policy
	}
	return out, nil
}

func (s *Service) putPolicy(r *region, c *sim.Call, in *struct {
	ref
	ResourcePolicy string
},
) (named, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return named{}, err
	}
	if !json.Valid([]byte(in.ResourcePolicy)) {
		return named{}, sim.Errorf("MalformedPolicyDocumentException", "This resource policy contains invalid JSON.")
	}
	sec.Policy = in.ResourcePolicy
	return sec.named(), nil
}

func (s *Service) deletePolicy(r *region, c *sim.Call, in *ref) (named, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return named{}, err
	}
	sec.Policy = ""
	return sec.named(), nil
}
