package apikey

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// remembered is the consumer's value as the vault keeps it. It is empty where no place keeps one; a place that does not answer may keep it, which is
// an error. After a compromise no kept value counts.
func (w *world) remembered(ctx context.Context) (secret.Value, error) {
	if w.cfg.Trust.Compromised || w.cfg.Key.Secret == "" {
		return secret.Value{}, nil
	}
	var tried source.Tried
	failed := false
	for _, src := range w.cfg.Key.From {
		site, err := w.site(src)
		if err != nil {
			return secret.Value{}, err
		}
		all, err := w.values(ctx, site)
		switch {
		case ctx.Err() != nil:
			return secret.Value{}, ctx.Err()
		case err == nil && !all[w.cfg.Consumer.Name].Empty():
			return all[w.cfg.Consumer.Name], nil
		case err != nil && awscloud.Code(err) != "ResourceNotFoundException":
			failed = true
			tried.Add(fmt.Sprintf("site %q", site.Name), awscloud.Explain(err, "the kept keys cannot be read", site))
		}
	}
	if failed {
		return secret.Value{}, tried.Err("the key of consumer " + w.cfg.Consumer.Name)
	}
	return secret.Value{}, nil
}

// values are the keys that a place keeps, by consumer. What is no text is left out.
func (w *world) values(ctx context.Context, site *plan.Site) (map[string]secret.Value, error) {
	members, err := w.members(ctx, site)
	out := map[string]secret.Value{}
	for name, raw := range members {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			out[name] = secret.New(s)
		}
	}
	return out, err
}

// members is the secret's JSON object. The parser's words are not passed on: they would quote values.
func (w *world) members(ctx context.Context, site *plan.Site) (map[string]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, source.Patience)
	defer cancel()
	c, err := w.Sites.At(ctx, site)
	if err != nil {
		return nil, err
	}
	out, err := c.SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &w.cfg.Key.Secret})
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &members) != nil || members == nil {
		return nil, &step.Error{
			Class: step.Permanent, Site: site.Name, What: fmt.Sprintf("secret %s is no JSON object", w.cfg.Key.Secret),
			Why: "It keeps the keys of consumers by their names", Next: `Write it as {"Consumer": "value"}`,
		}
	}
	return members, nil
}

// keeps tells whether a new value is still to be put to the kept ones.
func (d *delivery) keeps() bool {
	w := d.world
	return w.cfg.Key.Secret != "" && !d.Kept && (w.cfg.Trust.Compromised || !w.key.value.Equal(w.kept))
}

// keep puts a new value to the kept ones, so that the next recovery finds it. Where that cannot be done it stays a duty: the consumer waits for the
// key, and must not wait for the vault.
func (d *delivery) keep(ctx context.Context) (bool, error) {
	w := d.world
	if !d.keeps() {
		return false, nil
	}
	changed := false
	for _, src := range w.cfg.Key.From {
		site, err := w.site(src)
		if err != nil {
			return false, err
		}
		did, err := w.renew(ctx, site)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			e := awscloud.Explain(err, "", site)
			d.owe(site.Name, fmt.Sprintf("put the value of API key %s of %s into secret %s at site %q, which keeps an old one or none (%s: %v)",
				w.key.id, w.cfg.Consumer.Name, w.cfg.Key.Secret, site.Name, cmp.Or(e.Action, "secretsmanager"), cmp.Or(e.Err, error(e))))
		}
		changed = changed || did
	}
	if len(w.cfg.Key.From) == 0 {
		d.owe("nowhere", fmt.Sprintf("keep the value of API key %s of %s in a vault: no site that keeps secret %s is left, so that the next recovery would have to make a new one",
			w.key.id, w.cfg.Consumer.Name, w.cfg.Key.Secret))
	}
	d.Kept = true
	return changed, d.save()
}

func (w *world) renew(ctx context.Context, site *plan.Site) (bool, error) {
	members, err := w.members(ctx, site)
	if err != nil {
		return false, err
	}
	var was string
	if json.Unmarshal(members[w.cfg.Consumer.Name], &was) == nil && secret.New(was).Equal(w.key.value) {
		return false, nil
	}
	value, err := json.Marshal(w.key.value.Reveal())
	if err != nil {
		return false, err
	}
	members[w.cfg.Consumer.Name] = value
	whole, err := json.Marshal(members)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, source.Patience)
	defer cancel()
	c, err := w.Sites.At(ctx, site)
	if err == nil {
		_, err = c.SecretsManager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &w.cfg.Key.Secret, SecretString: aws.String(string(whole))})
	}
	return err == nil, err
}
