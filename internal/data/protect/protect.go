// Package protect exports a table to the vault, where a recovery finds it when the table's own region or account is lost.
//
// Promise: an export is in the catalogue only once DynamoDB says that it is complete and every one of its files was read and found whole.
// What is there already is not exported again: after a full export come incremental ones, until the chain is too long.
package protect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// API is what protecting a table calls. *dynamodb.Client has it.
type API interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	ExportTableToPointInTime(context.Context, *dynamodb.ExportTableToPointInTimeInput, ...func(*dynamodb.Options)) (*dynamodb.ExportTableToPointInTimeOutput, error)
	DescribeExport(context.Context, *dynamodb.DescribeExportInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeExportOutput, error)
}

// The window of an incremental export is at least 15 minutes and at most 24 hours (Amazon DynamoDB Developer Guide, "DynamoDB data
// export to Amazon S3: how it works").
const (
	ShortestStep = 15 * time.Minute
	LongestStep  = 24 * time.Hour
)

// longestChain is how many incremental exports follow a full one: each makes a recovery read more.
const longestChain = 30

// Config is one table and where its exports go.
type Config struct {
	API API
	// Settings reads what the table is besides its items, which is kept beside the catalogue. Nil: it is not.
	Settings setting.Reader
	Table    string
	Vault    export.Bucket
	Writer   export.Writer
	Owner    string // account of the vault's bucket
	Place    string // in the bucket: export.Place
	Full     bool   // a full export, whatever is there
	Keep     int    // full exports, with what follows them, that stay in the catalogue; 0: all
	Tell     func(string)
	Poll     time.Duration // between looks at an export that runs; 0: 5 s
	Clock    clock.Clock
}

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// Of is the Config of a plan's table at the application's home, with the plan's vault to go to.
func Of(ctx context.Context, sites Sites, p *plan.Plan, home *plan.Site, t *plan.Table) (Config, error) {
	vault := p.Site(p.Vault.Site)
	from, err := sites.At(ctx, home)
	if err != nil {
		return Config{}, err
	}
	to, err := sites.At(ctx, vault)
	if err != nil {
		return Config{}, err
	}
	name, err := t.Table.Resolve(plan.Scope{Site: home})
	if err != nil {
		return Config{}, err
	}
	return Config{
		API: from.DynamoDB, Settings: from.DynamoDB, Table: name.String(), Vault: export.Bucket{Store: to.S3, Name: p.Vault.Bucket}, Writer: to.S3, Owner: vault.Account,
		Place: export.Place(p.Application.Name, home.Name, t.Name), Clock: clock.System{},
	}, nil
}

// Done is what was done for a table.
type Done struct {
	Table  string        `json:"table"`
	Export export.Export `json:"export,omitzero"` // the new one
	Fresh  bool          `json:"fresh"`           // nothing was exported: the last one is younger than the shortest step
	Until  time.Time     `json:"until"`           // what is older can be recovered
	Items  int64         `json:"items"`           // that a recovery would bring back
	Digest string        `json:"digest"`          // of them
}

// Run protects one table.
func Run(ctx context.Context, c Config) (Done, error) {
	d, err := c.API.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table})
	if err != nil {
		return Done{}, fmt.Errorf("describe table %s: %w", c.Table, err)
	}
	cat, err := c.Vault.Catalogue(ctx, c.Place)
	if err != nil {
		return Done{}, err
	}
	cat.Table, cat.ARN, cat.Keys = c.Table, aws.ToString(d.Table.TableArn), Keys(d.Table.KeySchema)
	in := &dynamodb.ExportTableToPointInTimeInput{
		TableArn: &cat.ARN, S3Bucket: &c.Vault.Name, S3BucketOwner: &c.Owner, S3Prefix: &c.Place, ExportFormat: types.ExportFormatDynamodbJson,
	}
	latest, err := c.latest(ctx)
	if err != nil {
		return Done{}, err
	}
	fresh := c.next(in, cat.Exports, latest)
	if !fresh {
		e, err := c.export(ctx, in)
		if err != nil {
			return Done{}, err
		}
		cat.Exports = append(cat.Exports, e)
	}
	if err := c.settings(ctx); err != nil {
		return Done{}, err
	}
	chain, err := c.Vault.Check(ctx, export.Choose(cat.Exports, time.Time{}), cat.Keys)
	if err != nil {
		return Done{}, err
	}
	done := Done{Table: c.Table, Fresh: fresh, Until: chain.Until, Items: chain.Sum.Count, Digest: chain.Sum.String()}
	if fresh {
		return done, nil
	}
	done.Export, cat.Updated = cat.Exports[len(cat.Exports)-1], c.Clock.Now()
	cat.Exports = c.retain(cat.Exports)
	return done, c.Vault.Keep(ctx, c.Writer, c.Place, cat)
}

// Keys are the names of a table's key attributes, partition key first.
func Keys(schema []types.KeySchemaElement) []string {
	schema = slices.Clone(schema)
	slices.SortFunc(schema, func(a, b types.KeySchemaElement) int {
		if a.KeyType == b.KeyType {
			return 0
		}
		if a.KeyType == types.KeyTypeHash {
			return -1
		}
		return 1
	})
	var out []string
	for _, k := range schema {
		out = append(out, aws.ToString(k.AttributeName))
	}
	return out
}

// ErrNoRecovery is when point-in-time recovery is off, without which a table cannot be exported.
var ErrNoRecovery = errors.New("point-in-time recovery is off; switch it on in the table's Terraform code")

// latest is the newest second that can be exported: up to 5 minutes ago (Amazon DynamoDB Developer Guide, "Point-in-time recovery").
func (c Config) latest(ctx context.Context) (time.Time, error) {
	out, err := c.API.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &c.Table})
	if err != nil {
		return time.Time{}, fmt.Errorf("look at the backups of table %s: %w", c.Table, err)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p == nil || p.LatestRestorableDateTime == nil {
		return time.Time{}, fmt.Errorf("table %s: %w", c.Table, ErrNoRecovery)
	}
	return p.LatestRestorableDateTime.Truncate(time.Second), nil
}

// next says what to export, and whether the last export is fresh enough. Every export ends at a whole second, where the next begins: a change in a
// second that belongs to both could cancel out, and a deleted item stay.
func (c Config) next(in *dynamodb.ExportTableToPointInTimeInput, all []export.Export, latest time.Time) (fresh bool) {
	in.ExportType, in.ExportTime = types.ExportTypeFullExport, &latest
	chain := export.Choose(all, time.Time{})
	if c.Full || len(chain) == 0 || len(chain) > longestChain {
		return false
	}
	last := chain[len(chain)-1].To
	switch age := latest.Sub(last); {
	case age < ShortestStep:
		return true
	case age > LongestStep:
		return false
	}
	in.ExportType, in.ExportTime = types.ExportTypeIncrementalExport, nil
	in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: &last, ExportToTime: &latest, ExportViewType: types.ExportViewTypeNewImage}
	return false
}

// export makes one export and waits for its end.
func (c Config) export(ctx context.Context, in *dynamodb.ExportTableToPointInTimeInput) (export.Export, error) {
	c.Tell(fmt.Sprintf("table %s: %s begun", c.Table, in.ExportType))
	out, err := c.API.ExportTableToPointInTime(ctx, in)
	if err != nil {
		return export.Export{}, fmt.Errorf("export table %s: %w", c.Table, err)
	}
	d := out.ExportDescription
	for d.ExportStatus == types.ExportStatusInProgress {
		if err := clock.Sleep(ctx, max(c.Poll, 50*time.Millisecond)); err != nil {
			return export.Export{}, err
		}
		got, err := c.API.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: d.ExportArn})
		if err != nil {
			return export.Export{}, fmt.Errorf("look at the export of table %s: %w", c.Table, err)
		}
		d = got.ExportDescription
	}
	if d.ExportStatus != types.ExportStatusCompleted {
		return export.Export{}, fmt.Errorf("the export of table %s %s: %s: %s", c.Table, d.ExportStatus, aws.ToString(d.FailureCode), aws.ToString(d.FailureMessage))
	}
	manifest := aws.ToString(d.ExportManifest)
	const name = "/manifest-summary.json"
	if len(manifest) <= len(name) {
		return export.Export{}, errors.New("DynamoDB names no manifest of the export")
	}
	e, _, err := c.Vault.Open(ctx, manifest[:len(manifest)-len(name)])
	return e, err
}

// retain forgets the oldest full exports with what follows them.
func (c Config) retain(all []export.Export) []export.Export {
	var fulls []int
	for i, e := range all {
		if e.Full {
			fulls = append(fulls, i)
		}
	}
	if c.Keep <= 0 || len(fulls) <= c.Keep {
		return all
	}
	return all[fulls[len(fulls)-c.Keep]:]
}
