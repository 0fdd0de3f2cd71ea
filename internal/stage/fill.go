package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/steps/table"
)

// Speed is how many seconds pass in the drill cloud in one of ours, where tables are restored: 20 minutes are 20 seconds.
const Speed = 60

// Poll is the time between looks at what DynamoDB works on in a drill cloud: the pauses of a real recovery would cost a minute's wait two minutes there.
const Poll = 300 * time.Millisecond

// What the application writes before the disaster: written, then some of it changed and some deleted. The vault's copy is made before the
// last part is written.
const (
	filled   = 20_000 // items, over all tables
	changed  = 5      // every fifth is changed later
	deleted  = 50     // every fiftieth is deleted later
	afterOne = 10     // the last tenth is written after the export
)

// exportable is how far the latest second that can be exported is behind now, and a little more.
const exportable = 5*time.Minute + 2*time.Second

// Now is the drill cloud's time.
func (s *Stage) Now(ctx context.Context) (time.Time, error) {
	h, err := s.control().Health(ctx)
	return h.Time, err
}

// Timed tells whether a plan's drills need a cloud whose clock runs faster.
func Timed(p *plan.Plan) bool { return len(p.NamedTables()) > 0 }

// Fill writes items into the plan's tables at the application's home, and has them protected before the last of them are written. A table that has
// its ledger in the drill's folder was written: by this drill, or in the life whose snapshot it began with.
func (s *Stage) Fill(ctx context.Context, p *plan.Plan, home *plan.Site) error {
	tables := p.NamedTables()
	for _, t := range tables {
		if _, err := os.Stat(ledgerFile(s.Dir, t.Name)); err == nil {
			continue
		}
		if err := s.fill(ctx, p, home, t, filled/len(tables)); err != nil {
			return fmt.Errorf("table %q: %w", t.Name, err)
		}
	}
	if len(tables) > 0 { // what is written last is older than the disaster by a whole second of the cloud
		return clock.Sleep(ctx, 2*time.Second/Speed)
	}
	return nil
}

func (s *Stage) fill(ctx context.Context, p *plan.Plan, home *plan.Site, t *plan.Table, items int) error {
	w, err := s.writer(ctx, home, t)
	if err != nil {
		return err
	}
	s.Tell(fmt.Sprintf("the application writes %d items into table %s, changes and deletes among them", items, w.table))
	early := items - items/afterOne
	if err := w.write(ctx, 0, early, 0); err != nil {
		return err
	}
	if p.Vault != nil {
		if err := clock.Sleep(ctx, exportable/Speed); err != nil { // what was written becomes exportable
			return err
		}
		if err := s.protect(ctx, p, home, t); err != nil {
			return err
		}
	}
	if err := w.write(ctx, early, items, 0); err != nil {
		return err
	}
	for _, revise := range []struct{ every, revision int }{{changed, 1}, {deleted, -1}} {
		if err := w.revise(ctx, items, revise.every, revise.revision); err != nil {
			return err
		}
	}
	return w.keep(ledgerFile(s.Dir, t.Name))
}

// protect does what `lifeboat protect` does on an ordinary day.
func (s *Stage) protect(ctx context.Context, p *plan.Plan, home *plan.Site, t *plan.Table) error {
	site := p.Site(p.Vault.Site)
	to, err := s.Sites.At(ctx, site)
	if err != nil {
		return err
	}
	_, err = to.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &p.Vault.Bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(site.Region)}})
	if _, there := errors.AsType[*s3types.BucketAlreadyOwnedByYou](err); err != nil && !there {
		return err
	}
	if _, err := to.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &p.Vault.Bucket, Policy: aws.String(vaultPolicy(p, home))}); err != nil {
		return err
	}
	cfg, err := protect.Of(ctx, s.Sites, p, home, t)
	if err != nil {
		return err
	}
	cfg.Full, cfg.Tell, cfg.Poll = true, s.Tell, Poll
	_, err = protect.Run(ctx, cfg)
	return err
}

// vaultPolicy lets the application's account export into a vault, and the account that is recovered to import from it (Amazon DynamoDB
// Developer Guide, "Requesting a table export: setting up permissions across accounts" and "Requesting a table import: setting up IAM permissions").
func vaultPolicy(p *plan.Plan, home *plan.Site) string {
	bucket := "arn:aws:s3:::" + p.Vault.Bucket
	allow := func(account string, actions ...string) map[string]any {
		return map[string]any{"Effect": "Allow", "Principal": map[string]string{"AWS": "arn:aws:iam::" + account + ":root"}, "Action": actions, "Resource": []string{bucket, bucket + "/*"}}
	}
	statements := []any{allow(home.Account, "s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl")}
	for _, sc := range p.Scenarios {
		if to := p.Site(sc.RecoverTo); to != nil && to.Name != p.Vault.Site {
			statements = append(statements, allow(to.Account, "s3:GetObject", "s3:ListBucket"))
		}
	}
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements}) // nothing in it can fail
	return string(text)
}

// writer is the application's hand: it knows what it wrote last.
type writer struct {
	api    *dynamodb.Client
	table  string
	keys   []types.KeySchemaElement
	kinds  map[string]types.ScalarAttributeType
	ledger table.Ledger
}

// writer takes a table at the application's home in hand.
func (s *Stage) writer(ctx context.Context, home *plan.Site, t *plan.Table) (*writer, error) {
	c, err := s.Sites.At(ctx, home)
	if err != nil {
		return nil, err
	}
	v, err := t.Table.Resolve(plan.Scope{Site: home})
	if err != nil {
		return nil, err
	}
	name := v.String()
	d, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return nil, err
	}
	w := &writer{api: c.DynamoDB, table: name, keys: d.Table.KeySchema, kinds: map[string]types.ScalarAttributeType{}}
	w.ledger = table.Ledger{Keys: protect.Keys(w.keys), Items: map[string]item.Hash{}}
	for _, a := range d.Table.AttributeDefinitions {
		w.kinds[*a.AttributeName] = a.AttributeType
	}
	return w, nil
}

// make gives item i in a revision.
func (w *writer) make(i, revision int) item.Item {
	it := item.Item{
		"lifeboat_revision": &types.AttributeValueMemberN{Value: strconv.Itoa(revision)},
		"lifeboat_text":     &types.AttributeValueMemberS{Value: fmt.Sprintf("item %06d, revision %d: %0200d", i, revision, i*7919)},
	}
	for name, kind := range w.kinds {
		switch kind {
		case types.ScalarAttributeTypeN:
			it[name] = &types.AttributeValueMemberN{Value: strconv.Itoa(1_700_000_000 + i)}
		case types.ScalarAttributeTypeB:
			it[name] = &types.AttributeValueMemberB{Value: fmt.Appendf(nil, "%06d", i)}
		case types.ScalarAttributeTypeS:
			it[name] = &types.AttributeValueMemberS{Value: fmt.Sprintf("%s-%06d", name, i)}
		}
	}
	return it
}

// write writes items from, to (excluded), in a revision.
func (w *writer) write(ctx context.Context, from, to, revision int) error {
	var list []types.WriteRequest
	for i := from; i < to; i++ {
		list = append(list, types.WriteRequest{PutRequest: &types.PutRequest{Item: w.make(i, revision)}})
	}
	return w.send(ctx, list)
}

// revise changes every n-th item, or deletes it.
func (w *writer) revise(ctx context.Context, items, every, revision int) error {
	var list []types.WriteRequest
	for i := 0; i < items; i += every {
		x := types.WriteRequest{PutRequest: &types.PutRequest{Item: w.make(i, revision)}}
		if revision < 0 {
			x = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: item.Only(w.make(i, 0), w.ledger.Keys)}}
		}
		list = append(list, x)
	}
	return w.send(ctx, list)
}

// send writes, and remembers what it wrote.
func (w *writer) send(ctx context.Context, list []types.WriteRequest) error {
	if _, err := load.Run(ctx, load.Config{Source: once(list), API: w.api, Table: w.table}); err != nil {
		return err
	}
	for _, x := range list {
		var it item.Item
		if x.PutRequest != nil {
			it = x.PutRequest.Item
		} else {
			it = x.DeleteRequest.Key
		}
		key, err := item.Key(nil, it, w.ledger.Keys)
		if err != nil {
			return err
		}
		text := table.KeyText(item.HashOf(key))
		if x.PutRequest == nil {
			delete(w.ledger.Items, text)
			continue
		}
		whole, err := item.Append(nil, it)
		if err != nil {
			return err
		}
		w.ledger.Items[text] = item.HashOf(whole)
	}
	return nil
}

func (w *writer) keep(file string) error {
	b, err := json.Marshal(w.ledger)
	if err != nil {
		return err
	}
	return proc.WriteFile(file, b, 0o600)
}

func ledgerFile(dir, name string) string { return filepath.Join(dir, ledgerName(name)) }

func ledgerName(table string) string { return "ledger-" + table + ".json" }

// Written are the files of a drill's folder that say what Fill wrote.
func Written(p *plan.Plan) []string {
	var out []string
	for _, t := range p.NamedTables() {
		out = append(out, ledgerName(t.Name))
	}
	return out
}

// Ledgers finds what a drill's writer wrote, in the drill's folder. A run that is no drill has none.
func Ledgers(dir string) func(string) (*table.Ledger, error) {
	return func(name string) (*table.Ledger, error) {
		l, err := table.ReadLedger(ledgerFile(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil //nolint:nilnil // no ledger is an answer
		}
		return l, err
	}
}

// once is a source of writes that are there already.
type once []types.WriteRequest

// Segments is one.
func (o once) Segments() int { return 1 }

// Read gives all of them.
func (o once) Read(_ context.Context, _ int, _ load.Position, yield func(load.Page) error) error {
	for list := []types.WriteRequest(o); len(list) > 0; list = list[min(500, len(list)):] {
		if err := yield(load.Page{Writes: list[:min(500, len(list))]}); err != nil {
			return err
		}
	}
	return nil
}

// corrupt is what a bad release does: it writes nonsense over a third of a table's items.
func (s *Stage) corrupt(ctx context.Context, p *plan.Plan, home *plan.Site) (string, error) {
	n := 0
	for _, t := range p.NamedTables() {
		w, err := s.writer(ctx, home, t)
		if err != nil {
			return "", err
		}
		if err := w.revise(ctx, filled, 3, 666); err != nil {
			return "", fmt.Errorf("table %q: %w", t.Name, err)
		}
		n += len(w.ledger.Items)
	}
	return fmt.Sprintf("a release wrote nonsense over %d items", n), nil
}
