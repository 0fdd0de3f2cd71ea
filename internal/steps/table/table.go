// Package table is the step that brings the data of a DynamoDB table back.
//
// Promise: nothing is written before the copy was found whole and the target was found to be the table that it belongs in. A load, a
// rewind and a restore that were killed go on. What was written is compared with the copy by count and by a digest over every item, and
// the outcome says which instant the data is of. A table that holds other data is not written to unless a person allows it; where there
// is no copy, a person decides to go on without the data.
package table

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/rewind"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// Deps are what table steps share.
type Deps struct {
	Sites Sites
	Plan  *plan.Plan
	Clock clock.Clock
	// Ledger is what a drill's own writer wrote into the table by then, so that losses can be counted exactly. Nil, or nil for a table: nobody
	// knows.
	Ledger func(table string) (*Ledger, error)
	Poll   time.Duration // between looks at a table that AWS works on; 0: 2 s
}

// New gives the Maker of table steps.
func New(d Deps) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.TableConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: table needs a *step.TableConfig, not %T", spec.ID, spec.Config)
		}
		return &table{Deps: d, cfg: cfg}, nil
	}
}

type table struct {
	Deps
	cfg *step.TableConfig

	compared *rewind.Comparison // by this process, for the question that it asked
	at       time.Time
}

var _ step.Step = (*table)(nil)

// turn is one call of the step.
type turn struct {
	*table
	call *step.Call
	name string // of the table in DynamoDB
	api  *dynamodb.Client
}

func (t *table) begin(ctx context.Context, call *step.Call) (*turn, error) {
	v, err := call.Resolve(t.cfg.Table.Table)
	if err != nil {
		return nil, fmt.Errorf("name of table %q: %w", t.cfg.Table.Name, err)
	}
	name, ok := v.Reveal().(string)
	if !ok || name == "" {
		return nil, &step.Error{Class: step.Permanent, What: fmt.Sprintf("the name of table %q is not a text", t.cfg.Table.Name), Next: "Correct it in the plan"}
	}
	c, err := t.Sites.At(ctx, call.Site)
	if err != nil {
		return nil, err
	}
	return &turn{t, call, name, c.DynamoDB}, nil
}

// Probe tells whether data is missing.
func (t *table) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	u, err := t.begin(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	if p, err := u.ended(ctx); err != nil || p.Status != "" {
		return p, err
	}
	switch t.cfg.Strategy {
	case step.Restore:
		return u.probeRestore(ctx)
	case step.Load:
		return u.probeLoad(ctx)
	case step.Import:
		return u.probeImport(ctx)
	case step.Rewind, step.Swap:
		return step.Probe{Status: step.Needed, Reason: "the data of table " + u.name + " must be compared with an earlier state"}, nil
	case step.Empty:
		return step.Probe{Status: step.Needed, Reason: "a person must decide to go on without the data of table " + u.name}, nil
	default:
		return step.Probe{}, fmt.Errorf("table %q: unknown strategy %q", t.cfg.Table.Name, t.cfg.Strategy)
	}
}

// Ensure brings the data back.
func (t *table) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	u, err := t.begin(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	switch t.cfg.Strategy {
	case step.Restore:
		return u.restore(ctx)
	case step.Load:
		return u.load(ctx)
	case step.Import:
		return u.importTable(ctx)
	case step.Rewind:
		return u.rewind(ctx)
	case step.Swap:
		return u.swap(ctx)
	case step.Empty:
		return u.empty()
	default:
		return step.Outcome{}, fmt.Errorf("table %q: unknown strategy %q", t.cfg.Table.Name, t.cfg.Strategy)
	}
}

// empty goes on without the data once a person has decided so.
func (u *turn) empty() (step.Outcome, error) {
	const key = "without-data"
	a, ok := u.call.Answers[key]
	switch {
	case !ok:
		return step.Outcome{}, &step.Ask{
			Key: key, Prompt: fmt.Sprintf("There is no copy of the data of table %s. Go on with an empty table?", u.name),
			Detail: u.cfg.Why + ".\nIf you have a copy elsewhere, load it into the table first, and then approve.",
		}
	case a.Decision == step.Reject:
		return step.Outcome{}, &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s has no data, and %s refused to go on without", u.name, a.By), Next: "Bring the data back by hand, then resume the run and approve"}
	}
	f := facts{Table: u.name, Strategy: u.cfg.Strategy}
	return outcome(f, fmt.Sprintf("table %s stays without its data, as %s decided", u.name, a.By)), nil
}

// describe gives the table at the site; nil when there is none.
func (u *turn) describe(ctx context.Context, name string) (*types.TableDescription, error) {
	out, err := u.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return nil, nil //nolint:nilnil // no table is an answer
	}
	if err != nil {
		return nil, awscloud.Explain(err, "table "+name+" cannot be looked at", u.call.Site)
	}
	return out.Table, nil
}

const poll = 2 * time.Second

func (u *turn) sleep(ctx context.Context) error { return clock.Sleep(ctx, cmp.Or(u.Poll, poll)) }

// active waits until a table can be used.
func (u *turn) active(ctx context.Context, name string) (*types.TableDescription, error) {
	begun := u.Clock.Now()
	for {
		t, err := u.describe(ctx, name)
		switch {
		case err != nil:
			return nil, err
		case t == nil:
			return nil, &step.Error{Class: step.Transient, Site: u.call.Site.Name, What: "table " + name + " is gone while it was waited for", Next: "`lifeboat resume` begins again"}
		case t.TableStatus == types.TableStatusActive:
			return t, nil
		case t.TableStatus == types.TableStatusInaccessibleEncryptionCredentials || t.TableStatus == types.TableStatusArchived: // it stays so
			return nil, u.locked(t)
		}
		text := fmt.Sprintf("table %s is %s, for %s", name, t.TableStatus, clock.Brief(u.Clock.Now().Sub(begun).Round(time.Second)))
		if t.RestoreSummary != nil {
			text += "; AWS takes at least 20 minutes for a restore"
		}
		u.call.Tell(step.Progress{Message: text})
		if err := u.sleep(ctx); err != nil {
			return nil, err
		}
	}
}

func (u *turn) scan(name string) scan.Table { return scan.Table{API: u.api, Name: name} }

// instant is the time that the plan asks for; zero is the latest that there is.
func (u *turn) instant() (time.Time, error) {
	point, disaster := u.cfg.Table.Point, u.call.Disaster
	switch {
	case point == "latest":
		return time.Time{}, nil
	case point == "before-disaster", point[0] == '-':
		if disaster.IsZero() {
			return time.Time{}, &step.Error{
				Class: step.Permanent, What: fmt.Sprintf("table %q goes back to %s, and nobody said when the disaster began", u.cfg.Table.Name, point),
				Next: "Say it with --since when you begin the recovery, or give the table an instant as its point",
			}
		}
		ago := time.Second // the last whole second before it
		if point != "before-disaster" {
			d, err := clock.Span(point[1:])
			if err != nil {
				return time.Time{}, fmt.Errorf("point %q: %w", point, err)
			}
			ago = d
		}
		return disaster.Add(-ago).Truncate(time.Second), nil
	}
	at, err := time.Parse(time.RFC3339, point)
	if err != nil {
		return time.Time{}, fmt.Errorf("point %q: %w", point, err)
	}
	if at.After(u.Clock.Now()) && at.After(disaster) {
		return time.Time{}, &step.Error{Class: step.Permanent, What: fmt.Sprintf("table %q: the point %s is in the future", u.cfg.Table.Name, point), Next: "Correct it in the plan"}
	}
	return at, nil
}

// patient makes calls that the load engine retries by itself.
func patient(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// writer is the client as the load engine wants it.
type writer struct{ *dynamodb.Client }

func (w writer) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, more ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return w.Client.BatchWriteItem(ctx, in, append(more, patient)...)
}

func (w writer) PutItem(ctx context.Context, in *dynamodb.PutItemInput, more ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return w.Client.PutItem(ctx, in, append(more, patient)...)
}

func (w writer) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, more ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return w.Client.DeleteItem(ctx, in, append(more, patient)...)
}
