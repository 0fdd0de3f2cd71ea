package procedure

import (
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// trust says which values of the past count in the scenario.
func (b *builder) trust() step.Trust {
	return step.Trust{Compromised: b.scenario.Compromised, Until: b.scenario.TrustedUntil}
}

// keys gives each consumer a step that brings the key, and one that sees the first call with it.
func (b *builder) keys() {
	for _, k := range b.plan.APIKeys {
		k := *k
		k.From = b.reachable(k.From)
		for _, c := range k.Consumers {
			cfg := &step.APIKeyConfig{Application: b.plan.Application.Name, Key: &k, Consumer: c, Trust: b.trust()}
			block := k.Block
			block.Name = cfg.Slug()
			n := b.add(step.APIKey, block, fmt.Sprintf("API key for %s", c.Name), cfg, k.KeyID, k.UsagePlan, k.URL)
			n.spec.Person, n.spec.Consumers = c.Contact, true
			if k.Secret != "" { // the values of all consumers are kept in one secret, which is read and written whole
				n.spec.Uses.Exclusive = "secret " + k.Secret
			}
			id := n.spec.ID
			block.After = nil
			n = b.add(step.FirstCall, block, fmt.Sprintf("First call of %s", c.Name), cfg, k.KeyID, k.UsagePlan, k.URL)
			n.spec.Person, n.spec.Consumers = c.Contact, true
			b.after(n, id)
		}
	}
}

// proofs are the steps that say whether the application answers: a consumer's call before them proves nothing.
func (b *builder) proofs() []string {
	var out []string
	for _, n := range b.nodes {
		if n.spec.Kind == step.Verify && !n.spec.Optional {
			out = append(out, n.spec.ID)
		}
	}
	return out
}

// fences keep the lost site from working beside the new one. In place there is nothing to fence off, save another site by name.
func (b *builder) fences() {
	for _, f := range b.plan.Fences {
		f := *f
		if f.Site == "" {
			f.Site = b.scenario.Lost.Site
		}
		if f.Site == "" || f.Site == b.site.Name {
			b.absent(step.Fence, f.Block)
			continue
		}
		n := b.add(step.Fence, f.Block, "Fence off site "+f.Site, &step.FenceConfig{Fence: &f})
		n.spec.IfNeeded = false
	}
}

// absent remembers a block that has no step in this scenario, so that what comes after it need not wait.
func (b *builder) absent(k step.Kind, block plan.Block) {
	b.gone[string(k)+"/"+block.Name] = true
}
