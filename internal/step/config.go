package step

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// What Spec.Config holds, kind by kind. The procedure's compiler fills it and the kind's package reads it:
//
//	identity  *plan.Site           image      *plan.Image
//	secret    *SecretConfig        parameter  *ParameterConfig
//	manual    *ManualConfig        state_backend *BackendConfig
//	stack     *StackConfig         command    *CommandConfig
//	verify    *VerifyConfig        api_key    *APIKeyConfig
//	fence     *FenceConfig         first_call *APIKeyConfig
//	table     *TableConfig
//
// secret, parameter and api_key say in Trust which values of the past count.

// ManualConfig is a step that a person does.
type ManualConfig struct {
	Instructions string
	Who          string
	// Handover is set when the step is the hand-over of a site: done when the site's account answers as itself.
	Handover *plan.Site
}

// BackendConfig is where the stacks' states live at the site.
type BackendConfig struct {
	State plan.State
}

// StackConfig is one stack with what all stacks share.
type StackConfig struct {
	Stack     *plan.Stack
	Terraform plan.Terraform
	Dir       string // Plan.Dir
	// Adopt says that the stack's state is lost and what it describes may live: it is imported before anything is created.
	Adopt bool
	// Swaps are the stack's tables in whose place this run may have put a restored one (plan.TableName tells): the state forgets the old one,
	// and the new one is adopted at its address.
	Swaps []*plan.Table
	// Brought are addresses of what a step before the stack brings back, tables and image repositories: the state imports them, and an empty plan
	// proves it.
	Brought []string
}

// AskTyped is the Ask.Key of a secret or parameter that a person must type in.
const AskTyped = "typed"

// SecretConfig is a secret and what to trust.
type SecretConfig struct {
	Secret *plan.Secret // From holds what the disaster left
	Trust  Trust
}

// ParameterConfig is a parameter and what to trust.
type ParameterConfig struct {
	Parameter *plan.Parameter // From holds what the disaster left
	Trust     Trust
}

// Trust says which values of the past count.
type Trust struct {
	// Compromised: an intruder may know every value, and may have changed those made after Until. Keys are made anew, and so is what
	// can be generated.
	Compromised bool
	Until       time.Time // zero: the moment of the disaster (Call.Disaster)
}

// APIKeyConfig is one consumer of an API key and what to trust.
type APIKeyConfig struct {
	Application string
	Key         *plan.APIKey // From holds what the disaster left
	Consumer    plan.Consumer
	Trust       Trust
}

// KeyName is the name of the consumer's own key in API Gateway, the same in every run.
func (c *APIKeyConfig) KeyName() string { return c.Application + "-" + c.Slug() }

// Slug names the consumer of the key in steps' ids and in names of files.
func (c *APIKeyConfig) Slug() string { return c.Key.Name + "-" + c.Consumer.Slug() }

// TableConfig is a table, and how its data comes back.
type TableConfig struct {
	Table    *plan.Table
	Strategy TableStrategy
	Why      string      // the strategy was chosen, for people
	Vault    *plan.Vault // that the disaster left; nil: none
	Home     *plan.Site  // where the data lived
	App      string      // the application's name: its part of the vault
}

// TableStrategy is how a table's data comes back.
type TableStrategy string

// The strategies.
const (
	// Load writes the vault's export into the table that Terraform made.
	Load TableStrategy = "load"
	// Restore brings a deleted table back from its system backup before its stack is applied; the stack adopts it.
	Restore TableStrategy = "restore"
	// Rewind restores a copy beside a damaged table, to an instant, and writes back what differs.
	Rewind TableStrategy = "rewind"
	// Import makes the table of the vault's full export before its stack is applied, and loads the later exports; the stack adopts it.
	Import TableStrategy = "import"
	// Swap restores a copy beside a damaged table, to an instant, and lets the stack adopt that in the table's place.
	Swap TableStrategy = "swap"
	// Empty has no copy to take the data from: a person decides to go on without.
	Empty TableStrategy = "empty"
)

// Renamed is the output of a table's step that gives the name of the table which it put in the place of the plan's.
const Renamed = "name"

// FenceConfig is a fence; its Site is set.
type FenceConfig struct {
	Fence *plan.Fence
}

// CommandConfig is a command and the folder it runs in.
type CommandConfig struct {
	Command *plan.Command
	Dir     string // Plan.Dir
}

// VerifyConfig is a proof and the folder its command runs in.
type VerifyConfig struct {
	Verify *plan.Verify
	Dir    string // Plan.Dir
}
