package cli

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// While code is read, the garbage collector works harder above codeMemory bytes: a tree of a million lines needs some 400 MB, and twice as much
// is promised to be enough for it. For what is done with more than manyFiles files it stays that way.
const (
	codeMemory = 600 << 20
	manyFiles  = 5_000
)

// code surveys a tree of Terraform code. A limit that the user has set (GOMEMLIMIT) counts instead.
func (p *Program) code(ctx context.Context, dir string) (*survey.Inventory, error) {
	if was := debug.SetMemoryLimit(-1); was == math.MaxInt64 {
		defer debug.SetMemoryLimit(was)
		debug.SetMemoryLimit(codeMemory)
	}
	inv, err := survey.Survey(ctx, survey.Options{Dir: dir})
	if err == nil && len(inv.Files) > manyFiles {
		debug.SetGCPercent(50)
	}
	return inv, err
}
