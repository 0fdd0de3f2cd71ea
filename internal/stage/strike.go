package stage

import (
	"context"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// Strike makes the scenario's disaster happen, and says what it took that the scenario does not say.
func (s *Stage) Strike(ctx context.Context, p *plan.Plan, sc *plan.Scenario) (string, error) {
	site := p.Site(sc.Lost.Site)
	switch {
	case sc.Lost.Kind == plan.LostRegion:
		return "", s.control().Strike(ctx, control.Disaster{Kind: control.RegionLost, Region: site.Region})
	case sc.Lost.Kind == plan.LostAccount && sc.Compromised:
		return s.strikeAccount(ctx, p, sc)
	case sc.Lost.Kind == plan.LostAccount:
		return "", s.control().Strike(ctx, control.Disaster{Kind: control.AccountLost, Account: site.Account})
	case sc.Lost.Kind == plan.LostService:
		return s.strikeService(ctx, site)
	case sc.Lost.Kind == plan.LostResources:
		return s.strikeResources(ctx, p, p.Site(sc.RecoverTo))
	case sc.Lost.Kind == plan.LostData:
		return s.corrupt(ctx, p, p.Site(sc.RecoverTo))
	case sc.Lost.Kind == plan.LostState:
		return s.strikeState(ctx, p, p.Site(sc.RecoverTo))
	default:
		return "", fmt.Errorf("unknown loss %q", sc.Lost.Kind)
	}
}
