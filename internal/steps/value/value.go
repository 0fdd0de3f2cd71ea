// Package value is the step for what Terraform only reads: secrets of Secrets Manager and parameters of Parameter Store.
//
// Promise: afterwards the value is at the site, with every JSON key that the code reads: taken back out of its deletion window, copied from the
// first source that has it whole, generated, or typed in by a person. A value that is there is not overwritten, save one that can be generated
// after a compromise. Then nothing counts that was made after the trusted instant: a copy's newest older version is taken, and what can be
// generated is made anew. No error, outcome or progress holds a value: a missing key is named, not its neighbours.
package value

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// store is where a value lives at a site.
type store interface {
	// look tells what is there. A mark is what this run's write is known by; empty: nobody wants to know.
	look(ctx context.Context, mark string) (state, error)
	// restore takes the value back from its deletion.
	restore(context.Context) error
	// read gives the current content, or the newest that was made until an instant: an *untrustedError when there is none.
	read(ctx context.Context, until time.Time) (content, error)
	// write makes a new content the current one.
	write(ctx context.Context, mark string, c content, there bool) error
}

// New makes the kinds step.Secret and step.Parameter. A Spec's Config is a *step.SecretConfig or *step.ParameterConfig; its sources are
// sites of p.
func New(sites Sites, p *plan.Plan) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		w, err := wanted(spec)
		if err != nil {
			return nil, err
		}
		return &value{wish: w, plan: p, sites: sites}, nil
	}
}

type value struct {
	*wish
	plan  *plan.Plan
	sites Sites
}

var _ step.Step = (*value)(nil)

// reprieves is how often something is taken back from its deletion before AWS must show it alive: the value and its key, each once.
const reprieves = 2

// Probe looks at the value.
func (v *value) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	_, st, err := v.look(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	p := step.Probe{Status: step.Needed, Reason: v.reason(st)}
	if v.settled(st) {
		p.Status = step.Done
	}
	return p, nil
}

// Ensure restores, copies or makes the value.
func (v *value) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	at, st, err := v.look(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	out := step.Outcome{Summary: v.reason(st)}
	for tries := 0; st.dying; tries++ {
		if tries == reprieves {
			return step.Outcome{}, &step.Error{Class: step.Transient, Site: call.Site.Name, What: v.reason(st) + ", although it was taken back"}
		}
		if out, err = v.back(ctx, call, at, st); err == nil {
			st, err = v.lookAt(ctx, at, call)
		}
		if err != nil {
			return step.Outcome{}, err
		}
	}
	if v.settled(st) {
		return out, nil
	}
	c, how, err := v.compose(ctx, call, st)
	if err != nil {
		return step.Outcome{}, err
	}
	if err := at.write(ctx, mark(call), c, st.there); err != nil {
		return step.Outcome{}, awscloud.Explain(err, v.String()+" cannot be written", call.Site)
	}
	return step.Outcome{Changed: true, Summary: fmt.Sprintf("%s %s%s", v, how, source.Traces(v.plan, call.Site, c.text.Reveal()))}, nil
}

// back takes the value, or the key that it cannot be read without, out of its deletion window.
func (v *value) back(ctx context.Context, call *step.Call, at store, st state) (step.Outcome, error) {
	out := step.Outcome{Changed: true, Summary: v.String() + " taken back from its deletion window"}
	err := error(nil)
	if st.key != nil {
		out.Summary = v.String() + " can be read again: " + st.key.Name + " taken back"
		err = st.key.Back(ctx)
	} else {
		err = at.restore(ctx)
	}
	if err != nil {
		return step.Outcome{}, awscloud.Explain(err, v.String()+" cannot be taken back from its deletion", call.Site)
	}
	return out, nil
}

// compose finds or makes what the value shall be, and says how.
func (v *value) compose(ctx context.Context, call *step.Call, st state) (content, string, error) {
	var base content
	var how string
	_, object := st.content.object()
	switch {
	case v.made() && (v.rotates() || !st.valued && len(v.from) == 0):
		return v.generated()
	case st.valued && v.generate != nil && object && len(st.content.lacks(v.kept)) == 0:
		base, how = st.content, "kept"
	case st.valued:
		return content{}, "", &step.Error{
			Class: step.Permanent, Site: call.Site.Name, What: v.reason(st), Why: "The code reads it, and a value that is there is not overwritten",
			Next: fmt.Sprintf("Give the whole value with `lifeboat put %s %s --replace`, then run `lifeboat resume`", call.Run, call.Step),
		}
	default:
		var err error
		if base, how, err = v.copied(ctx, call); err != nil {
			return content{}, "", err
		}
	}
	anew := v.anew
	if !v.rotates() {
		anew = base.lacks(v.anew)
	}
	if len(anew) == 0 {
		return base, how, nil
	}
	c, err := v.withMade(base, anew)
	if v.rotates() {
		return c, fmt.Sprintf("%s; rotated: %s", how, strings.Join(anew, ", ")), err
	}
	return c, fmt.Sprintf("%s; generated: %s", how, strings.Join(anew, ", ")), err
}
