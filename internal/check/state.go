package check

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func stateRules() []*Rule {
	backend := "https://developer.hashicorp.com/terraform/language/backend/s3"
	return []*Rule{
		{
			ID: "LB201", Title: "The backend names its bucket or region", Weights: away(Medium), find: (*tree).backends,
			Why:    "A backend block takes no variables. In a recovery it still points to the lost bucket, or worse: to one that an intruder can write.",
			Fix:    "Leave bucket and region out of the block and give them with -backend-config. A lifeboat plan does that by itself: give it a state block.",
			Source: "field notes T4 and T5 (tf#13022, tf#36563, tg#509)", Links: []string{issue("tf#13022"), issue("tg#509"), backend},
		},
		{
			ID: "LB202", Title: "A remote state names its bucket or region", Weights: away(High), find: (*tree).remoteStates,
			Why:    "The recovery reads the outputs of the lost site: of its region, if that still answers, or it stops. Read silently, they tie the new site to the dead one.",
			Fix:    "Take bucket and region from variables that the plan sets, or take the outputs as variables: stack.NAME.outputs.X in the plan.",
			Source: "field notes T5 (tg#509)", Links: []string{issue("tg#509"), "https://developer.hashicorp.com/terraform/language/state/remote-state-data"},
		},
		{
			ID: "LB203", Title: "The state is kept on one machine", Weights: all(Medium), find: (*tree).localStates,
			Why:    "Without a backend, or with a local one, the state lies beside the code, on the laptop or runner that applied it last. Whoever recovers has none: terraform plans to create everything, and collides with what is there.",
			Fix:    "Give the root module a backend \"s3\" block. A lifeboat plan with a state block does that by itself.",
			Source: "field notes T3", Links: []string{backend},
		},
		{
			ID: "LB204", Title: "A state bucket has no versioning", Weights: inPlace(High), find: (*tree).stateVersions,
			Why:    "A state that was overwritten or deleted is gone. With the state gone and the resources there, a recovery met conflicts, and made a second API of the same name.",
			Fix:    "Switch versioning on for the bucket.",
			Source: "field notes T1, T3 and section 5; S3 backend documentation: enable bucket versioning", Links: []string{backend, issue("tf#34387")},
		},
		{
			ID: "LB205", Title: "A state bucket has no copy elsewhere", Weights: away(Medium), find: (*tree).stateCopies,
			Why:    "The states are lost together with what they describe. Nothing tells then what there was, and generated values that only the state holds are gone.",
			Fix:    "Replicate the bucket to another region, and to another account.",
			Source: "field notes section 5: state gone; S3 User Guide, Replicating objects", Links: []string{"https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html"},
		},
	}
}

// names tells whether an object sets one of the keys to a text that holds anything constant.
func names(v *survey.Value, keys ...string) bool {
	for _, k := range keys {
		x := v.Get(k)
		for p := range x.Written() {
			if p.Text != "" && p.Via == nil {
				return true
			}
		}
	}
	return false
}

func (t *tree) backends() {
	for _, s := range t.inv.Stacks {
		if s.Backend == nil || s.Backend.Type != "s3" || s.Backend.At.File == nil || strings.HasSuffix(s.Backend.At.File.Path, ".hcl") || len(t.planned[s.Name]) > 0 {
			continue
		}
		if inFile(s.Backend.Body, s.Backend.At, "bucket", "region") {
			t.add(hit{at: s.Backend.At, stack: s.Name, address: "backend.s3"})
		}
	}
	t.terragruntStates()
}

// inFile tells whether the block itself gives one of the keys, rather than a -backend-config file.
func inFile(body *survey.Value, block survey.Span, keys ...string) bool {
	for _, k := range keys {
		if at := body.KeyAt(k); at.File == block.File && names(body, k) {
			return true
		}
	}
	return false
}

func (t *tree) remoteStates() {
	t.resources(survey.Data, func(s *survey.Stack, r *survey.Resource) {
		if names(r.Body.Get("config"), "bucket", "region", "path") {
			t.add(at(s, r))
		}
	}, "terraform_remote_state")
}

// localStates finds root modules that are applied without a backend. Modules for others, their examples and their tests keep no state that
// anybody misses.
func (t *tree) localStates() {
	keeps := map[*survey.Stack]bool{} // the bucket that states are in
	t.stateBuckets(func(s *survey.Stack, _ *survey.Resource) { keeps[s] = true })
	for _, s := range t.inv.Stacks {
		local := s.Backend != nil && s.Backend.Type == "local"
		if s.Backend != nil && !local || len(t.planned[s.Name]) > 0 || t.terragrunt(s) || t.hinted(s, survey.SetsBackend) || t.library(s) || sample(s.Dir) {
			continue
		}
		h := hit{stack: s.Name}
		if local {
			h.at, h.address = s.Backend.At, "backend.local"
		} else {
			h.firstOf(s)
		}
		if keeps[s] {
			w := all(Low) // it is small, and has to begin somewhere
			h.weights, h.title = &w, "The stack that makes the bucket of states keeps its own state on one machine"
		}
		t.add(h)
	}
}

// firstOf is the first thing that the stack's own code makes.
func (h *hit) firstOf(s *survey.Stack) {
	for _, r := range s.Resources {
		if r.Mode == survey.Managed && r.Module == "" {
			h.first(r.At, r.Address)
		}
	}
	for _, c := range s.Calls {
		if !strings.Contains(strings.TrimPrefix(c.Module, "module."), ".module.") {
			h.first(c.At, c.Module)
		}
	}
}

// library tells whether a folder is a module for others to call rather than one that is applied: it wants values, configures no provider, and
// nothing in the tree says that it is ever run.
func (t *tree) library(s *survey.Stack) bool {
	wants := slices.ContainsFunc(s.Variables, func(v *survey.Variable) bool { return v.Default == nil && v.Value == nil && !v.Overlay })
	locked := slices.ContainsFunc(s.Requires, func(r *survey.Requirement) bool { return r.Locked != "" })
	return wants && !locked && s.Backend == nil && len(s.Providers) == 0 && len(s.Instances) == 0 && len(s.Outputs) > 0 && len(t.planned[s.Name]) == 0 &&
		!t.hinted(s, survey.Runs) && !t.hinted(s, survey.SetsVariable) && !t.hinted(s, survey.UsesVarFile)
}

// sample tells whether a folder is an example or a test of something else in the tree.
func sample(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		switch part {
		case "example", "examples", "test", "tests", "fixture", "fixtures", "testdata":
			return true
		}
	}
	return false
}

// first keeps the first place, by file and position.
func (h *hit) first(at survey.Span, address string) {
	if h.at.File == nil || at.File.Path < h.at.File.Path || at.File == h.at.File && at.Start < h.at.Start {
		h.at, h.address = at, address
	}
}

// hinted tells whether another file of the tree says something of the kind about the stack.
func (t *tree) hinted(s *survey.Stack, kind survey.HintKind) bool {
	for _, h := range t.inv.Hints {
		if h.Kind == kind && (h.Stack == s.Name || h.Dir != "" && h.Dir == s.Dir) {
			return true
		}
	}
	return false
}

// stateBuckets gives the buckets that code makes and that hold states: a backend names them, or they are called so.
func (t *tree) stateBuckets(f func(*survey.Stack, *survey.Resource)) {
	used := map[string]bool{}
	for _, s := range t.inv.Stacks {
		if s.Backend != nil {
			if name, ok := s.Backend.Body.Get("bucket").Str(); ok && name != "" {
				used[name] = true
			}
		}
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		name := r.Body.Get("bucket").Show()
		for _, word := range []string{"tfstate", "tf-state", "terraform-state", "terraform_state"} {
			if strings.Contains(name, word) {
				used[name] = true
			}
		}
		if used[name] {
			f(s, r)
		}
	}, "aws_s3_bucket")
}

// companion tells whether a resource of the type belongs to a bucket and is as ok wants it.
func companion(s *survey.Stack, bucket *survey.Resource, typ string, ok func(*survey.Value) bool) bool {
	for _, r := range s.Of(survey.Managed, typ) {
		if r.Module != bucket.Module || !ok(r.Body) {
			continue
		}
		b := r.Body.Get("bucket")
		name, known := b.Str()
		want, _ := bucket.Body.Get("bucket").Str()
		if known && name == want || differs(b, bucket.Type+"."+bucket.Name) {
			return true
		}
	}
	return false
}

func (t *tree) stateVersions() {
	t.stateBuckets(func(s *survey.Stack, r *survey.Resource) {
		on, _ := r.Body.Get("versioning", "enabled").Bool()
		if !on && !companion(s, r, "aws_s3_bucket_versioning", func(v *survey.Value) bool {
			status, known := v.Get("versioning_configuration", "status").Str()
			return !known || status == "Enabled"
		}) {
			t.add(at(s, r))
		}
	})
}

func (t *tree) stateCopies() {
	t.stateBuckets(func(s *survey.Stack, r *survey.Resource) {
		if r.Body.Get("replication_configuration") == nil && !companion(s, r, "aws_s3_bucket_replication_configuration", func(*survey.Value) bool { return true }) {
			t.add(at(s, r))
		}
	})
}
