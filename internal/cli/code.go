package cli

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// codeMemory is where the garbage collector begins to work harder, in bytes. A tree of a million lines needs some 400 MB of them.
const codeMemory = 600 << 20

// code surveys a tree of Terraform code. Without a limit of the user's own (GOMEMLIMIT) the memory stays within what is promised for large trees.
func (p *Program) code(ctx context.Context, dir string) (*survey.Inventory, error) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(codeMemory)
	}
	return survey.Survey(ctx, survey.Options{Dir: dir})
}
