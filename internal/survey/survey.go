package survey

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Options say what is surveyed.
type Options struct {
	Dir   string          // the tree's folder
	Files fs.FS           // instead of the machine's files; Dir is then only a name. It must not follow links that lead out of it
	Found func(files int) // told how many files there are, before the first is read; nil: nobody asks
}

// Survey reads the tree of code in a folder. The error is of the folder as a whole: it is not there, or it has no Terraform code
// (ErrNoCode). Everything else that is wrong stands in the inventory's diagnostics.
func Survey(ctx context.Context, o Options) (*Inventory, error) {
	s := newSurveyor(o)
	if s.fs == nil {
		root, err := os.OpenRoot(o.Dir)
		if err != nil {
			return nil, fmt.Errorf("the tree cannot be read: %w", err)
		}
		defer root.Close() //nolint:errcheck // it was only read
		s.fs = root.FS()
	}
	files, err := s.walk()
	if err != nil {
		return nil, err
	}
	if o.Found != nil {
		o.Found(files)
	}
	s.inv = &Inventory{Root: o.Dir}
	if err := s.survey(ctx); err != nil {
		return nil, err
	}
	return s.inv, nil
}

func newSurveyor(o Options) *surveyor {
	return &surveyor{tree: &tree{fs: o.Files, folders: map[string]*listing{}, built: map[string]bool{}, files: map[string]*File{}}, functions: functions(), modules: &library{folders: map[string]*folder{}}}
}

// ErrNoCode says that there is nothing to survey.
var ErrNoCode = fmt.Errorf("there is no Terraform code: no folder has a file that ends in .tf, .tofu or .tf.json, or a terragrunt.hcl that names a module")

// surveyor is one survey in progress.
type surveyor struct {
	*tree
	inv       *Inventory
	functions map[string]function.Function
	modules   *library
	outlines  map[string]*outline
	manifests map[string]map[string]string // of .terraform/modules, by the stack's folder
	units     []*unit                      // Terragrunt folders
}

// survey does the work, each part on what the parts before it found.
func (s *surveyor) survey(ctx context.Context) error {
	s.findVendored()
	if err := s.outline(ctx); err != nil {
		return err
	}
	s.readTerragrunt()
	if len(s.outlines) == 0 && len(s.units) == 0 {
		return ErrNoCode
	}
	s.sortFolders()
	s.readHints()
	if err := s.evaluate(ctx); err != nil {
		return err
	}
	s.modules = nil // what is parsed is not needed any more
	s.findInstances()
	s.findAbsent()
	if err := s.connect(ctx); err != nil {
		return err
	}
	s.inv.Files = s.sorted()
	s.inv.Diags = once(s.diags.Sorted())
	return nil
}

// once leaves out what is told twice, as by two stacks that use the same file.
func once(sorted diag.List) diag.List {
	return slices.CompactFunc(sorted, func(a, b diag.Diagnostic) bool {
		return a.Subject == b.Subject && a.Summary == b.Summary && a.Detail == b.Detail
	})
}

// workers bounds what is done side by side.
func workers(ctx context.Context) (*errgroup.Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, min(8, runtime.GOMAXPROCS(0))))
	return g, ctx
}

// evaluate surveys each stack. Their order in the inventory does not depend on who is done first.
func (s *surveyor) evaluate(ctx context.Context) error {
	return s.eachStack(ctx, func(_ int, st *Stack) { s.stack(st) })
}

// eachStack does something for every stack, side by side.
func (s *surveyor) eachStack(ctx context.Context, do func(i int, st *Stack)) error {
	g, ctx := workers(ctx)
	for i, st := range s.inv.Stacks {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			do(i, st)
			return nil
		})
	}
	return g.Wait()
}

func byDir[T any](list []T, dir func(T) string) {
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(dir(a), dir(b)) })
}
