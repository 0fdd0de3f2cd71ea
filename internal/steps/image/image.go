// Package image is the step that brings container images to the site's registry.
//
// Promise: afterwards the site's ECR has the repository, with the settings of the plan or of its source, and every digest and tag that the plan
// wants, byte for byte: images are copied by digest, multi-arch indexes with their children, and only layers that are missing travel,
// streamed. Sources are asked in the plan's order, for each image anew. A tag that points elsewhere is not moved: an immutable
// one is explained, for a mutable one a person is asked. Nothing is deleted.
package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// New makes the kind. A Spec's Config is a *plan.Image; its sources are sites of p, layouts below p.Dir, or remote repositories.
func New(sites Sites, p *plan.Plan) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		want, ok := spec.Config.(*plan.Image)
		if !ok {
			return nil, fmt.Errorf("step %s: image needs a *plan.Image, not %T", spec.ID, spec.Config)
		}
		return &image{want: want, plan: p, sites: sites}, nil
	}
}

type image struct {
	want  *plan.Image
	plan  *plan.Plan
	sites Sites
}

var _ step.Step = (*image)(nil)

// work is what a probe found, and what is left to do.
type work struct {
	at      *awscloud.Clients
	target  *repository // nil: it does not exist
	wanted  settings
	change  []change // of the settings of a repository that exists
	missing []string // tags and digests
	moved   []moved
	note    string // what was not looked at, and why
	origins *origins
}

// moved is a tag that points elsewhere at the site than at the source.
type moved struct{ tag, here, there, source string }

func (w *work) reasons(name string) []string {
	var out []string
	if w.target == nil {
		out = append(out, "repository "+name+" does not exist")
	}
	for _, c := range w.change {
		out = append(out, "repository "+name+" without "+c.name)
	}
	if len(w.missing) > 0 && w.target != nil {
		out = append(out, "missing: "+strings.Join(w.missing, ", "))
	}
	for _, m := range w.moved {
		out = append(out, fmt.Sprintf("tag %s points elsewhere than at %s", m.tag, m.source))
	}
	return out
}

// Probe tells what is missing.
func (s *image) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	w, err := s.survey(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	if reasons := w.reasons(s.want.Repository); len(reasons) > 0 {
		return step.Probe{Status: step.Needed, Reason: strings.Join(reasons, "; ")}, nil
	}
	return step.Probe{Status: step.Done, Reason: fmt.Sprintf("repository %s has its %s%s", s.want.Repository, diag.Count(len(s.refs()), "image"), w.note)}, nil
}

// Ensure makes the repository, puts its settings right and copies what is missing.
func (s *image) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	w, err := s.survey(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	var did []string
	if w.target == nil {
		if w.target, err = s.create(ctx, call, w); err != nil {
			return step.Outcome{}, err
		}
		did = append(did, "repository "+s.want.Repository+" created"+w.wanted.note)
		w.change = w.target.changes(w.wanted)
	}
	for _, c := range w.change {
		if err := c.write(ctx); err != nil {
			return step.Outcome{}, awscloud.Explain(err, fmt.Sprintf("%s of repository %s cannot be set", c.name, s.want.Repository), call.Site)
		}
		did = append(did, c.name+" set")
	}
	refs, err := s.decide(call, w)
	if err != nil {
		return step.Outcome{}, err
	}
	if len(refs) > 0 {
		summary, err := s.copy(ctx, call, w, refs)
		if err != nil {
			return step.Outcome{}, err
		}
		did = append(did, summary)
	}
	if len(did) == 0 {
		return step.Outcome{Summary: fmt.Sprintf("repository %s has its %s%s", s.want.Repository, diag.Count(len(s.refs()), "image"), w.note)}, nil
	}
	return step.Outcome{Changed: true, Summary: strings.Join(did, ", ")}, nil
}

// refs are the tags and digests that the plan wants. A digest has a colon, a tag never has.
func (s *image) refs() []string {
	return append(append([]string(nil), s.want.Tags...), s.want.Digests...)
}

func isDigest(ref string) bool { return strings.Contains(ref, ":") }

// decide gives what to copy: what is missing, and the tags that a person lets us move.
func (s *image) decide(call *step.Call, w *work) ([]string, error) {
	refs := w.missing
	for _, m := range w.moved {
		points := fmt.Sprintf("Here it is %s, at %s it is %s.", m.here, m.source, m.there)
		if w.target.immutable() {
			return nil, &step.Error{
				Class: step.Permanent, Site: call.Site.Name, Action: "ecr:PutImage",
				What: fmt.Sprintf("tag %s of repository %s points to another image, and the repository's tags are immutable", m.tag, s.want.Repository),
				Why:  points, Next: "Name the digest that you want in the plan instead of the tag, or delete the tag here by hand, then run `lifeboat resume`",
			}
		}
		key := "tag " + m.tag
		switch a, answered := call.Answers[key]; {
		case !answered:
			return nil, &step.Ask{
				Key: key, Prompt: fmt.Sprintf("Move tag %s of repository %s to the image of %s?", m.tag, s.want.Repository, m.source),
				Detail: points + "\nApprove to move it, confirm to leave it as it is.",
			}
		case a.Decision == step.Reject:
			return nil, &step.Error{Class: step.Permanent, Site: call.Site.Name, What: fmt.Sprintf("tag %s points to another image than at %s, and %s rejected moving it", m.tag, m.source, a.By)}
		case a.Decision == step.Approve:
			refs = append(refs, m.tag)
		}
	}
	return refs, nil
}
