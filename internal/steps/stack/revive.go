package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// dying is something in a stack's state that AWS is about to delete, or has.
type dying struct {
	name string // such as: key 1234-... (aws_kms_key.data)
	why  string
	lost bool                        // it cannot come back
	back func(context.Context) error // takes it back
}

// dying looks for keys and secrets of the state that are in their deletion window. Terraform would take them for gone, make a new key under which
// nothing can be read, or fail on a secret's name that is still held.
func (t *turn) dying(ctx context.Context, r *rest) ([]dying, error) {
	if r == nil || !r.there {
		return nil, nil
	}
	if r.doc.Encrypted != nil {
		t.call.Tell(step.Progress{Message: "the state is encrypted: keys and secrets that are about to be deleted cannot be looked for"})
		return nil, nil
	}
	held := r.held()
	found := make([]*dying, len(held))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, h := range held {
		g.Go(func() (err error) {
			c, err := t.near(gctx, h)
			if err != nil || c == nil {
				return err
			}
			if strings.HasPrefix(h.kind, "aws_kms_") {
				found[i], err = h.key(gctx, c)
			} else {
				found[i], err = h.secret(gctx, c)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []dying
	for _, d := range found {
		if d != nil {
			out = append(out, *d)
		}
	}
	return out, nil
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
			h := held{kind: x.Type, address: x.Type + "." + x.Name}
			if x.Module != "" {
				h.address = x.Module + "." + h.address
			}
			if key, err := json.Marshal(i.IndexKey); err == nil && i.IndexKey != nil {
				h.address += "[" + string(key) + "]"
			}
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

// key looks at a key.
func (h held) key(ctx context.Context, c *awscloud.Clients) (*dying, error) {
	id := h.ARN[strings.LastIndexByte(h.ARN, '/')+1:]
	d := &dying{name: fmt.Sprintf("key %s (%s)", id, h.address)}
	out, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &h.ARN})
	switch {
	case awscloud.Code(err) == "NotFoundException":
		d.why, d.lost = "its deletion is over", true
		return d, nil
	case err != nil:
		return nil, awscloud.Explain(err, d.name+" cannot be looked at", c.Site)
	}
	enable := h.Enabled == nil || *h.Enabled
	switch m := out.KeyMetadata; {
	case m.KeyState == kmstypes.KeyStatePendingDeletion || m.KeyState == kmstypes.KeyStatePendingReplicaDeletion:
		d.why = "it is pending deletion"
		if m.DeletionDate != nil {
			d.why += " until " + day(*m.DeletionDate)
		}
		d.back = func(ctx context.Context) error {
			_, err := c.KMS.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &h.ARN})
			if err != nil && awscloud.Code(err) != "KMSInvalidStateException" { // our own request, whose first answer was lost
				return awscloud.Explain(err, "the deletion of "+d.name+" cannot be cancelled", c.Site)
			}
			if !enable {
				return nil
			}
			return h.enable(ctx, c, d.name) // a key comes back disabled (KMS API, CancelKeyDeletion)
		}
	case m.KeyState == kmstypes.KeyStateDisabled && enable:
		d.why = "it is disabled, and the code wants it enabled"
		d.back = func(ctx context.Context) error { return h.enable(ctx, c, d.name) }
	default:
		return nil, nil //nolint:nilnil // alive
	}
	return d, nil
}

func (h held) enable(ctx context.Context, c *awscloud.Clients, name string) error {
	_, err := c.KMS.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &h.ARN})
	if err == nil {
		return nil
	}
	e := awscloud.Explain(err, name+" cannot be enabled", c.Site)
	if awscloud.Code(err) == "KMSInvalidStateException" { // not every part of KMS knows yet that it was taken back
		e.Class = step.Transient
	}
	return e
}

// secret looks at a secret. One that is gone is made anew by Terraform.
func (h held) secret(ctx context.Context, c *awscloud.Clients) (*dying, error) {
	name := fmt.Sprintf("secret %s (%s)", h.ARN[strings.LastIndexByte(h.ARN, ':')+1:], h.address)
	out, err := c.SecretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &h.ARN})
	switch {
	case awscloud.Code(err) == "ResourceNotFoundException":
		return nil, nil //nolint:nilnil // nothing to take back
	case err != nil:
		return nil, awscloud.Explain(err, name+" cannot be looked at", c.Site)
	case out.DeletedDate == nil:
		return nil, nil //nolint:nilnil // alive
	}
	name = fmt.Sprintf("secret %s (%s)", aws.ToString(out.Name), h.address)
	return &dying{name: name, why: "it is scheduled for deletion", back: func(ctx context.Context) error {
		_, err := c.SecretsManager.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &h.ARN})
		if err != nil {
			return awscloud.Explain(err, name+" cannot be taken back from its deletion", c.Site)
		}
		return nil
	}}, nil
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// revive takes back what is dying. What a key encrypted is lost with the key: going on without it is a person's decision.
func (t *turn) revive(ctx context.Context, all []dying) error {
	for _, d := range all {
		if d.lost {
			q := &step.Ask{
				Key:    "lost-" + d.name,
				Prompt: fmt.Sprintf("stack %q: %s does not exist any more; go on with a new key?", t.cfg.Stack.Name, d.name),
				Detail: "Its deletion is over, and nothing brings it back: whatever was encrypted with it cannot be read again. " +
					"Terraform makes a new key; what refers to the old one is changed or replaced, which you are asked about before it happens.",
			}
			if err := t.ask(q, "a key of its state is gone, and going on with a new one was rejected"); err != nil {
				return err
			}
			continue
		}
		t.call.Tell(step.Progress{Message: d.name + ": " + d.why + "; taking it back"})
		if err := d.back(ctx); err != nil {
			return err
		}
		t.took(d.name + " taken back")
	}
	return nil
}

// settle makes the state one that Terraform can work with: its digest agrees, and nothing in it is about to be deleted.
func (t *turn) settle(ctx context.Context) error {
	r, err := t.rest(ctx)
	if err == nil {
		r, err = t.settled(ctx, r)
	}
	if err != nil || r == nil {
		return err
	}
	if err := t.mend(ctx, r); err != nil {
		return err
	}
	all, err := t.dying(ctx, r)
	if err != nil {
		return err
	}
	return t.revive(ctx, all)
}

// unsettled says why settle has work; empty: it has none.
func (t *turn) unsettled(ctx context.Context) (string, error) {
	r, err := t.rest(ctx)
	if err != nil || r == nil {
		return "", err
	}
	var why []string
	if !r.agrees() {
		why = append(why, r.disagrees())
	}
	all, err := t.dying(ctx, r)
	for _, d := range all {
		why = append(why, d.name+": "+d.why)
	}
	return strings.Join(why, "; "), err
}

// took remembers what was done besides applying, for the outcome.
func (s *stack) took(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.did, what) {
		s.did = append(s.did, what)
	}
}

// telling puts what was done besides applying before an outcome.
func (s *stack) telling(o step.Outcome) step.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.did) > 0 {
		o.Changed, o.Summary = true, strings.Join(s.did, ", ")+"; "+o.Summary
	}
	return o
}
