package secretsmanager

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// stage moves a label to a version (nil: to none); AWSCURRENT leaves AWSPREVIOUS where it was.
func (sec *secret) stage(label string, to *version) {
	from := sec.staged(label)
	if from != nil && from != to {
		from.Stages = slices.DeleteFunc(from.Stages, func(s string) bool { return s == label })
		if label == current {
			sec.stage(previous, from)
		}
	}
	if to != nil && !slices.Contains(to.Stages, label) {
		to.Stages = append(to.Stages, label)
		if label == current {
			to.Stages = slices.DeleteFunc(to.Stages, func(s string) bool { return s == previous })
		}
	}
}

// prune removes the oldest versions without labels, which AWS calls deprecated, when there are more than it keeps for sure.
func (sec *secret) prune() {
	old := slices.DeleteFunc(slices.Collect(maps.Values(sec.Versions)), func(v *version) bool { return len(v.Stages) > 0 })
	slices.SortFunc(old, func(a, b *version) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	for _, v := range old[:min(len(old), max(0, len(sec.Versions)-maxVersions))] {
		delete(sec.Versions, v.ID)
	}
}

func (sec *secret) staged(label string) *version {
	for _, v := range sec.Versions {
		if slices.Contains(v.Stages, label) {
			return v
		}
	}
	return nil
}

func (s *Service) listVersions(r *region, c *sim.Call, in *struct {
	ref
	IncludeDeprecated bool
	MaxResults        int
	NextToken         string
},
) (any, error) {
	sec, err := s.find(r, c, in.SecretID)
	if err != nil {
		return nil, err
	}
	versions := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(sec.Versions)) {
		v := sec.Versions[id]
		if len(v.Stages) == 0 && !in.IncludeDeprecated {
			continue
		}
		entry := map[string]any{"VersionId": id, "VersionStages": slices.Clone(v.Stages), "CreatedDate": sim.Epoch(v.Created)}
		if !v.Accessed.IsZero() {
			entry["LastAccessedDate"] = sim.Epoch(v.Accessed)
		}
		versions = append(versions, entry)
	}
	part, next, err := sim.Page(versions, in.NextToken, in.MaxResults, 100)
	out := map[string]any{"ARN": sec.ARN, "Name": sec.Name, "Versions": part}
	if next != "" {
		out["NextToken"] = next
	}
	return out, err
}

func (s *Service) moveStage(r *region, c *sim.Call, in *struct {
	ref
	VersionStage, MoveToVersionID, RemoveFromVersionID string
},
) (named, error) {
	sec, err := s.live(r, c, in.SecretID)
	if err != nil {
		return named{}, err
	}
	holder := sec.staged(in.VersionStage)
	to := sec.Versions[in.MoveToVersionID]
	switch {
	case in.MoveToVersionID != "" && to == nil:
		return named{}, sim.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret version: %s.", in.MoveToVersionID)
	case holder != nil && holder != to && holder.ID != in.RemoveFromVersionID:
		return named{}, sim.Errorf("InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, holder.ID)
	case to == nil && in.VersionStage == current:
		return named{}, sim.Errorf("InvalidParameterException", "You can't remove the staging label AWSCURRENT; move it to another version.")
	}
	sec.stage(in.VersionStage, to)
	sec.prune()
	return sec.named(), nil
}
