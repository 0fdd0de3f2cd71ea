package procedure

import (
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Fate is how a value comes to the site, if it is not there already.
type Fate string

// The fates of values.
const (
	Rotated   Fate = "rotated"   // made anew, because an intruder may know the old one
	Copied    Fate = "copied"    // from a source that the disaster left
	Generated Fate = "generated" // there is nothing to copy
	Typed     Fate = "typed"     // by a person
	Applied   Fate = "applied"   // Terraform makes it
)

// Value is a secret, a parameter, or a consumer's key, and what becomes of it.
type Value struct {
	Step string   `json:"step"`
	Name string   `json:"name"`           // in AWS; of a key, its consumer
	Keys []string `json:"keys,omitempty"` // of the secret's JSON, when not all of them share the fate
	Fate Fate     `json:"fate"`
	From []string `json:"from,omitempty"` // sites, in the order in which they are tried
	// TrustedUntil bounds the age of what is copied after a compromise.
	TrustedUntil string `json:"trusted_until,omitempty"` // RFC 3339, or disaster
}

// Values says of each value that Terraform only reads, and of each consumer's key, what becomes of it, in the order of the steps.
func (p *Procedure) Values() []Value {
	out := []Value{}
	for _, s := range p.Steps {
		out = append(out, fates(s)...)
	}
	return out
}

// fates are what becomes of the values of a step: of some keys of a secret one thing, of the others another.
func fates(s step.Spec) []Value {
	switch cfg := s.Config.(type) {
	case *step.SecretConfig:
		made, kept := cfg.Secret.Parts()
		return values(s.ID, cfg.Secret.Secret, made, kept, cfg.Secret.From, cfg.Secret.Generate, cfg.Trust)
	case *step.ParameterConfig:
		return values(s.ID, cfg.Parameter.Parameter, nil, nil, cfg.Parameter.From, cfg.Parameter.Generate, cfg.Trust)
	case *step.APIKeyConfig:
		if s.Kind == step.APIKey {
			return []Value{keyValue(s.ID, cfg)}
		}
	}
	return nil
}

func values(id, name string, made, kept []string, from []plan.Source, generate *plan.Generate, trust step.Trust) []Value {
	old := Value{Step: id, Name: name, Fate: Typed}
	if len(from) > 0 {
		old = copied(old, from, trust)
	}
	fresh := Value{Step: id, Name: name, Fate: Generated}
	if trust.Compromised {
		fresh.Fate = Rotated
	}
	switch {
	case generate == nil, old.Fate == Copied && !trust.Compromised: // a copy has it all
		return []Value{old}
	case len(kept) == 0:
		return []Value{fresh}
	}
	fresh.Keys, old.Keys = made, kept
	return []Value{fresh, old}
}

func copied(v Value, from []plan.Source, trust step.Trust) Value {
	v.Fate = Copied
	for _, f := range from {
		v.From = append(v.From, f.Site)
	}
	if trust.Compromised {
		v.TrustedUntil = "disaster"
		if !trust.Until.IsZero() {
			v.TrustedUntil = trust.Until.UTC().Format(time.RFC3339)
		}
	}
	return v
}

func keyValue(id string, cfg *step.APIKeyConfig) Value {
	v := Value{Step: id, Name: cfg.Consumer.Name, Fate: Generated}
	switch {
	case cfg.Key.KeyID != nil:
		v.Fate = Applied
	case cfg.Trust.Compromised:
		v.Fate = Rotated
	case len(cfg.Key.From) > 0:
		v = copied(v, cfg.Key.From, cfg.Trust)
	}
	return v
}

// Words say the fate to people.
func (v Value) Words() string {
	text := map[Fate]string{
		Rotated: "rotated: made anew", Generated: "generated", Typed: "typed in (lifeboat put)", Applied: "made by Terraform",
		Copied: "copied from " + strings.Join(v.From, ", else "),
	}[v.Fate]
	switch v.TrustedUntil {
	case "":
	case "disaster":
		text += ", the newest from before the disaster, else typed in"
	default:
		text += ", the newest from before " + v.TrustedUntil + ", else typed in"
	}
	if len(v.Keys) > 0 {
		text = fmt.Sprintf("keys %s %s", strings.Join(v.Keys, ", "), text)
	}
	return text
}
