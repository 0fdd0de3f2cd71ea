package draft

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// leaveOut drops the stacks that are not recovered from what is drafted from, with what only they read, and says so in a sentence each.
func (d *drafter) leaveOut() []string {
	others := d.otherEnvironments()
	keep := func(st *survey.Stack) bool { return !others[st.Name] && !shownOnly(st.Dir) }
	if !slices.ContainsFunc(d.inv.Stacks, keep) { // it is nothing but examples
		keep = func(st *survey.Stack) bool { return !others[st.Name] }
	}
	kept := map[string]bool{}
	var said []string
	inv := *d.inv
	inv.Stacks = nil
	for _, st := range d.inv.Stacks {
		switch {
		case keep(st):
			inv.Stacks, kept[st.Name] = append(inv.Stacks, st), true
		case others[st.Name]:
			said = append(said, st.Dir+" is left out: it is another environment. `lifeboat init --environment NAME` drafts for that.")
		default:
			said = append(said, st.Dir+" is left out: it is an example or a test.")
		}
	}
	gone := func(name string) bool { return !kept[name] }
	inv.Edges = slices.DeleteFunc(slices.Clone(d.inv.Edges), func(e *survey.Edge) bool { return gone(e.From) || gone(e.To) })
	inv.Prerequisites = nil
	for _, p := range d.inv.Prerequisites {
		x := *p
		x.Stacks = slices.DeleteFunc(slices.Clone(p.Stacks), gone)
		x.Reads = slices.DeleteFunc(slices.Clone(p.Reads), func(r survey.Read) bool { return gone(r.Stack) })
		if len(x.Stacks) > 0 && len(x.Reads) > 0 {
			inv.Prerequisites = append(inv.Prerequisites, &x)
		}
	}
	inv.Shared = nil
	for _, sh := range d.inv.Shared {
		x := *sh
		x.Stacks = slices.DeleteFunc(slices.Clone(sh.Stacks), gone)
		inv.Shared = append(inv.Shared, &x)
	}
	d.inv = &inv
	return said
}

// shownOnly tells whether a folder shows or tests a module, rather than being part of an application.
func shownOnly(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool {
		return slices.Contains([]string{"example", "examples", "tests", "fixture", "fixtures", "testdata"}, part)
	})
}

// otherEnvironments are the stacks that differ from another one by the name of an environment in their folder only, and are not the chosen one.
func (d *drafter) otherEnvironments() map[string]bool {
	groups := map[string][]*survey.Stack{}
	names := map[string][]string{}
	for _, st := range d.inv.Stacks {
		parts := strings.Split(st.Dir, "/")
		for i, p := range parts {
			if survey.NamesEnvironment(p) {
				key := strings.Join(parts[:i], "/") + "/*/" + strings.Join(parts[i+1:], "/")
				groups[key], names[key] = append(groups[key], st), append(names[key], p)
				break
			}
		}
	}
	out := map[string]bool{}
	for key, list := range groups {
		chosen := d.choose(names[key])
		for i, st := range list {
			out[st.Name] = i != chosen
		}
	}
	return out
}

// otherData says what holds data that no step of a plan brings back.
func (d *drafter) otherData() {
	stores := []string{
		"aws_s3_bucket", "aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_efs_file_system", "aws_ebs_volume",
		"aws_elasticache_replication_group", "aws_opensearch_domain", "aws_elasticsearch_domain", "aws_redshift_cluster", "aws_cognito_user_pool",
	}
	const most = 12
	var list []string
	for _, st := range d.inv.Stacks {
		for _, r := range st.Resources {
			if r.Mode == survey.Managed && slices.Contains(stores, r.Type) {
				list = append(list, r.Address+" ("+r.At.String()+")")
			}
		}
	}
	if len(list) == 0 {
		return
	}
	d.guesses++
	d.comment("guess: these come back empty, unless you bring back what they hold, with a command or manual block after their stack:")
	for _, l := range list[:min(len(list), most)] {
		d.comment("  %s", l)
	}
	if n := len(list) - most; n > 0 {
		d.comment("  and %d more", n)
	}
	d.line("")
}
