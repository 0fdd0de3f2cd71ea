package stack

import (
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// progress counts the resources of one command and tells about each.
type progress struct {
	call  *step.Call
	total int // planned changes; 0 while planning
	done  int
}

func (p *progress) event(e terraform.Event) {
	var text string
	switch e.Kind {
	case terraform.Refreshed:
		if p.total > 0 {
			return // of an apply: it is about the work
		}
		p.done++
		text = "reading what is there"
	case terraform.Started:
		text = e.Address + ": " + e.Action
	case terraform.Going:
		text = fmt.Sprintf("%s: %s, for %s", e.Address, e.Action, e.Elapsed.Round(time.Second))
	case terraform.Finished:
		if e.Action != "read" { // a lookup was not planned
			p.done++
		}
		text = fmt.Sprintf("%s: %s done in %s", e.Address, e.Action, e.Elapsed.Round(time.Second))
	case terraform.Failed:
		text = e.Address + ": " + e.Action + " failed"
	default:
		return
	}
	p.call.Tell(step.Progress{Message: text, Done: int64(p.done), Total: int64(p.total), Unit: "resources"})
}

// planned is a plan in words.
func planned(p *terraform.Plan) string {
	if p.Empty {
		return "no changes"
	}
	parts := []string{}
	for _, x := range []struct {
		n    int
		verb string
	}{{p.Counts.Import, "import"}, {p.Counts.Add, "add"}, {p.Counts.Change, "change"}, {p.Counts.Remove, "destroy"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", x.n, x.verb))
		}
	}
	if len(parts) == 0 {
		return "outputs change"
	}
	return strings.Join(parts, ", ")
}
