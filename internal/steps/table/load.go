package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// positions is the file in the step's folder that says how far a load is.
const positions = "load.json"

func (u *turn) probeLoad(ctx context.Context) (step.Probe, error) {
	d, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Probe{}, err
	}
	if d == nil {
		return step.Probe{Status: step.Needed, Reason: "table " + u.name + " does not exist"}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "the data of table " + u.name + " is in the vault"}, nil
}

// load writes the vault's export into the table that Terraform made.
func (u *turn) load(ctx context.Context) (step.Outcome, error) {
	chain, cat, err := u.chain(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	return u.loadChain(ctx, chain, cat)
}

func (u *turn) loadChain(ctx context.Context, chain *export.Chain, cat export.Catalogue) (step.Outcome, error) {
	d, err := u.target(ctx, cat)
	if err != nil {
		return step.Outcome{}, err
	}
	merge, err := u.mayWrite(ctx, chain)
	if err != nil {
		return step.Outcome{}, err
	}
	u.call.Tell(step.Progress{Message: u.forecast(d, chain)})
	res, err := u.write(ctx, chain, chain.Sum.Count, "loading", filepath.Join(u.call.Dir, positions))
	if err != nil {
		return step.Outcome{}, err
	}
	got, err := u.holds(ctx, chain, res.Refused > 0 || merge, positions)
	if err != nil {
		return step.Outcome{}, err
	}
	deep, duties, err := u.examined(ctx, chain, cat, res.Refused)
	if err != nil {
		return step.Outcome{}, err
	}
	f := facts{Table: u.name, Strategy: u.cfg.Strategy, Instant: chain.Until, Expected: chain.Sum.Count, Recovered: got.Count, Digest: got == chain.Sum, Refused: res.Refused}
	out := outcome(f, fmt.Sprintf("%d items of %s loaded from the vault, digest %s", chain.Sum.Count, clocked(chain.Until), equal(f.Digest))+deep)
	out.Changed, out.Duties = res.Made > 0, duties
	u.refused(&out, res.Refused)
	was, err := u.recorded(ctx)
	if err == nil {
		err = u.dress(ctx, was, true, &out)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	return u.finish(ctx, out, f)
}

// holds compares the table with the export. A table that should hold the same and does not is an error, and is begun again from the beginning.
func (u *turn) holds(ctx context.Context, chain *export.Chain, mayDiffer bool, checkpoint string) (item.Sum, error) {
	u.call.Tell(step.Progress{Message: "comparing what was written with the export"})
	got, err := u.scan(u.name).Sum(ctx)
	if err != nil {
		return got, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	if got == chain.Sum || mayDiffer {
		return got, nil
	}
	if err := u.beginAnew(); err != nil { // all positions say "written"
		return got, err
	}
	return got, &step.Error{
		Class: step.Permanent, Site: u.call.Site.Name,
		What: fmt.Sprintf("table %s does not hold what the export holds: %d items with digest %s, not %d with %s", u.name, got.Count, got, chain.Sum.Count, chain.Sum),
		Why:  "Somebody else writes to it, or the copy is not the data that was exported",
		Next: map[bool]string{false: "Stop what writes to the table, empty it, and resume the run", true: "Stop what writes to the table, delete it, and resume the run: it is imported again"}[checkpoint == changed],
	}
}

// examined looks closer at a table that was written: at the items that the plan wants to be sampled, and at its indexes.
func (u *turn) examined(ctx context.Context, chain *export.Chain, cat export.Catalogue, refused int64) (string, []step.Duty, error) {
	deep, err := u.sampled(ctx, chain, cat.Keys, refused)
	if err != nil {
		return "", nil, err
	}
	indexes, duties, err := u.indexes(ctx)
	return deep + indexes, duties, err
}

// refused leaves the items that could not be written to people.
func (u *turn) refused(out *step.Outcome, n int64) {
	if n > 0 {
		out.Duties = append(out.Duties, step.Duty{Key: "refused", Text: fmt.Sprintf("%d items of the export could not be written to table %s: see %s", n, u.name, filepath.Join(u.call.Dir, refusedFile))})
	}
}

func equal(same bool) string {
	if same {
		return "equal"
	}
	return "DIFFERS"
}

// clocked writes an instant for people.
func clocked(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// target is the table to load into; its key must be the export's.
func (u *turn) target(ctx context.Context, cat export.Catalogue) (*types.TableDescription, error) {
	if d, err := u.describe(ctx, u.name); err != nil || d == nil {
		if err == nil {
			err = &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: "table " + u.name + " does not exist", Why: "Its stack should have made it", Next: "Compare the table's name in the plan with the code of stack " + u.cfg.Table.In}
		}
		return nil, err
	}
	d, err := u.active(ctx, u.name)
	if err != nil {
		return nil, err
	}
	if keys := protect.Keys(d.KeySchema); !slices.Equal(keys, cat.Keys) {
		return nil, &step.Error{
			Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s has the key (%s), and the export (%s)", u.name, strings.Join(keys, ", "), strings.Join(cat.Keys, ", ")),
			Why: "The code and the data are of different versions", Next: "Apply the code that the data was written with",
		}
	}
	return d, nil
}

// mayWrite tells whether the table may be written to: it is empty, an earlier process of this run began to load it, or a person said so.
func (u *turn) mayWrite(ctx context.Context, chain *export.Chain) (merge bool, err error) {
	if u.begun(positions) {
		return u.merging(), nil
	}
	out, err := u.api.Scan(ctx, &dynamodb.ScanInput{TableName: &u.name, Limit: aws.Int32(1), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return false, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	if len(out.Items) == 0 && len(out.LastEvaluatedKey) == 0 {
		return false, nil
	}
	got, err := u.scan(u.name).Sum(ctx)
	if err != nil {
		return false, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	if got == chain.Sum {
		return false, nil
	}
	key := merges + got.String()[:12]
	a, ok := u.call.Answers[key]
	switch {
	case !ok:
		return false, &step.Ask{
			Key: key, Prompt: fmt.Sprintf("Table %s holds %d items already. Write the %d items of the export over them?", u.name, got.Count, chain.Sum.Count),
			Detail: "Items of the export replace those with the same key; the others stay. Without a write the table stays as it is, and the step fails.",
		}
	case a.Decision == step.Reject:
		return false, &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s is not empty, and %s refused to write over it", u.name, a.By), Next: "Empty the table, then resume the run"}
	}
	return true, nil
}

// merges begins the keys of the questions whether to write over items that are there; the rest says which.
const merges = "merge-"

// merging tells whether a person allowed to write over what the table held.
func (u *turn) merging() bool {
	for key, a := range u.call.Answers {
		if strings.HasPrefix(key, merges) && a.Decision != step.Reject {
			return true
		}
	}
	return false
}

// forecast says how long a load takes by what the table is allowed to take.
func (u *turn) forecast(d *types.TableDescription, chain *export.Chain) string {
	rate, why := 4000.0, "a new on-demand table takes about 4,000 writes a second at first"
	if p := d.ProvisionedThroughput; p != nil && aws.ToInt64(p.WriteCapacityUnits) > 0 {
		rate = float64(*p.WriteCapacityUnits)
		why = fmt.Sprintf("its %d write units", *p.WriteCapacityUnits)
	}
	units := max(chain.Sum.Count, chain.Bytes>>10)
	return fmt.Sprintf("loading %d items (%d MB); in AWS about %s (%s)", chain.Sum.Count, chain.Bytes>>20, clock.Brief(seconds(float64(units)/rate)), why)
}

// refusedFile holds the writes that DynamoDB never took, one JSON object a line.
const refusedFile = "refused.jsonl"

// write makes the writes of a source; with a checkpoint, from where an earlier process was.
func (u *turn) write(ctx context.Context, src load.Source, total int64, what, checkpoint string) (load.Result, error) {
	var mu sync.Mutex
	var unwritten error
	res, err := load.Run(ctx, load.Config{
		Source: src, API: writer{u.api}, Table: u.name, Checkpoint: checkpoint, Clock: u.Clock,
		Refused: func(w types.WriteRequest, why error) {
			mu.Lock()
			defer mu.Unlock()
			unwritten = errors.Join(unwritten, refuse(filepath.Join(u.call.Dir, refusedFile), w, why))
		},
		Report: func(p load.Progress) {
			left := ""
			if p.Rate > 0 && total > p.Written {
				left = ", " + clock.Brief(seconds(float64(total-p.Written)/p.Rate)) + " left"
			}
			u.call.Tell(step.Progress{Message: fmt.Sprintf("%s: %.0f a second%s", what, p.Rate, left), Done: min(p.Written, total), Total: total, Unit: "items"})
		},
	})
	if err = errors.Join(err, unwritten); err != nil {
		if errors.Is(err, load.ErrStuck) {
			return res, &step.Error{Class: step.Transient, Site: u.call.Site.Name, What: "table " + u.name + " takes no writes", Err: err, Next: "Look at its capacity; the load goes on where it was"}
		}
		return res, awscloud.Explain(err, "table "+u.name+" cannot be written", u.call.Site)
	}
	return res, nil
}

// refuse keeps a write that cannot be made, for people: the item and why.
func refuse(file string, w types.WriteRequest, why error) error {
	it := item.Item{}
	if w.PutRequest != nil {
		it = w.PutRequest.Item
	} else if w.DeleteRequest != nil {
		it = w.DeleteRequest.Key
	}
	text, err := item.Encode(it)
	if err != nil {
		return err
	}
	line, err := json.Marshal(map[string]any{"why": why.Error(), "item": json.RawMessage(text)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the step's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
