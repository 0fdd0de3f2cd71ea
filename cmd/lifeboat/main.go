// Command lifeboat rehearses and executes the recovery of Terraform-managed AWS applications.
package main

import (
	"context"
	"os"

	"github.com/lifeboat-dr/lifeboat/internal/cli"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// version is set by the linker.
var version = "dev" //nolint:gochecknoglobals // the linker needs a variable

func main() { os.Exit(run()) }

func run() int {
	return cli.New(proc.OS(), cli.Parts{Version: version, Clock: clock.System{}}).Run(context.Background())
}
