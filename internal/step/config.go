package step

import "github.com/lifeboat-dr/lifeboat/internal/plan"

// What Spec.Config holds, kind by kind. The procedure's compiler fills it and the kind's package reads it:
//
//	identity  *plan.Site           image      *plan.Image
//	secret    *plan.Secret         parameter  *plan.Parameter
//	manual    *ManualConfig        state_backend *BackendConfig
//	stack     *StackConfig         command    *CommandConfig
//	verify    *VerifyConfig

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
