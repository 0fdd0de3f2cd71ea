package check

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func moduleRules() []*Rule {
	return []*Rule{
		{
			ID: "LB206", Title: "A provider is not pinned", Weights: all(Medium), find: (*tree).pins,
			Why:    "The recovery takes whatever version is newest that night. A state written by a newer provider cannot be read by an older one, and a new major version changes what the code means.",
			Fix:    "Commit .terraform.lock.hcl, and give the requirement an upper bound, such as ~> 5.0.",
			Source: "field notes section 5: provider versions travel with the state; T11 (tf#27872)", Links: []string{"https://developer.hashicorp.com/terraform/language/files/dependency-lock"},
		},
		{
			ID: "LB207", Title: "A module is fetched from the network, and not pinned", Weights: all(High), find: (*tree).unpinned,
			Why:    "terraform init needs the module's host in the middle of the disaster, and gets code that nobody has tried.",
			Fix:    "Give a version, or a ref that does not move. Better: keep a copy in the repository.",
			Source: "field notes T11 (tf#27872)", Links: []string{issue("tf#27872"), "https://developer.hashicorp.com/terraform/language/modules/sources"},
		},
		{
			ID: "LB208", Title: "A module is fetched from the network", Weights: all(Low), find: (*tree).fetched,
			Why:    "terraform init needs the module's host in the middle of the disaster. Registries have been down for hours.",
			Fix:    "Keep a copy in the repository, or a mirror outside of what can be lost; have .terraform/modules at hand.",
			Source: "field notes T11 (tf#27872)", Links: []string{issue("tf#27872")},
		},
		{
			ID: "LB209", Title: "prevent_destroy stops a replacement", Weights: inPlace(Low), find: (*tree).preventDestroy,
			Why:    "A restore makes a new object. Where it cannot be adopted as it is, terraform has to replace, and this stops the whole apply in the middle of the night.",
			Fix:    "Keep it, and write into the plan who may remove it: lifeboat's own gate refuses what a recovery would destroy anyway.",
			Source: "inference; field notes D4 (tpa#4558)", Links: []string{issue("tpa#4558"), "https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle"},
		},
		{
			ID: "LB210", Title: "What is ignored is not rebuilt", Weights: all(Medium), find: (*tree).ignored,
			Why:    "The code holds a placeholder and something else sets the real value. A recovery from code makes the placeholder, and ends green.",
			Fix:    "Say in the plan where the value comes from (image, secret, parameter or command), or have Terraform set it.",
			Source: "inference; field notes section 5: what hurts is silent", Links: []string{"https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle"},
		},
	}
}

func (t *tree) pins() {
	for _, s := range t.inv.Stacks {
		if t.library(s) || fetchedRoot(s) {
			continue // its callers pin; what it requires is not known
		}
		written := map[string]bool{}
		for _, r := range s.Requires {
			if r.Module != "" {
				continue
			}
			inCode := strings.Contains(r.At.Text(), r.Name) && !strings.HasPrefix(r.At.Text(), "provider") && !strings.HasPrefix(r.At.Text(), "resource")
			written[r.Name] = inCode || r.Locked != ""
			if r.Locked == "" && !bounded(r.Version) && !boundedInBlock(s, r.Name) && inCode {
				t.add(hit{at: versionAt(r), stack: s.Name, address: "provider." + r.Name, title: "Provider " + r.Name + " is not pinned"})
			}
		}
		for _, p := range s.Providers {
			if p.Module == "" && p.Alias == "" && !written[p.Name] && !boundedInBlock(s, p.Name) {
				t.add(hit{at: p.At, stack: s.Name, address: "provider." + p.Name, title: "Provider " + p.Name + " is not pinned"})
			}
		}
	}
}

// fetchedRoot tells whether Terragrunt applies a module whose code is not in the tree.
func fetchedRoot(s *survey.Stack) bool {
	return len(s.Resources) == 0 && len(s.Requires) == 0 && len(s.Calls) == 1 && s.Calls[0].Kind == survey.RemoteModule && strings.HasSuffix(s.Calls[0].At.File.Path, ".hcl")
}

// boundedInBlock tells whether a provider block gives the version, as was usual before Terraform 0.13 and still counts.
func boundedInBlock(s *survey.Stack, name string) bool {
	return slices.ContainsFunc(s.Providers, func(p *survey.Provider) bool {
		v := p.Body.Get("version")
		return p.Module == "" && p.Name == name && !v.IsNull() && bounded(v)
	})
}

// versionAt is where a requirement's version is written, or its source, or the requirement.
func versionAt(r *survey.Requirement) survey.Span {
	if r.Version != nil && r.Version.Span.File != nil {
		return r.Version.Span
	}
	at := r.At
	if i := strings.Index(string(at.File.Src[at.Start:]), "source"); i >= 0 && i < 200 {
		at.Start += uint32(i)
		at.End = at.Start + uint32(len("source"))
	}
	return at
}

// bounded tells whether a constraint has an upper end. One that is not known is taken to have one.
func bounded(v *survey.Value) bool {
	if v == nil {
		return false
	}
	s, ok := v.Str()
	if !ok {
		return true
	}
	s = strings.ReplaceAll(s, ">=", "")
	return strings.ContainsAny(s, "<~") || s != "" && strings.ContainsAny(s[:1], "0123456789=")
}

// remote gives the calls of modules that are fetched when terraform runs.
func (t *tree) remote(f func(*survey.Stack, *survey.Call, bool)) {
	for _, s := range t.inv.Stacks {
		for _, c := range s.Calls {
			if c.Kind != survey.RemoteModule && c.Kind != survey.VendoredModule {
				continue
			}
			_, ref, _ := strings.Cut(c.Source, "?")
			pinned := !c.Version.IsNull() && bounded(c.Version) || strings.Contains(ref, "ref=") && !slices.Contains([]string{"ref=main", "ref=master", "ref=HEAD"}, ref) || strings.HasSuffix(c.Source, ".zip")
			f(s, c, pinned)
		}
	}
}

func (t *tree) unpinned() {
	t.remote(func(s *survey.Stack, c *survey.Call, pinned bool) {
		if !pinned {
			t.add(hit{at: c.At, stack: s.Name, address: c.Module})
		}
	})
}

func (t *tree) fetched() {
	t.remote(func(s *survey.Stack, c *survey.Call, pinned bool) {
		if pinned && c.Kind == survey.RemoteModule {
			t.add(hit{at: c.At, stack: s.Name, address: c.Module})
		}
	})
}

func (t *tree) preventDestroy() {
	for _, s := range t.inv.Stacks {
		for _, r := range s.Resources {
			if on, _ := r.Body.Get("lifecycle", "prevent_destroy").Bool(); on {
				t.add(atKey(s, r, "lifecycle", "prevent_destroy"))
			}
		}
	}
}

// ignored looks for ignore_changes of attributes that carry content. Others, such as tags and capacities, are set again by the code.
func (t *tree) ignored() {
	content := []string{
		"all", "value", "value_wo", "secret_string", "secret_binary", "image", "image_uri", "image_id", "container_definitions", "task_definition", "s3_key", "s3_object_version",
		"filename", "source_code_hash", "ami", "user_data", "environment", "policy", "password", "master_password", "content", "body", "routing_config", "function_version",
	}
	for _, s := range t.inv.Stacks {
		for _, r := range s.Resources {
			for _, name := range ignores(r) {
				name, _, _ = strings.Cut(name, "[")
				if first, _, _ := strings.Cut(name, "."); slices.Contains(content, first) {
					h := atKey(s, r, "lifecycle", "ignore_changes")
					h.title = first + " is ignored, so it is not rebuilt"
					t.add(h)
					break
				}
			}
		}
	}
}
