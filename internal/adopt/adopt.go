// Package adopt finds what lives at a site and what a Terraform plan without its state would make again.
//
// Promise: nothing is changed. What is found is found by what AWS says now: by the name that the code gives a resource, or by what refers
// to it; never by what an old state or a guess says. Two that could be meant are none: a person decides. What cannot be
// looked up is said to be so, by address. The table of types is open: one function for each (Types).
package adopt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// State says what there is of a planned resource.
type State string

// The states of a planned resource.
const (
	Present State = "present" // it lives: adopted
	Missing State = "missing" // created
	Held    State = "held"    // something has its name and cannot be adopted
	Dying   State = "dying"   // it lives until the end of its deletion window: taken back, then adopted
	Blind   State = "blind"   // it cannot be looked up: created, whatever there is
	Local   State = "local"   // it lived in the state alone: its value is made anew
	waiting State = "waiting" // what it belongs to is not known yet
)

// Found is what there is of one planned resource.
type Found struct {
	State State
	ID    string // the import id of Present and Dying, as the provider's documentation of the type says
	Why   string // of Held, Dying, Blind; and of a Missing one that has a reason
	// Has are attributes that others refer to, by their names in Terraform. The id is among them.
	Has map[string]string
	// Back takes a dying one back.
	Back func(context.Context) error
}

// Resource is a planned resource as its finder sees it.
type Resource struct {
	terraform.Resource
	Site *plan.Site // with the region of its provider
	look *look
}

// Finding is what was found of the resource with an address.
type Finding struct {
	Address, Type string
	Found
}

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// Finder looks for the live resource of one type. It changes nothing.
type Finder func(context.Context, *awscloud.Clients, Resource) (Found, error)

// look is one look at all that a plan would create.
type look struct {
	detail *terraform.Detail
	found  map[string]Found
}

// width is how many lookups run at once.
const width = 8

// Look classifies every resource that the plan would create at the site, in the plan's order.
func Look(ctx context.Context, sites Sites, site *plan.Site, detail *terraform.Detail) ([]Finding, error) {
	l := &look{detail: detail, found: map[string]Found{}}
	var open []terraform.Resource
	for _, r := range detail.Resources {
		switch {
		case r.Action == "create":
			open = append(open, r)
		case r.Import != "": // found in an earlier round
			l.found[r.Address] = Found{State: Present, ID: r.Import, Has: texts(r.After)}
		}
	}
	all := open
	for progress := true; progress && len(open) > 0; {
		results := make([]Found, len(open))
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(width)
		for i, r := range open {
			g.Go(func() (err error) {
				results[i], err = l.one(gctx, sites, site, r)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		var left []terraform.Resource
		for i, r := range open {
			l.found[r.Address] = results[i]
			if results[i].State == waiting {
				left = append(left, r)
			}
		}
		progress, open = len(left) < len(open), left
	}
	var out []Finding
	for _, r := range all {
		f := l.found[r.Address]
		if f.State == waiting {
			f = l.stuck(r, f)
		}
		out = append(out, Finding{r.Address, r.Type, f})
	}
	return out, nil
}

// one looks at one resource.
func (l *look) one(ctx context.Context, sites Sites, site *plan.Site, r terraform.Resource) (Found, error) {
	find, ok := Types()[r.Type]
	switch {
	case !strings.HasSuffix(r.Source, "/aws"):
		return stateOnly(r), nil
	case !ok:
		return blind("Lifeboat has no lookup for its type"), nil
	}
	region, err := l.detail.Region(r)
	if err != nil {
		return blind(err.Error()), nil
	}
	if own, ok := r.After["region"].(string); ok && own != "" { // an argument of every resource since version 6 of the provider
		region = own
	}
	at := *site
	if region != "" {
		at.Region = region
	}
	c, err := sites.At(ctx, &at)
	if err != nil {
		return Found{}, err
	}
	f, err := find(ctx, c, Resource{r, &at, l})
	if missing, ok := errors.AsType[*unknownError](err); ok {
		return Found{State: waiting, Why: missing.attribute}, nil
	}
	if err != nil {
		return Found{}, awscloud.Explain(err, "what lives of "+r.Address+" cannot be looked up", &at)
	}
	return f, nil
}

// stuck says what it means that a resource waited to the end for a value.
func (l *look) stuck(r terraform.Resource, f Found) Found {
	ref, ok := l.detail.Refers(r, f.Why)
	if parent := l.found[ref.Address]; ok {
		switch parent.State {
		case Missing:
			return missing()
		case Held:
			return Found{State: Blind, Why: "what it belongs to, " + ref.Address + ", is not clear"}
		case Dying:
			return Found{State: Blind, Why: "it is looked up once " + ref.Address + " is taken back"}
		case Present, Blind, Local, waiting:
		}
	}
	return blind("its " + f.Why + " is known only once it is made")
}

// stateOnly says what it means that a resource of another provider is made again.
func stateOnly(r terraform.Resource) Found {
	provider := r.Source[strings.LastIndexByte(r.Source, '/')+1:]
	if slices.Contains([]string{"random", "tls", "time"}, provider) {
		return Found{State: Local, Why: "its value was in the lost state alone: a new one is made"}
	}
	if slices.Contains([]string{"terraform", "null", "local", "archive"}, provider) {
		return missing()
	}
	return blind("Lifeboat has no lookup for provider " + provider)
}

// unknownError says that a finder needs an attribute that is not known yet.
type unknownError struct{ attribute string }

// Error names the attribute.
func (e *unknownError) Error() string { return e.attribute + " is not known yet" }

// Text is a text attribute: as planned, or of the live resource that it refers to. It fails while neither is known; a finder gives that error back.
func (r Resource) Text(attribute string) (string, error) {
	switch v := r.After[attribute].(type) {
	case string:
		return v, nil
	case float64, bool:
		return fmt.Sprint(v), nil
	}
	if r.Unknown[attribute] != true {
		return "", nil
	}
	if ref, ok := r.look.detail.Refers(r.Resource, attribute); ok {
		if ref.Attribute == "" {
			ref.Attribute = "id"
		}
		if v := r.look.found[ref.Address].Has[ref.Attribute]; v != "" {
			return v, nil
		}
	}
	return "", &unknownError{attribute}
}

// Texts are several, in their order.
func (r Resource) Texts(attributes ...string) ([]string, error) {
	out := make([]string, len(attributes))
	for i, a := range attributes {
		var err error
		if out[i], err = r.Text(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Set tells whether the code gives an attribute a value, known or not.
func (r Resource) Set(attribute string) bool {
	return r.After[attribute] != nil || r.Unknown[attribute] == true
}

// Referrers are the planned resources of a type that refer to r by one of their attributes.
func (r Resource) Referrers(kind, attribute string) []Resource {
	var out []Resource
	for _, x := range r.look.detail.Resources {
		if x.Type != kind {
			continue
		}
		if ref, ok := r.look.detail.Refers(x, attribute); ok && ref.Address == r.Address {
			out = append(out, Resource{x, r.Site, r.look})
		}
	}
	return out
}

func present(id string, has map[string]string) Found {
	f := Found{State: Present, ID: id, Has: map[string]string{"id": id}}
	maps.Copy(f.Has, has)
	return f
}

func missing() Found { return Found{State: Missing} }

func held(format string, args ...any) Found {
	return Found{State: Held, Why: fmt.Sprintf(format, args...)}
}

func blind(why string) Found { return Found{State: Blind, Why: why} }

// among takes the only one of several that could be meant, none for none.
func among[T any](what string, all []T, id func(T) string, take func(T) Found) Found {
	switch len(all) {
	case 0:
		return missing()
	case 1:
		return take(all[0])
	}
	var ids []string
	for _, x := range all {
		ids = append(ids, id(x))
	}
	slices.Sort(ids)
	return held("%d %s could be meant: %s. To say which, put an import block with its id into the stack's code", len(all), what, strings.Join(ids, ", "))
}

// texts are the text attributes of an imported resource.
func texts(attributes map[string]any) map[string]string {
	out := map[string]string{}
	for k, v := range attributes {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

// unless gives Missing for an error with one of the codes, and the error otherwise.
func unless(err error, codes ...string) (Found, error) {
	if slices.Contains(codes, awscloud.Code(err)) {
		return missing(), nil
	}
	return Found{}, err
}

// settling says that a resource is on its way to somewhere.
func settling(what string) error {
	return &step.Error{Class: step.Transient, What: what, Next: "it is looked at again"}
}
