// Command lifeboat rehearses and executes the recovery of Terraform-managed AWS applications. It only joins the parts.
package main

import (
	"context"
	"os"

	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	p := proc.OS()
	m := &machine{Process: p}
	parts := cli.Parts{Version: version, Clock: clock.System{}, Check: m.check, Kinds: m.kinds, Ask: m.ask, Put: m.put, Protect: m.protect, FindGood: m.findGood, History: m.history, Stage: m.world}
	return cli.New(p, parts).Run(context.Background())
}
