package survey

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// folder is one module's code, parsed and sorted by what it declares. It is read-only once it is made, and shared by all who call it.
type folder struct {
	dir       string
	files     []string
	size      int
	terraform []*hclsyntax.Block
	providers []*hclsyntax.Block
	variables map[string]*hclsyntax.Block
	locals    map[string]*hclsyntax.Attribute
	outputs   map[string]*hclsyntax.Block
	resources map[string]*hclsyntax.Block // by address: aws_x.y or data.aws_x.y
	calls     map[string]*hclsyntax.Block
	moves     []*hclsyntax.Block // moved, import, removed
	order     order
}

// order are the names in the order of the text.
type order struct{ variables, locals, outputs, resources, calls []string }

// open parses a folder's files, with further files laid over it. Quietly, it does not tell again what is wrong.
func (t *tree) open(dir string, quiet bool, overlays ...string) *folder {
	fo := &folder{
		dir: dir, variables: map[string]*hclsyntax.Block{}, locals: map[string]*hclsyntax.Attribute{}, outputs: map[string]*hclsyntax.Block{},
		resources: map[string]*hclsyntax.Block{}, calls: map[string]*hclsyntax.Block{},
	}
	var files []string
	if l := t.folders[dir]; l != nil {
		files = codeFiles(slices.DeleteFunc(slices.Clone(l.code), func(p string) bool { // a file that is laid over takes the place of its namesake
			return slices.ContainsFunc(overlays, func(o string) bool { return path.Base(o) == path.Base(p) })
		}))
	}
	for _, p := range append(files, overlays...) {
		f := t.read(p)
		if f == nil {
			continue
		}
		fo.files = append(fo.files, p)
		fo.size += len(f.Src)
		body, diags := parse(f)
		if !quiet {
			t.report(diags...)
		}
		if body == nil {
			continue
		}
		over := override(p)
		for _, b := range body.Blocks {
			fo.add(b, over)
		}
	}
	return fo
}

// codeFiles are a folder's files in the order in which Terraform merges them: by name, overrides last. A .tofu file replaces the .tf file
// of the same name.
func codeFiles(all []string) []string {
	var plain, over []string
	for _, p := range all {
		if stem, tf := strings.CutSuffix(p, ".tf"); tf && slices.Contains(all, stem+".tofu") {
			continue
		}
		if override(p) {
			over = append(over, p)
		} else {
			plain = append(plain, p)
		}
	}
	return append(plain, over...)
}

func override(p string) bool {
	name := strings.TrimSuffix(path.Base(p), ".json")
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".tf"), ".tofu")
	return name == "override" || strings.HasSuffix(name, "_override")
}

func (fo *folder) add(b *hclsyntax.Block, over bool) {
	switch {
	case b.Type == "terraform":
		fo.terraform = append(fo.terraform, b)
	case b.Type == "provider" && len(b.Labels) == 1:
		fo.providers = append(fo.providers, b)
	case b.Type == "locals":
		for _, a := range inOrder(b.Body.Attributes) {
			if _, known := fo.locals[a.Name]; !known {
				fo.order.locals = append(fo.order.locals, a.Name)
			}
			fo.locals[a.Name] = a
		}
	case b.Type == "moved" || b.Type == "import" || b.Type == "removed":
		fo.moves = append(fo.moves, b)
	case b.Type == "variable" && len(b.Labels) == 1:
		put(fo.variables, &fo.order.variables, b.Labels[0], b, over)
	case b.Type == "output" && len(b.Labels) == 1:
		put(fo.outputs, &fo.order.outputs, b.Labels[0], b, over)
	case b.Type == "module" && len(b.Labels) == 1:
		put(fo.calls, &fo.order.calls, b.Labels[0], b, over)
	case b.Type == "resource" && len(b.Labels) == 2:
		put(fo.resources, &fo.order.resources, b.Labels[0]+"."+b.Labels[1], b, over)
	case b.Type == "data" && len(b.Labels) == 2:
		put(fo.resources, &fo.order.resources, "data."+b.Labels[0]+"."+b.Labels[1], b, over)
	}
}

// put adds a block; the first of a name counts, as Terraform refuses a second, but an override's attributes and blocks replace.
func put(m map[string]*hclsyntax.Block, order *[]string, name string, b *hclsyntax.Block, over bool) {
	old, known := m[name]
	switch {
	case !known:
		*order = append(*order, name)
		m[name] = b
	case over:
		m[name] = merge(old, b)
	}
}

// merge lays an override block over another, as Terraform does: attributes replace, and blocks of a type replace all of that type.
func merge(old, over *hclsyntax.Block) *hclsyntax.Block {
	nb, body := *old, *old.Body
	body.Attributes = maps.Clone(old.Body.Attributes)
	maps.Copy(body.Attributes, over.Body.Attributes)
	body.Blocks = nil
	for _, b := range old.Body.Blocks {
		if !slices.ContainsFunc(over.Body.Blocks, func(o *hclsyntax.Block) bool { return o.Type == b.Type }) {
			body.Blocks = append(body.Blocks, b)
		}
	}
	body.Blocks = append(body.Blocks, over.Body.Blocks...)
	nb.Body = &body
	return &nb
}

// makes tells whether the folder has anything to apply.
func (fo *folder) makes() bool { return len(fo.resources)+len(fo.calls)+len(fo.outputs) > 0 }

// hasBackend tells whether the folder says where its state lives.
func (fo *folder) hasBackend() bool {
	return slices.ContainsFunc(fo.terraform, func(b *hclsyntax.Block) bool {
		return slices.ContainsFunc(b.Body.Blocks, func(n *hclsyntax.Block) bool { return n.Type == "backend" || n.Type == "cloud" })
	})
}
