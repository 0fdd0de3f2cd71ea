// Command benchmarks measures every figure of docs/benchmarks.md on this machine, and writes them as Markdown.
//
// Promise: each figure comes from a command that the table names, with the numbers as they were measured, also where they miss their
// target; nothing is compared with a measurement of another day. What the machine lacks is skipped, and the table says so. It needs
// the built binary (`make bench` builds it), go, and for the heavy parts terraform or tofu and a mirror with hashicorp/aws.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

func main() { os.Exit(run()) }

// bench is what all parts share.
type bench struct {
	lifeboat string   // the binary, absolute
	root     string   // of the repository
	scratch  string   // removed at the end
	env      proc.Env // of this process
	rounds   int      // of the parts with terraform
}

// part is one table.
type part struct {
	name, title string
	measure     func(context.Context, *bench) ([]figure, error)
}

func parts() []part {
	return []part{
		{"engine", "The engine and its journal", engineFigures},
		{"image", "Copying images", imageFigures},
		{"binary", "The binary", binaryFigures},
		{"check", "Survey and check", checkFigures},
		{"data", "The data of tables", dataFigures},
		{"cloud", "The drill cloud", cloudFigures},
		{"stacks", "Twenty stacks without a provider", stackFigures},
		{"demo", "The demo: an application dies with its region and comes back", demoFigures},
	}
}

func run() int {
	binary := flag.String("lifeboat", filepath.Join("bin", "lifeboat"), "the built `binary`")
	rounds := flag.Int("rounds", 3, "how often the parts with terraform are repeated; the table shows medians")
	only := flag.String("only", "", "measure these `parts` alone, as \"engine,demo\"")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, *binary, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		return 1
	}
	return 0
}

func measure(ctx context.Context, binary string, rounds int, only string) (err error) {
	b := &bench{rounds: max(1, rounds), env: proc.OS().Env}
	if b.root, err = os.Getwd(); err != nil {
		return err
	}
	if b.lifeboat, err = filepath.Abs(binary); err == nil {
		_, err = os.Stat(b.lifeboat)
	}
	if err != nil {
		return fmt.Errorf("%w; build it with `make build`, and start this in the repository's folder", err)
	}
	if b.scratch, err = os.MkdirTemp("", "lifeboat-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	wanted := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, w := range wanted {
		if !slices.ContainsFunc(parts(), func(p part) bool { return p.name == w }) {
			return fmt.Errorf("there is no part %q", w)
		}
	}
	fmt.Printf("%s\n", machine(ctx, b))
	for _, p := range parts() {
		if len(wanted) > 0 && !slices.Contains(wanted, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s ...\n", p.title)
		before := cpu()
		figures, e := p.measure(ctx, b)
		fmt.Printf("\n## %s\n\n%s", p.title, table(figures))
		if note := before.others(cpu()); note != "" {
			fmt.Printf("\n%s\n", note)
		}
		if e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", p.name, e))
		}
	}
	return err
}
