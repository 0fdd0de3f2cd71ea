package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// warm is the folder of a run, or of a whole drill, that says which providers its stacks use.
const warm = "warm"

// stage is the folder that all runs of a drill share: the drill's own.
func (s *session) stage() string {
	if s.drill != "" {
		return filepath.Dir(s.dir)
	}
	return s.dir
}

// kept is what a snapshot keeps of the drill that took it: how the application came up, and with which providers.
func kept() []string { return []string{filepath.Join(bringUp, "journal.jsonl"), warm} }

// snapshot is where a drill of the procedure keeps its world, and what the application in it is made of.
func (p *Program) snapshot(pr *procedure.Procedure, o drillOptions) (stage.Snapshot, map[string]string, error) {
	home := drill.Home(pr.Plan, pr.Scenario)
	parts := map[string]string{"lifeboat": p.Version, "the plan": pr.Plan.Hash, "--seed": fmt.Sprint(o.seed), "--plain": fmt.Sprint(o.plain)}
	if len(pr.Plan.Stacks) > 0 {
		sum, err := stage.Hash(filepath.Join(pr.Plan.Dir, pr.Plan.Terraform.Root))
		if err != nil {
			return stage.Snapshot{}, nil, fmt.Errorf("read the Terraform code: %w", err)
		}
		parts["the Terraform code in "+pr.Plan.Terraform.Root] = sum
	}
	return p.snapshotAt(pr.Plan, home), parts, nil
}

func (p *Program) snapshotAt(pl *plan.Plan, home *plan.Site) stage.Snapshot {
	return stage.Snapshot{Dir: filepath.Join(pl.Dir, ".lifeboat", "snapshots", home.Name)}
}

// restore lays the snapshot into the drill's folder, and says so. It says why not, too.
func (s *session) restore(snap stage.Snapshot) bool {
	t, err := snap.Taken()
	if errors.Is(err, fs.ErrNotExist) {
		s.say("[drill] there is no snapshot yet: this drill takes one\n")
		return false
	}
	if err == nil {
		if changed := t.Changed(s.parts); len(changed) > 0 {
			s.say("[drill] the snapshot of %s is of another application (different: %s): this drill brings it up anew\n", t.At.Local().Format("2006-01-02 15:04"), strings.Join(changed, ", "))
			return false
		}
		err = snap.Lay(s.dir, kept())
	}
	if err != nil {
		s.say("[drill] the snapshot cannot be used: %v\n", err)
		return false
	}
	s.say("[drill] the application is as drill %s brought it up at %s\n", t.Run, t.At.Local().Format("2006-01-02 15:04"))
	return true
}

// keepSnapshot keeps the world with the application in it. That it cannot must not end a drill.
func (s *session) keepSnapshot(ctx context.Context) {
	if s.parts == nil {
		return // resumed: what was brought up by two processes is not kept
	}
	snap := s.snapshotAt(s.pr.Plan, drill.Home(s.pr.Plan, s.pr.Scenario))
	if err := snap.Take(ctx, s.cloud, s.dir, kept(), stage.Taken{At: s.Clock.Now(), Run: s.id, Parts: s.parts}); err != nil {
		s.say("[drill] no snapshot was kept: %v\n", err)
	}
}
