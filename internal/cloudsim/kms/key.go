package kms

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type metadata struct {
	AWSAccountID          string `json:"AWSAccountId"`
	Arn                   string
	CreationDate          *float64
	CustomerMasterKeySpec string
	DeletionDate          *float64 `json:",omitempty"`
	Description           string
	Enabled               bool
	EncryptionAlgorithms  []string
	KeyID                 string `json:"KeyId"`
	KeyManager            string
	KeySpec               string
	KeyState              string
	KeyUsage              string
	MultiRegion           bool
	MultiRegionConfig     *multiRegion `json:"MultiRegionConfiguration,omitempty"`
	Origin                string
}

// multiRegion describes a multi-Region key. Replicas cannot be made here, so each is a primary key without any.
type multiRegion struct {
	MultiRegionKeyType string
	PrimaryKey         regionKey
	ReplicaKeys        []regionKey
}

type regionKey struct{ Arn, Region string }

func (k *key) state() string {
	switch {
	case !k.Deletion.IsZero():
		return "PendingDeletion"
	case k.Disabled:
		return "Disabled"
	default:
		return "Enabled"
	}
}

func (k *key) metadata(c *sim.Call) metadata {
	m := metadata{
		AWSAccountID: c.Account, Arn: k.arn(c), CreationDate: sim.Epoch(k.Created), CustomerMasterKeySpec: symmetric,
		DeletionDate: sim.Epoch(k.Deletion), Description: k.Description, Enabled: k.state() == "Enabled",
		EncryptionAlgorithms: []string{symmetric}, KeyID: k.ID, KeyManager: k.Manager, KeySpec: symmetric,
		KeyState: k.state(), KeyUsage: "ENCRYPT_DECRYPT", MultiRegion: k.MultiRegion, Origin: "AWS_KMS",
	}
	if k.MultiRegion {
		m.MultiRegionConfig = &multiRegion{"PRIMARY", regionKey{k.arn(c), c.Region}, []regionKey{}}
	}
	return m
}

const symmetric = "SYMMETRIC_DEFAULT"

type keyTag struct{ TagKey, TagValue string }

func (s *Service) add(r *region, c *sim.Call, manager string, multi bool) *key {
	id := s.world.UUID()
	if multi {
		id = "mrk-" + s.world.Hex(32)
	}
	k := &key{ID: id, Material: s.world.Hex(64), Manager: manager, Created: s.world.Now(), MultiRegion: multi, Policy: defaultPolicy(c.Account), Tags: map[string]string{}}
	if r.Keys == nil {
		r.Keys = map[string]*key{}
	}
	r.Keys[id] = k
	return k
}

// defaultPolicy is the policy of a key made through the API without one (KMS guide, "Default key policy").
func defaultPolicy(account string) string {
	return `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"kms:*","Resource":"*"}]}`
}

type describeOutput struct{ KeyMetadata metadata }

func (s *Service) createKey(r *region, c *sim.Call, in *struct {
	CustomerMasterKeySpec, Description, KeySpec, KeyUsage, Origin, Policy string
	MultiRegion                                                           bool
	Tags                                                                  []keyTag
},
) (describeOutput, error) {
	for _, o := range []struct{ got, only string }{{in.KeySpec, symmetric}, {in.CustomerMasterKeySpec, symmetric}, {in.KeyUsage, "ENCRYPT_DECRYPT"}, {in.Origin, "AWS_KMS"}} {
		if o.got != "" && o.got != o.only {
			return describeOutput{}, sim.Errorf("UnsupportedOperationException", "the drill cloud makes %s keys only, not %s", o.only, o.got)
		}
	}
	if in.Policy != "" && !json.Valid([]byte(in.Policy)) {
		return describeOutput{}, malformedPolicy()
	}
	k := s.add(r, c, "CUSTOMER", in.MultiRegion)
	if k.Description = in.Description; in.Policy != "" {
		k.Policy = in.Policy
	}
	for _, t := range in.Tags {
		k.Tags[t.TagKey] = t.TagValue
	}
	return describeOutput{k.metadata(c)}, nil
}

func malformedPolicy() error {
	return sim.Errorf("MalformedPolicyDocumentException", "The new key policy is not valid JSON.")
}

func (s *Service) describeKey(r *region, c *sim.Call, in *keyInput) (describeOutput, error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return describeOutput{}, err
	}
	return describeOutput{k.metadata(c)}, nil
}

func (s *Service) describe(r *region, c *sim.Call, in *struct {
	keyInput
	Description string
},
) (none, error) {
	k, err := s.live(r, c, in.KeyID)
	if err == nil {
		k.Description = in.Description
	}
	return none{}, err
}

func (s *Service) enable(on bool) func(*region, *sim.Call, *keyInput) (none, error) {
	return func(r *region, c *sim.Call, in *keyInput) (none, error) {
		k, err := s.live(r, c, in.KeyID)
		if err == nil {
			k.Disabled = !on
		}
		return none{}, err
	}
}

type page struct {
	Limit  int
	Marker string
}

func (s *Service) listKeys(r *region, c *sim.Call, in *page) (any, error) {
	s.expire(r)
	part, next, err := sim.Page(slices.Sorted(maps.Keys(r.Keys)), in.Marker, in.Limit, 100)
	out := make([]map[string]string, len(part))
	for i, id := range part {
		out[i] = map[string]string{"KeyId": id, "KeyArn": r.Keys[id].arn(c)}
	}
	return listed("Keys", out, next), err
}

func listed(name string, items any, next string) map[string]any {
	out := map[string]any{name: items, "Truncated": next != ""}
	if next != "" {
		out["NextMarker"] = next
	}
	return out
}

type deletionOutput struct {
	KeyID               string   `json:"KeyId"`
	DeletionDate        *float64 `json:",omitempty"`
	KeyState            string   `json:",omitempty"`
	PendingWindowInDays int      `json:",omitempty"`
}

func (s *Service) scheduleDeletion(r *region, c *sim.Call, in *struct {
	keyInput
	PendingWindowInDays *int
},
) (out deletionOutput, err error) {
	k, err := s.live(r, c, in.KeyID)
	if err != nil {
		return out, err
	}
	days := 30
	if in.PendingWindowInDays != nil {
		days = *in.PendingWindowInDays
	}
	if days < 7 || days > 30 {
		return out, sim.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'pendingWindowInDays' failed to satisfy constraint: Member must be between 7 and 30", days)
	}
	if k.Manager == "AWS" {
		return out, sim.Errorf("AccessDeniedException", "%s is an AWS managed key and cannot be deleted.", k.arn(c))
	}
	k.Deletion = s.world.Now().Add(time.Duration(days) * 24 * time.Hour)
	return deletionOutput{k.arn(c), sim.Epoch(k.Deletion), k.state(), days}, nil
}

func (s *Service) cancelDeletion(r *region, c *sim.Call, in *keyInput) (out deletionOutput, err error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return out, err
	}
	if k.Deletion.IsZero() {
		return out, sim.Errorf("KMSInvalidStateException", "%s is not pending deletion.", k.arn(c))
	}
	k.Deletion, k.Disabled = time.Time{}, true // the key comes back disabled
	return deletionOutput{KeyID: k.arn(c)}, nil
}

func (s *Service) rotate(on bool) func(*region, *sim.Call, *struct {
	keyInput
	RotationPeriodInDays int
}) (none, error) {
	return func(r *region, c *sim.Call, in *struct {
		keyInput
		RotationPeriodInDays int
	},
	) (none, error) {
		k, err := s.usable(r, c, in.KeyID)
		if err != nil {
			return none{}, err
		}
		days := in.RotationPeriodInDays
		if days == 0 {
			days = 365
		}
		if days < 90 || days > 2560 {
			return none{}, sim.Errorf("ValidationException", "rotationPeriodInDays must be between 90 and 2560, not %d", days)
		}
		k.Rotation, k.RotationSet = 0, time.Time{}
		if on {
			k.Rotation, k.RotationSet = days, s.world.Now()
		}
		return none{}, nil
	}
}

func (s *Service) rotationStatus(r *region, c *sim.Call, in *keyInput) (any, error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"KeyId": k.arn(c), "KeyRotationEnabled": k.Rotation > 0 && k.Deletion.IsZero()}
	if out["KeyRotationEnabled"] == true {
		out["RotationPeriodInDays"] = k.Rotation
		out["NextRotationDate"] = sim.Epoch(k.RotationSet.AddDate(0, 0, k.Rotation))
	}
	return out, nil
}

func (s *Service) getPolicy(r *region, c *sim.Call, in *policyInput) (any, error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return nil, err
	}
	if in.PolicyName != "" && in.PolicyName != "default" {
		return nil, sim.Errorf("NotFoundException", "No such policy exists")
	}
	return map[string]string{"Policy": k.Policy, "PolicyName": "default"}, nil
}

type policyInput struct {
	keyInput
	PolicyName, Policy string
}

func (s *Service) putPolicy(r *region, c *sim.Call, in *policyInput) (none, error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return none{}, err
	}
	if !json.Valid([]byte(in.Policy)) {
		return none{}, malformedPolicy()
	}
	k.Policy = in.Policy
	return none{}, nil
}

func (s *Service) listPolicies(r *region, c *sim.Call, in *keyInput) (any, error) {
	_, err := s.find(r, c, in.KeyID)
	return listed("PolicyNames", []string{"default"}, ""), err
}

func (s *Service) listTags(r *region, c *sim.Call, in *struct {
	keyInput
	page
},
) (any, error) {
	k, err := s.find(r, c, in.KeyID)
	if err != nil {
		return nil, err
	}
	part, next, err := sim.Page(sim.TagList(k.Tags), in.Marker, in.Limit, 50)
	out := make([]keyTag, len(part))
	for i, t := range part {
		out[i] = keyTag{t.Key, t.Value}
	}
	return listed("Tags", out, next), err
}

func (s *Service) tag(r *region, c *sim.Call, in *struct {
	keyInput
	Tags []keyTag
},
) (none, error) {
	k, err := s.live(r, c, in.KeyID)
	if err != nil {
		return none{}, err
	}
	for _, t := range in.Tags {
		k.Tags[t.TagKey] = t.TagValue
	}
	return none{}, nil
}

func (s *Service) untag(r *region, c *sim.Call, in *struct {
	keyInput
	TagKeys []string
},
) (none, error) {
	k, err := s.live(r, c, in.KeyID)
	if err != nil {
		return none{}, err
	}
	for _, t := range in.TagKeys {
		delete(k.Tags, t)
	}
	return none{}, nil
}
