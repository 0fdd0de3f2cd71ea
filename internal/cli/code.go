package cli

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// A command that reads code is short. From the start of the program on the garbage collector waits until there is much to collect, which a tree of
// few files does not come to unless they are large: codeMemory holds then. Above codeMemory bytes it works harder: a tree of a million lines needs
// some 400 MB, and twice as much is promised to be enough for it. All of this holds until the command ends.
const (
	codeMemory = 600 << 20
	fewFiles   = 300
	manyFiles  = 5_000
)

// How much garbage may be made for each byte that lives, in percent, before it is collected.
const (
	few   = 800
	usual = 100 // as Go has it
	many  = 50
)

// collect says how much garbage there may be, unless the user does by GOGC.
func (p *Program) collect(percent int) {
	if p.Env["GOGC"] == "" {
		debug.SetGCPercent(percent)
	}
}

// code surveys a tree of Terraform code. What the user has set (GOMEMLIMIT, GOGC) counts instead.
func (p *Program) code(ctx context.Context, dir string) (*survey.Inventory, error) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(codeMemory)
	}
	collect := func(files int) {
		switch {
		case files > manyFiles:
			p.collect(many)
		case files > fewFiles:
			p.collect(usual)
		}
	}
	return survey.Survey(ctx, survey.Options{Dir: dir, Found: collect})
}
