package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/identity"
	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/steps/statebackend"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// project is a plan, and a terraform with the providers that it needs.
type project struct {
	*plan.Plan
	tool *terraform.Tool
}

// open reads the plan in a folder, and finds terraform and its providers where Lifeboat finds them. An error says what the machine lacks.
func (b *bench) open(ctx context.Context, dir string) (*project, error) {
	p, _, diags := planfile.Load(planfile.Options{Dir: dir, Env: b.env, Now: time.Now()})
	if p == nil {
		return nil, fmt.Errorf("%s: %v", dir, diags)
	}
	private, err := os.MkdirTemp(b.scratch, "terraform-")
	if err != nil {
		return nil, err
	}
	tool, err := terraform.Open(ctx, terraform.Setup{Env: b.env, Runner: proc.Programs{}, Wanted: p.Terraform.Binary, Project: dir, Dir: private})
	if err != nil {
		return nil, err
	}
	var sources []terraform.Source
	for _, s := range p.Stacks {
		sources = append(sources, stack.Source(&step.StackConfig{Stack: s, Terraform: p.Terraform, Dir: p.Dir}))
	}
	return &project{p, tool}, tool.Warm(ctx, sources, nil)
}

// prepare does what comes before the stacks, with Lifeboat's own steps: account, state bucket, lock table, images, secrets, parameters. It
// gives the environment for a script that applies the stacks itself.
func (p *project) prepare(ctx context.Context, b *bench, c *cloud, scenario string) (proc.Env, error) {
	sites := awscloud.New(awscloud.Config{Env: b.env, Endpoint: c.Endpoint, Credentials: func(s *plan.Site) awscloud.Keys {
		return awscloud.Keys{ID: s.Account, Secret: secret.New("any")}
	}})
	if err := (&stage.Stage{Cloud: c.Cloud, Sites: sites}).Furnish(ctx, p.Plan); err != nil {
		return nil, err
	}
	pr, diags := procedure.Compile(p.Plan, scenario, procedure.Options{})
	if pr == nil {
		return nil, fmt.Errorf("scenario %s: %v", scenario, diags)
	}
	makers := step.Makers{
		step.Identity: identity.New(sites), step.StateBackend: statebackend.New(sites), step.Image: image.New(sites, p.Plan),
		step.Secret: value.New(sites, p.Plan), step.Parameter: value.New(sites, p.Plan),
	}
	dir, err := os.MkdirTemp(b.scratch, "script-")
	if err != nil {
		return nil, err
	}
	if err := before(ctx, pr, makers, filepath.Join(dir, "runs")); err != nil {
		return nil, err
	}
	env, err := sites.Environment(ctx, pr.Site)
	if err != nil {
		return nil, err
	}
	work := filepath.Join(dir, "work")
	return with(p.tool.Environ(env, nil), proc.Env{
		"TERRAFORM": p.tool.Path, "CODE": filepath.Join(p.Dir, p.Terraform.Root), "WORK": work, "ACCOUNT": pr.Site.Account, "REGION": pr.Site.Region,
	}), os.Mkdir(work, 0o700)
}

// before performs the steps of a procedure that there are makers for.
func before(ctx context.Context, pr *procedure.Procedure, makers step.Makers, runs string) error {
	known := map[string]bool{}
	var steps []step.Spec
	for _, s := range pr.Steps {
		if makers[s.Kind] != nil {
			s.Needs = slices.DeleteFunc(slices.Clone(s.Needs), func(id string) bool { return !known[id] })
			steps, known[s.ID] = append(steps, s), true
		}
	}
	store := newStore(runs)
	log, err := store.Create(ctx, journal.RunStarted{Run: "before", Steps: steps})
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // thrown away
	sites := map[string]*plan.Site{}
	for _, s := range pr.Plan.Sites {
		sites[s.Name] = s
	}
	state, err := local.Run(ctx, local.Config{
		Log: log, Steps: steps, Makers: makers, Sites: sites, Limits: engine.Limits{}, Clock: clock.System{}, Dir: log.StepDir,
	})
	if err == nil && state.Result != journal.Recovered {
		err = fmt.Errorf("before the stacks: %s: %s", state.Result, state.Reason)
	}
	return err
}
