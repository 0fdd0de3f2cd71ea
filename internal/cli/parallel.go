package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/engine"
)

// parallel is how many steps may be at work at a time, as a flag; 0 is what the machine can do. It belongs to a process, not to its run: a resume
// has its own.
type parallel int

// maxParallel is the engine's own limit (engine.LimitsFor).
const maxParallel = 64

func (n *parallel) flag(c *cobra.Command) {
	c.Flags().Var(n, "parallel", "at most `N` steps at a time, 1 to 64; without it as many as this machine has memory and cores for (see `plan`)")
}

// String is how help shows the value.
func (n *parallel) String() string {
	if *n == 0 {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// Set reads the value.
func (n *parallel) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 || v > maxParallel {
		return fmt.Errorf("it is a number from 1 to %d", maxParallel)
	}
	*n = parallel(v)
	return nil
}

// Type is the kind of value.
func (n *parallel) Type() string { return "int" }

// limit narrows what the machine can do.
func (n *parallel) limit(l engine.Limits) engine.Limits {
	if *n > 0 {
		l.Slots = min(l.Slots, int(*n))
	}
	return l
}
