package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

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

// restore lays the snapshot into the drill's folder, says so, and gives the world to begin with. It says why not, too; then there is none.
func (s *session) restore(snap stage.Snapshot) (world string) {
	t, err := snap.Taken()
	if errors.Is(err, fs.ErrNotExist) {
		s.say("[drill] there is no snapshot yet: this drill takes one\n")
		return ""
	}
	if err == nil {
		if changed := t.Changed(s.parts); len(changed) > 0 {
			s.say("[drill] the snapshot of %s is of another application (different: %s): this drill brings it up anew\n", t.At.Local().Format("2006-01-02 15:04"), strings.Join(changed, ", "))
			return ""
		}
		err = snap.Lay(s.dir, kept())
	}
	if err != nil {
		s.say("[drill] the snapshot cannot be used: %v\n", err)
		return ""
	}
	with := ""
	if s.lived(snap.Lived()) {
		snap, with, s.parts = snap.Lived(), ", with the data that it wrote", nil // there is nothing more to keep
	}
	s.say("[drill] the application is as drill %s brought it up at %s%s\n", t.Run, t.At.Local().Format("2006-01-02 15:04"), with)
	return snap.World()
}

// lived lays what the application of a snapshot had written into the drill's folder. A world that would wake later than it was saved is of no use: the
// copies in its vault would be older at the disaster than they are in life.
func (s *session) lived(snap stage.Snapshot) bool {
	t, err := snap.Taken()
	if err != nil || len(t.Changed(s.parts)) > 0 || t.World.Before(s.Clock.Now().Add(time.Minute)) {
		return false
	}
	written := stage.Written(s.pr.Plan)
	if err = snap.Lay(s.dir, written); err != nil {
		for _, name := range written { // a part of it would say that a table is written
			err = errors.Join(err, os.Remove(filepath.Join(s.dir, name)))
		}
		s.say("[drill] the data of the snapshot cannot be used: %v\n", err)
	}
	return err == nil
}

// keepSnapshot keeps the world with the application in it. That it cannot must not end a drill.
func (s *session) keepSnapshot(ctx context.Context) {
	s.keepWorld(ctx, s.snapshotAt(s.pr.Plan, drill.Home(s.pr.Plan, s.pr.Scenario)), kept())
}

// keepLived keeps the world with the data in it, if there is any.
func (s *session) keepLived(ctx context.Context) {
	if written := stage.Written(s.pr.Plan); len(written) > 0 {
		s.keepWorld(ctx, s.snapshotAt(s.pr.Plan, drill.Home(s.pr.Plan, s.pr.Scenario)).Lived(), written)
	}
}

func (s *session) keepWorld(ctx context.Context, snap stage.Snapshot, keep []string) {
	if s.parts == nil {
		return // resumed: what was brought up by two processes is not kept
	}
	if err := snap.Take(ctx, s.cloud, s.dir, keep, stage.Taken{At: s.Clock.Now(), Run: s.id, Parts: s.parts}); err != nil {
		s.say("[drill] no snapshot was kept: %v\n", err)
	}
}
