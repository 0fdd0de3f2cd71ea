package value

import (
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// wish is what the plan wants, the same for both kinds.
type wish struct {
	kind     step.Kind
	name     string   // in AWS
	keys     []string // JSON keys; none: the value is no JSON
	anew     []string // of the keys, those that can be generated
	kept     []string // of the keys, the others
	from     []plan.Source
	generate *plan.Generate
	trust    step.Trust
	limit    int    // bytes of a value that is generated or typed in
	byHand   string // how the AWS CLI makes it
	open     func(*awscloud.Clients) store
}

// String is such as: secret shop/token.
func (w *wish) String() string { return string(w.kind) + " " + w.name }

// made tells whether the whole value can be generated.
func (w *wish) made() bool { return w.generate != nil && len(w.kept) == 0 }

// rotates tells whether what can be generated is made anew whatever is there.
func (w *wish) rotates() bool { return w.trust.Compromised && w.generate != nil }

func wanted(spec step.Spec) (*wish, error) {
	switch cfg := spec.Config.(type) {
	case *step.SecretConfig:
		x := cfg.Secret
		w := wish{
			kind: step.Secret, name: x.Secret, keys: x.Keys, from: x.From, generate: x.Generate, trust: cfg.Trust, limit: secretLimit,
			byHand: "aws secretsmanager create-secret --region %s --name %s --secret-string file://VALUE",
			open:   func(c *awscloud.Clients) store { return &secretStore{c.SecretsManager, x.Secret, c.DyingKey} },
		}
		w.anew, w.kept = x.Parts()
		return &w, nil
	case *step.ParameterConfig:
		x := cfg.Parameter
		return &wish{
			kind: step.Parameter, name: x.Parameter, from: x.From, generate: x.Generate, trust: cfg.Trust, limit: parameterLimit,
			byHand: "aws ssm put-parameter --region %s --name %s --type SecureString --value file://VALUE",
			open:   func(c *awscloud.Clients) store { return &parameterStore{c.SSM, x.Parameter} },
		}, nil
	default:
		return nil, fmt.Errorf("step %s: a value needs a *step.SecretConfig or *step.ParameterConfig, not %T", spec.ID, spec.Config)
	}
}
