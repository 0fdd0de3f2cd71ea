package derive

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// found is what a stack's code makes at the sites.
type found struct {
	plan   *plan.Plan
	stack  *plan.Stack
	sites  []*plan.Site
	tables []*namedTable // in the order of the code
	away   []*survey.Call
}

// namedTable is a table with its name at each site.
type namedTable struct {
	Table
	at    diag.Range // in the code
	names name
	told  bool // that something about it is not known
}

// look adds what the code makes at one site.
func (f *found) look(site *plan.Site, st *survey.Stack, region *survey.Value) diag.List {
	f.sites = append(f.sites, site)
	var diags diag.List
	for _, t := range Tables(st, region) {
		if f.written(t.Address) {
			continue
		}
		i := slices.IndexFunc(f.tables, func(o *namedTable) bool { return o.Address == t.Address })
		if i < 0 {
			i = len(f.tables)
			f.tables = append(f.tables, &namedTable{Table: t, at: t.Resource.At.Range(), names: name{at: *f.stack.AllTables, table: t.Address, sites: map[string]string{}}})
		}
		if why := cmp.Or(t.Wrong, t.Away); why != "" && !f.tables[i].told {
			f.tables[i].told = true
			diags = append(diags, f.problem(f.tables[i], fmt.Sprintf("At site %q, %s.", site.Name, why)))
		}
		f.tables[i].names.sites[site.Name], _ = t.Name.Str()
	}
	for _, c := range st.Calls {
		if c.Dir == "" && !slices.ContainsFunc(f.away, func(o *survey.Call) bool { return o.Module == c.Module }) {
			f.away = append(f.away, c)
		}
	}
	return diags
}

func (f *found) problem(t *namedTable, why string) diag.Diagnostic {
	return diag.Diagnostic{
		Summary: "A table of stack " + f.stack.Name + " cannot be found out", Subject: *f.stack.AllTables, Notes: []diag.Note{{Text: "the table is here", Range: t.at}},
		Detail: fmt.Sprintf("%s: %s", t.Address, why),
		Hint:   fmt.Sprintf("Write a block for it: table \"NAME\" { in = stack.%s, address = %q, name = \"...\" }", f.stack.Name, t.Address),
	}
}

// written tells whether the plan has a block of its own for a table.
func (f *found) written(address string) bool {
	return slices.ContainsFunc(f.plan.Tables, func(t *plan.Table) bool {
		return t.In == f.stack.Name && strings.ReplaceAll(t.Address, " ", "") == strings.ReplaceAll(address, " ", "")
	})
}

// tell reports what no site has told: tables that are made at some sites only, modules whose code is not there, or that there are none.
func (f *found) tell() diag.List {
	var out diag.List
	for _, t := range f.tables {
		for _, s := range f.sites {
			if _, made := t.names.sites[s.Name]; !made && !t.told {
				t.told = true
				out = append(out, f.problem(t, fmt.Sprintf("it is not made at site %q, and at others it is.", s.Name)))
			}
		}
	}
	for _, c := range f.away {
		out = append(out, diag.Diagnostic{
			Severity: diag.Warning, Summary: "Tables may be missing from stack " + f.stack.Name, Subject: *f.stack.AllTables, Notes: []diag.Note{{Text: "it is called here", Range: c.At.Range()}},
			Detail: fmt.Sprintf("The code of %s is not below terraform.root, so that nobody knows which tables it makes.", c.Module), Hint: "Write a table block for each of them, if it makes any",
		})
	}
	if len(f.tables) == 0 && len(f.away) == 0 && !slices.ContainsFunc(f.plan.Tables, func(t *plan.Table) bool { return t.In == f.stack.Name }) {
		out = append(out, diag.Diagnostic{
			Severity: diag.Warning, Summary: "Stack " + f.stack.Name + " makes no tables", Subject: *f.stack.AllTables,
			Detail: "Its code has no aws_dynamodb_table, other than for Terraform's locks.", Hint: `Remove tables = "all"`,
		})
	}
	return out
}

// write adds the tables to the plan, and to its version.
func (f *found) write() {
	h := sha256.New()
	for _, t := range f.tables {
		block := t.Block(f.stack.Name, func(name string) bool {
			return slices.ContainsFunc(f.plan.Tables, func(o *plan.Table) bool { return o.Name == name })
		})
		f.plan.Tables = append(f.plan.Tables, &plan.Table{
			Block: plan.Block{Name: block, After: []plan.Ref{{Kind: "stack", Name: f.stack.Name, Range: *f.stack.AllTables}}, Optional: f.stack.Optional, Range: *f.stack.AllTables},
			In:    f.stack.Name, Address: t.Address, Table: t.names, Point: "latest",
		})
		for _, s := range f.sites {
			_, _ = fmt.Fprintf(h, "%q %q %q\n", t.Address, s.Name, t.names.sites[s.Name])
		}
	}
	sum := hex.EncodeToString(h.Sum(nil))
	whole := sha256.Sum256([]byte(f.plan.Hash + " tables of " + f.stack.Name + " " + sum))
	f.plan.Hash = hex.EncodeToString(whole[:])
	f.plan.Parts["tables of stack "+f.stack.Name] = sum[:16]
}

// name is a table's name at each site.
type name struct {
	table string
	sites map[string]string
	at    diag.Range
}

var _ plan.Expr = name{}

// Refs is nil.
func (name) Refs() []plan.Ref { return nil }

// Range is where the plan asks for all tables.
func (n name) Range() diag.Range { return n.at }

// Resolve gives the name at the site.
func (n name) Resolve(s plan.Scope) (plan.Value, error) {
	if s.Site == nil {
		return plan.Value{}, errors.New("the name of " + n.table + " depends on the site, and no site is being worked on")
	}
	text, known := n.sites[s.Site.Name]
	if !known {
		return plan.Value{}, fmt.Errorf("the name of %s at site %q is not known: no scenario loses that site or recovers to it", n.table, s.Site.Name)
	}
	return plan.Of(text), nil
}
