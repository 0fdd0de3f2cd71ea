package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/check/live"
	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/apikey"
	"github.com/lifeboat-dr/lifeboat/internal/steps/command"
	"github.com/lifeboat-dr/lifeboat/internal/steps/fence"
	"github.com/lifeboat-dr/lifeboat/internal/steps/identity"
	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
	"github.com/lifeboat-dr/lifeboat/internal/steps/manual"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/steps/statebackend"
	"github.com/lifeboat-dr/lifeboat/internal/steps/table"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
	"github.com/lifeboat-dr/lifeboat/internal/steps/verify"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// aws reaches AWS for a run, or the run's drill cloud. There, every site answers to keys that are named after its account.
func aws(p *proc.Process, w cli.World) *awscloud.Cloud {
	cfg := awscloud.Config{Env: p.Env.Inherited(), Run: w.Run}
	if w.Cloud != nil {
		cfg.Endpoint = w.Cloud.Endpoint
		cfg.Credentials = func(s *plan.Site) awscloud.Keys {
			return awscloud.Keys{ID: "LIFEBOAT" + s.Account, Secret: secret.New("drill")}
		}
	}
	return awscloud.New(cfg)
}

// machine is what this process finds where it runs.
type machine struct {
	*proc.Process
	terraform terraform.Binary // once check has found it
}

// kinds makes every kind of step for a run. Terraform's providers are fetched and checked here, before the first step.
func (m *machine) kinds(ctx context.Context, w cli.World) (step.Makers, error) {
	sites := aws(m.Process, w)
	run := argv.Runner{Programs: proc.Programs{}, Sites: sites}
	tool, err := m.openTerraform(ctx, w)
	if err != nil {
		return nil, err
	}
	keys := apikey.Deps{Sites: sites, Plan: w.Plan, Dir: w.Dir, Web: http.DefaultTransport, Clock: clock.System{}}
	tables := table.Deps{Sites: sites, Plan: w.Plan, Clock: clock.System{}, Ledger: stage.Ledgers(w.Dir)}
	if w.Cloud != nil {
		tables.Poll = stage.Poll
		keys.Patience = 20 * time.Second // the drill calls at once, or not at all
		if keys.Clock, err = w.Cloud.Clock(ctx, w.Plan); err != nil {
			return nil, err
		}
	}
	return step.Makers{
		step.Manual:       manual.New(sites),
		step.Identity:     identity.New(sites),
		step.StateBackend: statebackend.New(sites),
		step.Image:        image.New(sites, w.Plan),
		step.Secret:       value.New(sites, w.Plan),
		step.Parameter:    value.New(sites, w.Plan),
		step.Fence:        fence.New(sites, w.Plan),
		step.Stack:        stack.New(stack.Deps{Tool: tool, Env: sites.Environment, Secrets: stack.SecretsAt(sites, w.Plan), Sites: sites, Clock: clock.System{}}),
		step.Command:      command.New(run),
		step.Table:        table.New(tables),
		step.Verify:       verify.New(sites, run, http.DefaultTransport),
		step.APIKey:       apikey.New(keys),
		step.FirstCall:    apikey.NewFirstCall(keys),
	}, nil
}

// put writes a value that a person gave for a step.
func (m *machine) put(ctx context.Context, w cli.World, spec step.Spec, t value.Typed) (string, error) {
	return value.Put(ctx, aws(m.Process, w), spec, t)
}

// ask asks the plan's sites for a check.
func (m *machine) ask(w cli.World) check.Asker { return live.New(aws(m.Process, w)) }

// check tells whether this machine has what the plan's stacks need.
func (m *machine) check(ctx context.Context, p *plan.Plan) (err error) {
	if len(p.Stacks) > 0 {
		m.terraform, err = terraform.Check(ctx, m.setup(p))
	}
	return err
}

func (m *machine) setup(p *plan.Plan) terraform.Setup {
	return terraform.Setup{
		Env: m.Env.Inherited(), Runner: proc.Programs{}, Who: m.User + "@" + m.Host, Wanted: p.Terraform.Binary, Found: m.terraform, Lockfile: p.Terraform.State.Lockfile,
		Project: p.Dir, Cache: filepath.Join(p.Dir, ".lifeboat", "providers"),
	}
}

// openTerraform finds the binary and the providers that the plan's stacks need. A plan without stacks needs neither.
func (m *machine) openTerraform(ctx context.Context, w cli.World) (*terraform.Tool, error) {
	if len(w.Plan.Stacks) == 0 {
		return nil, nil
	}
	setup := m.setup(w.Plan)
	setup.Dir, setup.Warm = filepath.Join(w.Dir, "terraform"), w.Warm
	tool, err := terraform.Open(ctx, setup)
	if err != nil {
		return nil, err
	}
	for _, notice := range append(tool.Notices, fmt.Sprintf("stacks are applied by %s %s, %s", tool.Product, tool.Version, tool.Path)) {
		w.Tell(notice)
	}
	var sources []terraform.Source
	for _, s := range w.Plan.Stacks {
		sources = append(sources, stack.Source(&step.StackConfig{Stack: s, Terraform: w.Plan.Terraform, Dir: w.Plan.Dir}))
	}
	return tool, tool.Warm(ctx, sources, w.Tell)
}

// world is what a drill's stage is set in.
func (m *machine) world(w cli.World) drill.Stage {
	return &stage.Stage{Cloud: w.Cloud, Sites: aws(m.Process, w), Dir: w.Dir, Tell: w.Tell}
}
