package secretsmanager

import (
	"bytes"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The staging labels that Secrets Manager moves by itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// maxValue is the most bytes of a secret's value, maxVersions how many versions are kept (AWS Secrets Manager quotas: about 100).
const (
	maxValue    = 65536
	maxVersions = 100
)

type version struct {
	ID                string
	Text              *string
	Binary            []byte
	Created, Accessed time.Time
	Stages            []string
}

// value is a secret's content in a request. The token names the version to make.
type value struct {
	ClientRequestToken string
	SecretString       *string
	SecretBinary       []byte
}

func (v value) empty() bool { return v.SecretString == nil && v.SecretBinary == nil }

func (v *version) same(o value) bool {
	if v.Text == nil || o.SecretString == nil {
		return v.Text == o.SecretString && bytes.Equal(v.Binary, o.SecretBinary)
	}
	return *v.Text == *o.SecretString
}

// putInto adds a version, or finds the one that an earlier call with the same token and value made.
func (s *Service) putInto(c *sim.Call, sec *secret, in value, stages []string) (out named, err error) {
	if in.empty() || in.SecretString != nil && in.SecretBinary != nil {
		return out, sim.Errorf("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
	}
	if len(in.SecretBinary) > maxValue || in.SecretString != nil && len(*in.SecretString) > maxValue {
		return out, sim.Errorf("ValidationException", "a secret's value has at most %d bytes", maxValue)
	}
	if f := sim.KeyFault(s.keys, c.Scope, sec.Key); f != nil { // PutSecretValue, Errors
		return out, sim.Errorf("EncryptionFailure", "Secrets Manager can't encrypt the protected secret text using the provided KMS key: %s", f.Message)
	}
	if in.ClientRequestToken == "" {
		in.ClientRequestToken = s.world.UUID()
	}
	if stages == nil {
		stages = []string{current}
	}
	v := sec.Versions[in.ClientRequestToken]
	if v == nil {
		v = &version{ID: in.ClientRequestToken, Text: in.SecretString, Binary: in.SecretBinary, Created: s.world.Now()}
		sec.Versions[v.ID] = v
		sec.Changed = v.Created
		for _, st := range stages {
			sec.stage(st, v)
		}
		sec.prune()
	} else if !v.same(in) {
		return out, sim.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", v.ID, sec.ARN)
	}
	out = sec.named()
	out.VersionID, out.VersionStages = v.ID, slices.Clone(v.Stages)
	return out, nil
}

func (s *Service) put(r *region, c *sim.Call, in *struct {
	ref
	value
	VersionStages []string
},
) (named, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return named{}, err
	}
	return s.putInto(c, sec, in.value, in.VersionStages)
}

type secretValue struct {
	named
	SecretString *string  `json:",omitempty"`
	SecretBinary []byte   `json:",omitempty"`
	CreatedDate  *float64 `json:",omitempty"`
}

func (s *Service) get(r *region, c *sim.Call, in *struct {
	ref
	VersionID, VersionStage string
},
) (out secretValue, err error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return out, err
	}
	label := in.VersionStage
	if label == "" {
		label = current
	}
	v, what := sec.staged(label), "staging label: "+label
	if in.VersionID != "" {
		what = "VersionId: " + in.VersionID
		if v = sec.Versions[in.VersionID]; v != nil && in.VersionStage != "" && !slices.Contains(v.Stages, in.VersionStage) {
			return out, sim.Errorf("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.")
		}
	}
	if v == nil {
		return out, sim.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for %s", what)
	}
	if f := sim.KeyFault(s.keys, c.Scope, sec.Key); f != nil { // GetSecretValue, Errors
		return out, sim.Errorf("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key: %s", f.Message)
	}
	sec.Accessed = s.world.Now().Truncate(24 * time.Hour)
	v.Accessed = sec.Accessed
	out = secretValue{sec.named(), v.Text, v.Binary, sim.Epoch(v.Created)}
	out.VersionID, out.VersionStages = v.ID, slices.Clone(v.Stages)
	return out, nil
}
