package main

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
)

const width = 20

//go:embed xargs.sh
var xargsScript string

// manyPlan has 20 stacks that need nothing of each other.
func manyPlan() string {
	var b strings.Builder
	b.WriteString(`
application "bench" {}
site "home" {
  account = "111111111111"
  region  = "eu-west-2"
}
terraform {
  root = "code"
  state {
    bucket     = "bench-state-${site.account}"
    lock_table = "bench-lock"
    key        = "${stack.name}.tfstate"
  }
}
scenario "gone" {
  lost       = "resources"
  recover_to = site.home
}
`)
	for i := range width {
		fmt.Fprintf(&b, "stack \"s%02d\" {\n  path = \"s%02d\"\n}\n", i, i)
	}
	return b.String()
}

// stackFigures applies the same 20 stacks both ways, in turn, each time at the same place of a fresh drill cloud.
func stackFigures(ctx context.Context, b *bench) ([]figure, error) {
	ours := figure{name: "20 independent stacks of one no-op resource: `lifeboat recover`, all of it", unit: "s", how: "`lifeboat recover gone --yes` against `lifeboat cloud`"}
	theirs := figure{name: "the same with `xargs -P8` over init, plan, apply, in the same run", unit: "s", how: "`benchmarks/xargs.sh`"}
	ratio := figure{name: "Lifeboat against xargs", unit: "x", most: 1, how: "each round's ratio"}
	work := figure{name: "the same in CPU time, all processes together", unit: "x", how: "/proc/PID/stat"}
	dir := filepath.Join(b.scratch, "many")
	err := write(filepath.Join(dir, "lifeboat.hcl"), manyPlan())
	for i := 0; err == nil && i < width; i++ {
		err = write(filepath.Join(dir, "code", fmt.Sprintf("s%02d", i), "main.tf"), "terraform {\n  backend \"s3\" {}\n}\nresource \"terraform_data\" \"a\" {}\n")
	}
	if err != nil {
		return nil, err
	}
	p, err := b.open(ctx, dir)
	if err != nil {
		return skipped(err, ours, theirs, ratio, work), nil // the table says it
	}
	for round := range b.rounds {
		var took [2]usage
		for turn := range 2 {
			who := (round + turn) % 2 // each goes first every other round
			var err error
			if took[who], err = p.many(ctx, b, who == 0); err != nil {
				return nil, err
			}
		}
		ours.add(took[0].wall.Seconds())
		theirs.add(took[1].wall.Seconds())
		ratio.add(took[0].wall.Seconds() / took[1].wall.Seconds())
		if counted {
			work.add((took[0].own + took[0].children).Seconds() / (took[1].own + took[1].children).Seconds())
		}
	}
	if !counted {
		work = skipped(errUncounted, work)[0]
	}
	return []figure{ours, theirs, ratio, work}, nil
}

// many applies all stacks once, in a cloud whose state bucket and lock table are there.
func (p *project) many(ctx context.Context, b *bench, ours bool) (usage, error) {
	c, err := b.startCloud(ctx)
	if err != nil {
		return usage{}, err
	}
	defer c.stop()
	env, err := p.prepare(ctx, b, c, "gone")
	if err != nil {
		return usage{}, err
	}
	argv := []string{"bash", "-c", xargsScript}
	if ours {
		env, argv = c.env(b.env, "111111111111"), []string{b.lifeboat, "recover", "gone", "--yes"}
	}
	return b.timed(ctx, p.Dir, env, argv...)
}
