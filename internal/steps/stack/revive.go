package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// dying looks for keys and secrets of the state that are in their deletion window. Terraform would take them for gone, make a new key under which
// nothing can be read, or fail on a secret's name that is still held.
func (t *turn) dying(ctx context.Context, r *rest) ([]*awscloud.Dying, error) {
	if r == nil || !r.there {
		return nil, nil
	}
	if r.doc.Encrypted != nil {
		t.call.Tell(step.Progress{Message: "the state is encrypted: keys and secrets that are about to be deleted cannot be looked for"})
		return nil, nil
	}
	held := r.held()
	found := make([]*awscloud.Dying, len(held))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, h := range held {
		g.Go(func() (err error) {
			c, err := t.near(gctx, h)
			if err != nil || c == nil {
				return err
			}
			if h.kind == "aws_secretsmanager_secret" {
				found[i], err = c.DyingSecret(gctx, h.ARN, h.address)
			} else {
				found[i], err = c.DyingKey(gctx, h.ARN, h.address, h.Enabled == nil || *h.Enabled)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(d *awscloud.Dying) bool { return d == nil }), nil
}

// held is a key or secret that the state holds.
type held struct {
	kind, address string
	ARN           string `json:"arn"`
	Enabled       *bool  `json:"is_enabled"` // of keys, as the code wants it
}

func (r *rest) held() []held {
	var out []held
	for _, x := range r.doc.Resources {
		if x.Mode != "managed" || !slices.Contains([]string{"aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_secretsmanager_secret"}, x.Type) {
			continue
		}
		for _, i := range x.Instances {
			h := held{kind: x.Type, address: address(x.Module, x.Type, x.Name, i.IndexKey)}
			if json.Unmarshal(i.Attributes, &h) == nil && h.ARN != "" {
				out = append(out, h)
			}
		}
	}
	return out
}

// near gives the clients of the region that something lives in: a second provider may have put it elsewhere. What another account has is
// not ours to look at.
func (t *turn) near(ctx context.Context, h held) (*awscloud.Clients, error) {
	a, err := arn.Parse(h.ARN)
	if err != nil || a.AccountID != t.call.Site.Account {
		return nil, nil //nolint:nilerr,nilnil // not something of this site
	}
	site := *t.call.Site
	site.Region = a.Region
	return t.Sites.At(ctx, &site)
}

// revive takes back what is dying. What a key encrypted is lost with the key: going on without it is a person's decision.
func (t *turn) revive(ctx context.Context, all []*awscloud.Dying) error {
	for _, d := range all {
		if d.Lost {
			q := &step.Ask{
				Key:    "lost-" + d.Name,
				Prompt: fmt.Sprintf("stack %q: %s does not exist any more; go on with a new key?", t.cfg.Stack.Name, d.Name),
				Detail: "Its deletion is over, and nothing brings it back: whatever was encrypted with it cannot be read again. " +
					"Terraform makes a new key; what refers to the old one is changed or replaced, which you are asked about before it happens.",
			}
			if err := t.ask(q, "a key of its state is gone, and going on with a new one was rejected"); err != nil {
				return err
			}
			continue
		}
		t.call.Tell(step.Progress{Message: d.Name + ": " + d.Why + "; taking it back"})
		if err := d.Back(ctx); err != nil {
			return err
		}
		t.took(d.Name + " taken back")
	}
	return nil
}
