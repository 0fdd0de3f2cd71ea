package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func imageRules() []*Rule {
	return []*Rule{
		{
			ID: "LB501", Title: "An image is `latest`", Weights: all(Medium), find: (*tree).latest,
			Why:    "Nobody can say which image that was. What is copied to the standby, or built again, is another one than what ran.",
			Fix:    "Deploy a version's tag that never moves, or a digest.",
			Source: "field notes I1 (cr#1289)", Links: []string{issue("cr#1289"), "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html"},
		},
		{
			ID: "LB502", Title: "An image comes from one account's registry", Weights: away(High), find: (*tree).registries,
			Why:    "The functions of the new site pull from the lost one: denied from another account, refused by Lambda from another region, gone after a compromise.",
			Fix:    "Put the registry together from data.aws_caller_identity and the region, and have the plan copy the image (an image block).",
			Source: "field notes I1 (cr#1289); Lambda Developer Guide: the registry must be in the function's region", Links: []string{issue("cr#1289"), "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"},
		},
		{
			ID: "LB503", Title: "A repository has no copy elsewhere", Weights: away(High), find: (*tree).unreplicated,
			Why:    "The repository is made again, and is empty: every function that needs an image of it fails. Replication copies only what is pushed after it was switched on.",
			Fix:    "Give the plan an image block with a source outside of what can be lost (a vault, a local layout), and fill it with every release.",
			Source: "field notes I1 (cr#1289), I4", Links: []string{issue("cr#1289"), "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html"},
		},
		{
			ID: "LB504", Title: "Tags of a repository can move", Weights: all(Low), find: (*tree).mutable,
			Why:    "The tag that the code names may be another image by the time of the recovery. Replication does not copy this setting either.",
			Fix:    "Set image_tag_mutability to IMMUTABLE.",
			Source: "field notes I2 (cr#140)", Links: []string{issue("cr#140")},
		},
		{
			ID: "LB505", Title: "Every source of an image is lost", Weights: away(High), find: (*tree).sources,
			Why:    "The scenario takes all the places that the plan would copy this image from. The functions that need it cannot be made.",
			Fix:    "Add a source that the scenario leaves: a vault in another account and region, a local layout, another registry.",
			Source: "field notes I1 (cr#1289), D2", Links: []string{issue("cr#1289")},
		},
	}
}

func (t *tree) latest() {
	for _, s := range t.inv.Stacks {
		for _, i := range s.Images {
			if tag, ok := i.Tag.Str(); !ok || tag != "latest" {
				continue
			}
			h := hit{at: i.At, stack: s.Name, address: i.Resource}
			for _, v := range []*survey.Value{i.Tag, i.Reference} {
				for p := range v.Written() {
					if j := strings.LastIndex(p.Text, "latest"); j >= 0 {
						h.at = p.At.Sub(p.Text, j, j+len("latest"))
						break
					}
				}
				if h.at != i.At {
					break
				}
			}
			t.add(h)
		}
	}
	t.latestValues()
}

// latestValues finds the images that are given to modules which are not in the tree.
func (t *tree) latestValues() {
	for _, p := range t.places() {
		if p.kind == registryToken && strings.HasSuffix(p.text, ":latest") && (p.variable == "" || !t.gives(p.stack, p.variable)) {
			t.add(hit{at: p.at, stack: p.stack, address: p.address})
		}
	}
}

func (t *tree) registries() {
	for _, p := range t.places() {
		if p.kind != registryToken {
			continue
		}
		if p.variable != "" && t.gives(p.stack, p.variable) {
			continue
		}
		t.place(p)
	}
}

// planImage finds the plan's images of a repository, as far as its name is known.
func (t *tree) planImage(repository *survey.Value) bool {
	return t.Plan != nil && slices.ContainsFunc(t.Plan.Images, func(i *plan.Image) bool { return fit(repository, i.Repository) })
}

func (t *tree) unreplicated() {
	if t.made("aws_ecr_replication_configuration", nil) {
		return
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if !t.planImage(r.Body.Get("name")) {
			t.add(at(s, r))
		}
	}, "aws_ecr_repository")
}

func (t *tree) mutable() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		v := r.Body.Get("image_tag_mutability")
		if text, known := v.Str(); v.IsNull() || known && !strings.HasPrefix(text, "IMMUTABLE") {
			h := at(s, r)
			h.patch = setAttribute(r, "image_tag_mutability", `"IMMUTABLE"`)
			t.add(h)
		}
	}, "aws_ecr_repository")
}

func (t *tree) sources() {
	if t.Plan == nil {
		return
	}
	for _, i := range t.Plan.Images {
		var w Weights
		var lost []string
		for _, sc := range t.Plan.Scenarios {
			if len(i.From) > 0 && !slices.ContainsFunc(i.From, func(s plan.Source) bool { return s.Site == "" || sc.Reaches(t.Plan, s.Site) }) {
				w = w.with(lostKind(sc), High)
				lost = append(lost, sc.Name)
			}
		}
		t.add(hit{rng: i.Range, inPlan: lost, address: "image." + i.Name, steps: []string{"image/" + i.Name}, weights: &w, title: fmt.Sprintf("Every source of image %s is lost in %s", i.Name, strings.Join(lost, " and "))})
	}
}
