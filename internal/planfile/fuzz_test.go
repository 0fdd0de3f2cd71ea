package planfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// FuzzLoad keeps the promise that any text gives a consistent plan or diagnostics that can be shown, and never a crash.
func FuzzLoad(f *testing.F) {
	cases, err := filepath.Glob("testdata/bad/*.hcl")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range append(cases, "testdata/design.hcl", "testdata/whole.hcl") {
		b, err := os.ReadFile(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		o := options(map[string]string{"lifeboat.hcl": string(src)})
		o.Env = proc.Env{"LIFEBOAT_VAR_a": "1", "HOME": "/home/me"}
		p, sources, diags := Load(o)
		if (p == nil) != diags.HasErrors() {
			t.Fatalf("plan %v with %v", p != nil, diags)
		}
		var b bytes.Buffer
		if err := diag.Write(&b, diags, sources, 60); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\x00\r\x07") {
			t.Fatalf("control characters reach the terminal: %q", b.String())
		}
		for _, d := range diags {
			if d.Summary == "" || d.Subject.File == "" && p == nil && len(sources) == 0 {
				t.Fatalf("empty diagnostic %+v", d)
			}
		}
		if p != nil {
			consistent(t, p)
		}
	})
}

// consistent checks the promise of plan.Plan: references exist, and expressions compute or fail.
func consistent(t *testing.T, p *plan.Plan) {
	t.Helper()
	stacks := map[string]bool{}
	for _, s := range p.Stacks {
		stacks[s.Name] = true
	}
	site := &plan.Site{Name: "x", Account: "111111111111", Region: "eu-west-2"}
	for _, s := range p.Stacks {
		for name, x := range s.Variables {
			for _, r := range x.Refs() {
				if !stacks[r.Name] || r.Output == "" || r.Name == s.Name {
					t.Fatalf("variable %s refers to %+v", name, r)
				}
			}
			_, _ = x.Resolve(plan.Scope{Site: site, Stack: s.Name, Output: func(_, o string) (plan.Value, error) { return plan.OfSecret(o), nil }})
		}
	}
	for _, s := range p.Scenarios {
		if p.Site(s.RecoverTo) == nil || !s.Reaches(p, s.RecoverTo) {
			t.Fatalf("scenario %+v", s)
		}
	}
}
