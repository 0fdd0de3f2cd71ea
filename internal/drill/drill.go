// Package drill rehearses: it lets the application live before the disaster strikes.
//
// Promise: what a recovery finds in a drill is what it would find in life: an application that this same plan built at its
// site, and a disaster that really took it. Each part may be repeated, so a drill that was killed at any moment goes on. The instant of the
// disaster is durable before it begins, so that whatever an intruder writes is younger; the recovery clock starts there once all is taken.
package drill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// Stage is the world of a drill. Each method may be called again after a crash.
type Stage interface {
	// Furnish puts there what exists before the application does.
	Furnish(context.Context, *plan.Plan) error
	// Fill lets the application write data, whose copies go to the vault as on an ordinary day.
	Fill(context.Context, *plan.Plan, *plan.Site) error
	// Now is the time in that world.
	Now(context.Context) (time.Time, error)
	// Strike makes the scenario's disaster happen, and says what it took that the scenario does not say. It may be empty.
	Strike(context.Context, *plan.Plan, *plan.Scenario) (took string, err error)
	// Consume calls an address with an API key of a site, as a consumer who received it would.
	Consume(ctx context.Context, at *plan.Site, keyID, address string) error
}

// ErrNoAddress says that an address cannot be called in a drill.
var ErrNoAddress = errors.New("the address is no invoke URL of API Gateway, and names do not resolve in a drill")

// Drill is one rehearsal of a scenario.
type Drill struct {
	Plan     *plan.Plan
	Scenario *plan.Scenario
	Stage    Stage
	Log      journal.Log // of the recovery
	Clock    clock.Clock
	// Up says that the application is up already: an earlier process, or an earlier drill, brought it up.
	Up bool
	// BringUp builds the application at a site with a procedure of its own, and tells how that ended.
	BringUp func(context.Context, *plan.Site) (*journal.State, error)
	// Tell says what happens before the recovery begins.
	Tell func(string)
}

// Home is where the application lives before the disaster: the site that is lost, or the one recovered in place.
func Home(p *plan.Plan, s *plan.Scenario) *plan.Site {
	if s.Lost.Site != "" {
		return p.Site(s.Lost.Site)
	}
	return p.Site(s.RecoverTo)
}

// Strike brings the world to the moment after the disaster, unless the journal says that it is there.
func (d *Drill) Strike(ctx context.Context) error {
	s, err := journal.Load(ctx, d.Log)
	if err != nil {
		return err
	}
	if s.Struck() {
		return nil
	}
	if !d.Up {
		if err := d.live(ctx); err != nil {
			return err
		}
	}
	began, err := d.begin(ctx, s)
	if err != nil {
		return err
	}
	d.Tell("now the disaster: " + Describe(d.Plan, d.Scenario))
	took, err := d.Stage.Strike(ctx, d.Plan, d.Scenario)
	if err != nil {
		return fmt.Errorf("strike: %w", err)
	}
	note := Describe(d.Plan, d.Scenario)
	if took != "" {
		d.Tell(took)
		note += "; " + took
	}
	_, err = d.Log.Append(ctx, journal.Marked{Name: journal.MarkDisaster, At: began.At, World: began.World, Note: note})
	return err
}

// live lets the application come up where it lives on an ordinary day.
func (d *Drill) live(ctx context.Context) error {
	d.Tell("setting the stage: what the plan takes from other sites is put there, with invented content")
	if err := d.Stage.Furnish(ctx, d.Plan); err != nil {
		return fmt.Errorf("set the stage of the drill: %w", err)
	}
	home := Home(d.Plan, d.Scenario)
	d.Tell(fmt.Sprintf("bringing the application up at site %s (%s, %s)", home.Name, home.Account, home.Region))
	before := d.Clock.Now()
	up, err := d.BringUp(ctx, home)
	if err != nil {
		return fmt.Errorf("bring the application up at site %s: %w", home.Name, err)
	}
	if up.Result != journal.Recovered {
		return &NotUpError{Site: home, State: up}
	}
	d.Tell(fmt.Sprintf("the application is up after %s", d.Clock.Now().Sub(before).Round(time.Second)))
	return nil
}

// begin lets the application write, and gives the instant of the disaster: the one of the first try, if an earlier one was cut off.
func (d *Drill) begin(ctx context.Context, s *journal.State) (journal.Marked, error) {
	for _, m := range s.Marks {
		if m.Name == journal.MarkStrike {
			return m, nil
		}
	}
	if err := d.Stage.Fill(ctx, d.Plan, Home(d.Plan, d.Scenario)); err != nil {
		return journal.Marked{}, fmt.Errorf("let the application write: %w", err)
	}
	there, err := d.Stage.Now(ctx)
	if err != nil {
		return journal.Marked{}, err
	}
	m := journal.Marked{Name: journal.MarkStrike, At: d.Clock.Now(), World: there, Note: Describe(d.Plan, d.Scenario)}
	_, err = d.Log.Append(ctx, m)
	return m, err
}

// NotUpError says that the application did not come up, so that there is nothing to rehearse.
type NotUpError struct {
	Site  *plan.Site
	State *journal.State // how the run ended that should have built it
}

// Error says what failed.
func (e *NotUpError) Error() string {
	return fmt.Sprintf("the application did not come up at site %s, so there is nothing to rehearse: %s", e.Site.Name, failures(e.State))
}

// Describe says what is lost.
func Describe(p *plan.Plan, s *plan.Scenario) string {
	site := p.Site(s.Lost.Site)
	switch s.Lost.Kind {
	case plan.LostRegion:
		return "region " + site.Region + " is lost"
	case plan.LostAccount:
		if s.Compromised {
			return "an intruder has account " + site.Account
		}
		return "account " + site.Account + " is lost"
	case plan.LostService:
		return "the service at site " + site.Name + " is lost, and its data can be read"
	case plan.LostResources:
		return "resources are lost"
	case plan.LostData:
		return "data is damaged"
	case plan.LostState:
		return "Terraform's state is lost"
	default:
		return "lost: " + string(s.Lost.Kind)
	}
}

func failures(s *journal.State) string {
	var out []string
	for _, t := range s.Steps {
		if t.Status == journal.StatusFailed && t.Error != nil {
			out = append(out, t.Spec.ID+": "+t.Error.Text)
		}
	}
	if len(out) == 0 {
		return string(s.Result) + ": " + s.Reason
	}
	return strings.Join(out, "; ")
}
