package cli

import (
	"context"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
	"github.com/lifeboat-dr/lifeboat/internal/data/history"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
)

// Parts are what main joins to the command line.
type Parts struct {
	Version string
	Clock   clock.Clock
	// Check tells whether this machine has the programs that a plan's runs need, before anything is begun.
	Check func(context.Context, *plan.Plan) error
	// Kinds makes the kinds of steps for a run. It is where AWS and Terraform are reached, or the drill cloud in their place.
	Kinds func(context.Context, World) (step.Makers, error)
	// Put writes a value that a person gave for a step of kind secret or parameter to the step's site, and says what it did.
	Put func(context.Context, World, step.Spec, value.Typed) (string, error)
	// Ask gives what asks a plan's sites for `check --live`.
	Ask func(World) check.Asker
	// Protect copies a table to the vault, or reads what is there.
	Protect func(context.Context, Protection) (Protected, error)
	// FindGood prepares the search for the last instant at which a table's data was right.
	FindGood func(context.Context, Past, findgood.Config) (*findgood.Search, error)
	// History prepares the history of an item.
	History func(context.Context, Past, history.Config) (*history.History, error)
	// Stage is the world of a drill, for furnishing and striking.
	Stage func(World) drill.Stage
}

// World is what a run works in.
type World struct {
	Run   string
	Plan  *plan.Plan
	Dir   string       // private folder of the run
	Warm  string       // folder for what is known of providers; a drill's two runs share it
	Cloud *stage.Cloud // of a drill; nil is AWS itself
	Tell  func(string) // says what takes long before the first step
}
