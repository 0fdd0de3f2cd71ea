package survey

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// outline is what tells the part that a folder plays: what is needed to know before anything is evaluated.
type outline struct {
	dir       string
	calls     []string // folders that it calls as modules
	makes     bool     // it has resources, data, module calls or outputs
	backend   bool
	provider  bool
	declares  []string // var.x, provider.x, backend.x
	variables []string
}

// library keeps parsed folders, as many as fit: a module is parsed once for many callers, and a large tree does not stay in memory.
type library struct {
	mu      sync.Mutex
	folders map[string]*folder
	size    int
}

// libraryBytes is how much source is kept parsed. Parsed, it takes some twenty times as much memory.
const libraryBytes = 1 << 20

// folder gives a folder's code.
func (s *surveyor) folder(dir string) *folder {
	l := s.modules
	l.mu.Lock()
	fo := l.folders[dir]
	l.mu.Unlock()
	if fo != nil {
		return fo
	}
	quiet := s.outlines != nil // its mistakes were told when it was first parsed
	fo = s.open(dir, quiet)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size+fo.size > libraryBytes && quiet {
		for k, old := range l.folders { // whichever: there is no better guess at what is needed next
			if l.size+fo.size <= libraryBytes {
				break
			}
			l.size -= old.size
			delete(l.folders, k)
		}
	}
	if l.folders[dir] == nil && l.size+fo.size <= libraryBytes {
		l.folders[dir] = fo
		l.size += fo.size
	}
	return fo
}

// take gives the code of a folder that nothing else asks for any more.
func (s *surveyor) take(dir string) *folder {
	l := s.modules
	l.mu.Lock()
	fo := l.folders[dir]
	if fo != nil {
		delete(l.folders, dir)
		l.size -= fo.size
	}
	l.mu.Unlock()
	if fo == nil {
		fo = s.open(dir, true)
	}
	return fo
}

// outline looks at every folder with code.
func (s *surveyor) outline(ctx context.Context) error {
	var mu sync.Mutex
	found := map[string]*outline{}
	g, ctx := workers(ctx)
	for dir, l := range s.folders {
		if len(l.code) == 0 || l.vendored {
			continue
		}
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			o := s.folder(dir).outline()
			mu.Lock()
			defer mu.Unlock()
			found[dir] = o
			return nil
		})
	}
	err := g.Wait()
	s.outlines = found
	return err
}

func (fo *folder) outline() *outline {
	o := &outline{dir: fo.dir, makes: fo.makes(), backend: fo.hasBackend(), provider: len(fo.providers) > 0, variables: slices.Clone(fo.order.variables)}
	for _, name := range fo.order.calls {
		if dir, ok := localSource(fo.dir, sourceOf(fo.calls[name])); ok {
			o.calls = append(o.calls, dir)
		}
	}
	for _, v := range fo.order.variables {
		o.declares = append(o.declares, "var."+v)
	}
	for _, l := range fo.order.locals {
		o.declares = append(o.declares, "local."+l)
	}
	for _, p := range fo.providers {
		o.declares = append(o.declares, "provider."+p.Labels[0])
	}
	for _, t := range fo.terraform {
		for _, b := range t.Body.Blocks {
			if b.Type == "backend" && len(b.Labels) == 1 {
				o.declares = append(o.declares, "backend."+b.Labels[0])
			}
		}
	}
	return o
}

// sourceOf is a module call's source, which Terraform takes as a plain text only.
func sourceOf(b *hclsyntax.Block) string {
	a := b.Body.Attributes["source"]
	if a == nil {
		return ""
	}
	return constant(a.Expr)
}

// constant is a text without references; empty otherwise.
func constant(x hclsyntax.Expression) string {
	switch e := x.(type) {
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() == cty.String && e.Val.IsKnown() && !e.Val.IsNull() {
			return e.Val.AsString()
		}
	case *hclsyntax.TemplateExpr:
		var text strings.Builder
		for _, p := range e.Parts {
			l, ok := p.(*hclsyntax.LiteralValueExpr)
			if !ok {
				return ""
			}
			text.WriteString(constant(l))
		}
		return text.String()
	case *hclsyntax.ScopeTraversalExpr:
		return hcl.ExprAsKeyword(e)
	}
	return ""
}

// localSource is the folder of a module that is called by a path.
func localSource(from, source string) (string, bool) {
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") && source != "." && source != ".." {
		return "", false
	}
	return path.Join(from, source), true
}

// sortFolders tells stacks, modules and shared files apart.
func (s *surveyor) sortFolders() {
	callers := map[string][]string{}
	for _, o := range s.outlines {
		for _, c := range o.calls {
			callers[c] = append(callers[c], o.dir)
		}
	}
	applied := s.unitSources()
	for dir, o := range s.outlines {
		switch {
		case applied[dir]:
			s.inv.Stacks = append(s.inv.Stacks, &Stack{Dir: dir})
		case !o.makes && s.sharedFor(o, callers):
			s.inv.Shared = append(s.inv.Shared, &Shared{Dir: dir, Files: codeFiles(s.folders[dir].code), Declares: o.declares})
		case len(callers[dir]) > 0 && !o.backend, !o.backend && !o.provider && underModules(dir):
			slices.Sort(callers[dir])
			s.inv.Modules = append(s.inv.Modules, &Module{Dir: dir, Callers: slices.Compact(callers[dir])})
		case o.makes:
			s.inv.Stacks = append(s.inv.Stacks, &Stack{Dir: dir})
		}
	}
	for dir, l := range s.folders {
		if l.vendored {
			s.inv.Modules = append(s.inv.Modules, &Module{Dir: dir, Vendored: true, Callers: l.callers})
		}
	}
	own := map[string]bool{} // code of their own, beside what their unit fetches
	for _, st := range s.inv.Stacks {
		own[st.Dir] = true
	}
	for _, u := range s.units {
		if u.stack == "" && u.source != "" && !own[u.dir] {
			s.inv.Stacks = append(s.inv.Stacks, &Stack{Dir: u.dir})
		}
	}
	byDir(s.inv.Stacks, func(st *Stack) string { return st.Dir })
	byDir(s.inv.Modules, func(m *Module) string { return m.Dir })
	byDir(s.inv.Shared, func(sh *Shared) string { return sh.Dir })
	s.nameStacks()
	s.layOver()
}

func underModules(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool { return part == "modules" || part == "module" })
}

// sharedFor tells whether a folder that makes nothing is there for others: it declares something, and nobody calls it.
func (s *surveyor) sharedFor(o *outline, callers map[string][]string) bool {
	return len(o.declares) > 0 && len(callers[o.dir]) == 0
}

// nameStacks names each stack by its folder, with as many parents as it takes to tell it from the others.
func (s *surveyor) nameStacks() {
	for parents := 1; parents <= maxDepth; parents++ {
		names := map[string][]*Stack{}
		for _, st := range s.inv.Stacks {
			if st.Name == "" {
				n := stackName(st.Dir, s.inv.Root, parents)
				names[n] = append(names[n], st)
			}
		}
		for n, list := range names {
			if len(list) == 1 && s.inv.Stack(n) == nil {
				list[0].Name = n
			}
		}
		if len(names) == 0 {
			return
		}
	}
	for _, st := range s.inv.Stacks {
		if st.Name == "" {
			st.Name = st.Dir
		}
	}
}

func stackName(dir, root string, parents int) string {
	if dir == "." {
		if base := path.Base(strings.ReplaceAll(root, `\`, "/")); base != "." && base != "/" && base != ".." {
			return base
		}
		return "root"
	}
	parts := strings.Split(dir, "/")
	return strings.Join(parts[max(0, len(parts)-parents):], "-")
}

// layOver finds which stacks use what only a shared folder declares.
func (s *surveyor) layOver() {
	for _, sh := range s.inv.Shared {
		for _, st := range s.inv.Stacks {
			o := s.outlines[st.Dir]
			if o == nil || !s.needs(o, sh) {
				continue
			}
			sh.Stacks = append(sh.Stacks, st.Name)
			st.Overlays = append(st.Overlays, sh.Files...)
		}
	}
}

// needs tells whether a stack mentions a variable or local that it does not declare and that the shared folder does.
func (s *surveyor) needs(o *outline, sh *Shared) bool {
	for _, p := range s.folders[o.dir].code {
		f := s.read(p)
		if f == nil {
			continue
		}
		for _, d := range sh.Declares {
			if slices.Contains(o.declares, d) || strings.HasPrefix(d, "provider.") || strings.HasPrefix(d, "backend.") {
				continue
			}
			if mentions(f.Src, d) {
				return true
			}
		}
	}
	return false
}

func mentions(src []byte, ref string) bool {
	for {
		i := bytes.Index(src, []byte(ref))
		if i < 0 {
			return false
		}
		src = src[i+len(ref):]
		if len(src) == 0 || !wordByte(src[0]) {
			return true
		}
	}
}

func wordByte(b byte) bool {
	return b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
