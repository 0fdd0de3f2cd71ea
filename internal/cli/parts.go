package cli

import (
	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// Parts are what main joins to the command line.
type Parts struct {
	Version string
	Clock   clock.Clock
}
