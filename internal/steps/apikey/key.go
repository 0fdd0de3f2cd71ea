package apikey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The length of a key's value (API Gateway Developer Guide, "Quotas": 20 to 128 characters).
const (
	shortest = 20
	longest  = 128
)

var errEmpty = errors.New("it is empty")

// holder is a consumer and what they shall hold. Both kinds of steps are of one.
type holder struct {
	Deps
	cfg     *step.APIKeyConfig
	inPlace bool
}

func newHolder(d Deps, spec step.Spec) (*holder, error) {
	cfg, ok := spec.Config.(*step.APIKeyConfig)
	if !ok {
		return nil, fmt.Errorf("step %s: %s needs a *step.APIKeyConfig, not %T", spec.ID, spec.Kind, spec.Config)
	}
	return &holder{Deps: d, cfg: cfg, inPlace: spec.IfNeeded}, nil
}

// key is a key of API Gateway.
type key struct {
	id, name, description string
	value                 secret.Value
	enabled               bool
	created               time.Time
}

// world is what is at the site.
type world struct {
	*holder
	call    *step.Call
	clients *awscloud.Clients
	plan    string // id of the usage plan; empty when Terraform makes the key
	url     string
	kept    secret.Value // what the vault has; empty: nothing that counts
	key     *key         // the consumer's; nil: none
	older   []*key       // of the same name, enabled, and not to be used after a compromise
	retired int          // older keys that were disabled, now or before
}

// look finds the consumer's key. It changes nothing.
func (h *holder) look(ctx context.Context, call *step.Call) (*world, error) {
	w := &world{holder: h, call: call}
	var err error
	if w.clients, err = h.Sites.At(ctx, call.Site); err != nil {
		return nil, err
	}
	if w.url, err = text(call, h.cfg.Key.URL); err != nil {
		return nil, err
	}
	if h.cfg.Key.KeyID != nil {
		return w, w.terraforms(ctx)
	}
	if w.plan, err = text(call, h.cfg.Key.UsagePlan); err != nil {
		return nil, err
	}
	if w.kept, err = w.remembered(ctx); err != nil {
		return nil, err
	}
	return w, w.find(ctx)
}

// terraforms reads the key that Terraform made.
func (w *world) terraforms(ctx context.Context) error {
	id, err := text(w.call, w.cfg.Key.KeyID)
	if err != nil {
		return err
	}
	out, err := w.clients.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: &id, IncludeValue: aws.Bool(true)})
	if err != nil {
		return awscloud.Explain(err, "API key "+id+" cannot be read", w.call.Site)
	}
	w.key = &key{
		id: aws.ToString(out.Id), name: aws.ToString(out.Name), description: aws.ToString(out.Description), value: secret.New(aws.ToString(out.Value)),
		enabled: out.Enabled, created: aws.ToTime(out.CreatedDate),
	}
	what := &step.Error{Class: step.Permanent, Site: w.call.Site.Name}
	switch {
	case !w.key.enabled:
		what.What, what.Next = "API key "+id+" is disabled", "Set enabled = true in the stack that makes it, or enable it by hand, then run `lifeboat resume`"
	case w.cfg.Trust.Compromised && w.key.created.Before(w.call.Disaster.Truncate(time.Second)):
		what.What, what.Why = "API key "+id+" is older than the compromise", "An intruder may know its value"
		what.Next = "Let Terraform make it anew (-replace), then run `lifeboat resume`"
	default:
		return nil
	}
	return what
}

// all gives the keys whose name begins so, with their values.
func (w *world) all(ctx context.Context, name string) ([]*key, error) {
	in := &apigateway.GetApiKeysInput{IncludeValues: aws.Bool(true), Limit: aws.Int32(500)}
	if name != "" {
		in.NameQuery = &name
	}
	var out []*key
	for pages := apigateway.NewGetApiKeysPaginator(w.clients.APIGateway, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awscloud.Explain(err, "the API keys cannot be listed", w.call.Site)
		}
		for _, k := range page.Items {
			out = append(out, &key{
				id: aws.ToString(k.Id), name: aws.ToString(k.Name), description: aws.ToString(k.Description), value: secret.New(aws.ToString(k.Value)),
				enabled: k.Enabled, created: aws.ToTime(k.CreatedDate),
			})
		}
	}
	return out, nil
}

// mark ends the description of a key that this run made.
func (w *world) mark() string { return "made by lifeboat in run " + w.call.Run }

func (w *world) mine(k *key) bool { return strings.HasSuffix(k.description, w.mark()) }

// find chooses the consumer's key among those of its name. After a compromise only one that this run made counts. Else the one with the kept
// value does; and without one of these, in place or where no value is kept, whatever is there, enabled and young before disabled and old.
func (w *world) find(ctx context.Context) error {
	name := w.cfg.KeyName()
	all, err := w.all(ctx, name)
	if err != nil {
		return err
	}
	w.key, w.older, w.retired = nil, nil, 0
	var best int
	for _, k := range all {
		if k.name != name {
			continue
		}
		rank := w.rank(k)
		if rank > best || rank == best && rank > 0 && k.created.After(w.key.created) {
			best, w.key = rank, k
		}
		if w.cfg.Trust.Compromised && rank == 0 {
			w.retired++
			if k.enabled {
				w.older = append(w.older, k)
			}
		}
	}
	return nil
}

// rank is how much a key of the right name is the consumer's; 0: it is not.
func (w *world) rank(k *key) int {
	switch {
	case w.cfg.Trust.Compromised && !w.mine(k):
		return 0
	case !w.kept.Empty() && k.value.Equal(w.kept):
		return 4
	case w.mine(k):
		return 3
	case !w.inPlace && !w.kept.Empty():
		return 0
	case k.enabled:
		return 2
	}
	return 1
}

// lacks says what is missing for the consumer to call; empty: nothing.
func (w *world) lacks(ctx context.Context) (string, error) {
	who := w.cfg.Consumer.Name
	switch {
	case w.key == nil:
		return "there is no key for " + who, nil
	case !w.key.enabled:
		return "the key of " + who + " is disabled", nil
	case len(w.older) > 0:
		return "an older key of " + who + " still works", nil
	}
	if w.plan != "" {
		in, err := w.planned(ctx)
		if err != nil {
			return "", err
		}
		if !in {
			return "the key of " + who + " is not in usage plan " + w.plan, nil
		}
	}
	shared, err := w.shared(ctx)
	if err == nil && w.cfg.Consumer.Shared != "" && !shared.Equal(w.key.value) {
		return fmt.Sprintf("secret %s does not hold the key of %s", w.cfg.Consumer.Shared, who), nil
	}
	return "", err
}

// planned tells whether the key is in its usage plan.
func (w *world) planned(ctx context.Context) (bool, error) {
	_, err := w.clients.APIGateway.GetUsagePlanKey(ctx, &apigateway.GetUsagePlanKeyInput{UsagePlanId: &w.plan, KeyId: &w.key.id})
	if awscloud.Code(err) == "NotFoundException" {
		return false, nil
	}
	if err != nil {
		return false, awscloud.Explain(err, "usage plan "+w.plan+" cannot be looked at", w.call.Site)
	}
	return true, nil
}

// ensure makes the key, enables it and puts it into its usage plan, as far as it is not, and disables older ones.
func (w *world) ensure(ctx context.Context) (changed bool, err error) {
	if w.plan == "" {
		return false, nil
	}
	if w.key == nil {
		if err := w.create(ctx); err != nil {
			return false, err
		}
		changed = true
	}
	if !w.key.enabled {
		if err := w.enable(ctx, w.key, true); err != nil {
			return false, err
		}
		changed = true
	}
	in, err := w.planned(ctx)
	if err != nil {
		return false, err
	}
	if !in {
		_, err := w.clients.APIGateway.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: &w.plan, KeyId: &w.key.id, KeyType: aws.String("API_KEY")})
		if awscloud.Code(err) == "ConflictException" { // to our own request, when its first answer was lost
			if in, _ := w.planned(ctx); in {
				err = nil
			}
		}
		if err != nil {
			return false, awscloud.Explain(err, fmt.Sprintf("the key of %s cannot be put into usage plan %s", w.cfg.Consumer.Name, w.plan), w.call.Site)
		}
		changed = true
	}
	for _, k := range w.older {
		if err := w.enable(ctx, k, false); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

func (w *world) enable(ctx context.Context, k *key, on bool) error {
	_, err := w.clients.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &k.id, PatchOperations: []types.PatchOperation{
		{Op: types.OpReplace, Path: aws.String("/enabled"), Value: aws.String(fmt.Sprint(on))},
	}})
	if err != nil {
		return awscloud.Explain(err, fmt.Sprintf("API key %s (%s) cannot be changed to enabled=%v", k.name, k.id, on), w.call.Site)
	}
	k.enabled = on
	return nil
}

// create makes the key with the kept value, or with a new one. We choose that too, so that a request that is sent again meets its own key.
func (w *world) create(ctx context.Context) error {
	value := w.kept
	if value.Empty() {
		value = secret.New(rand.Text() + rand.Text()) // 52 letters and digits, 260 bits
	} else if n := len(value.Reveal()); n < shortest || n > longest {
		return &step.Error{
			Class: step.Permanent, What: fmt.Sprintf("the kept key of consumer %q has %d characters", w.cfg.Consumer.Name, n), Site: w.call.Site.Name,
			Why:  fmt.Sprintf("API Gateway takes %d to %d", shortest, longest),
			Next: fmt.Sprintf("Correct it in secret %s, or take it out so that a new key is made, then run `lifeboat resume`", w.cfg.Key.Secret),
		}
	}
	name := w.cfg.KeyName()
	description := fmt.Sprintf("Of %s, %s", w.cfg.Consumer.Name, w.mark())
	_, err := w.clients.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: &name, Value: aws.String(value.Reveal()), Enabled: true, Description: &description})
	if err != nil && awscloud.Code(err) != "ConflictException" {
		return awscloud.Explain(err, "API key "+name+" cannot be made", w.call.Site)
	}
	if found := w.find(ctx); found != nil {
		return found
	}
	if w.key == nil || !w.key.value.Equal(value) {
		return w.taken(ctx, value, err)
	}
	return nil
}

// taken is the error of a value that another key has (field note: two keys cannot share a value).
func (w *world) taken(ctx context.Context, value secret.Value, err error) error {
	name := w.cfg.KeyName()
	if err == nil {
		err = errors.New("it was made, and is not in the list")
		return &step.Error{Class: step.Transient, What: "API key " + name + " is not to be seen yet", Site: w.call.Site.Name, Err: err}
	}
	e := awscloud.Explain(err, fmt.Sprintf("the kept key of consumer %q is taken", w.cfg.Consumer.Name), w.call.Site)
	e.Class, e.Why = step.Permanent, "Another API key of this account and region has the same value, and no two can"
	e.Next = fmt.Sprintf("Find it with `aws apigateway get-api-keys --include-values`; rename it to %s if it is this consumer's, else delete it or take the value out of secret %s", name, w.cfg.Key.Secret)
	all, lost := w.all(ctx, "")
	if lost != nil {
		return e
	}
	for _, k := range all {
		if k.value.Equal(value) {
			e.Why = fmt.Sprintf("API key %q (%s) has the same value, and no two can", k.name, k.id)
			e.Next = fmt.Sprintf("If that key is this consumer's, rename it: aws apigateway update-api-key --region %s --api-key %s --patch-operations op=replace,path=/name,value=%s. Else delete it, or take the value out of secret %s. Then run `lifeboat resume`",
				w.call.Site.Region, k.id, name, w.cfg.Key.Secret)
		}
	}
	return e
}

// site finds a site of the plan that is known to be there.
func (h *holder) site(src plan.Source) (*plan.Site, error) {
	s := h.Plan.Site(src.Site)
	if s == nil {
		return nil, fmt.Errorf("the values of API key %q are kept at site %q, which the plan does not have", h.cfg.Key.Name, src.Site)
	}
	return s, nil
}
