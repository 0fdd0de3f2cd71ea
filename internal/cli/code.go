package cli

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// A command that reads code is short. For a tree of few files the garbage collector waits until there is much to collect, which a tree of that
// many files does not come to unless they are large: codeMemory holds then. Above codeMemory bytes it works harder: a tree of a million lines needs
// some 400 MB, and twice as much is promised to be enough for it. For what is done with more than manyFiles files it stays that way.
const (
	codeMemory = 600 << 20
	fewFiles   = 300
	manyFiles  = 5_000
)

// code surveys a tree of Terraform code. What the user has set (GOMEMLIMIT, GOGC) counts instead.
func (p *Program) code(ctx context.Context, dir string) (*survey.Inventory, error) {
	if was := debug.SetMemoryLimit(-1); was == math.MaxInt64 {
		defer debug.SetMemoryLimit(was)
		debug.SetMemoryLimit(codeMemory)
	}
	collect := func(files int) {
		switch {
		case p.Env["GOGC"] != "":
		case files <= fewFiles:
			debug.SetGCPercent(800)
		case files > manyFiles:
			debug.SetGCPercent(50)
		}
	}
	return survey.Survey(ctx, survey.Options{Dir: dir, Found: collect})
}
