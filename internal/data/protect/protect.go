// Package protect exports a table to the vault, where a recovery finds it when the table's own region or account is lost.
//
// Promise: an export is in the catalogue only once DynamoDB says that it is complete and every one of its files was read and found whole.
// What is there already is not exported again: after a full export come incremental ones, until the chain is too long. An export is written down
// before it is asked for, so that whoever comes after a kill goes on with it instead of paying for another.
package protect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

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
	ListExports(context.Context, *dynamodb.ListExportsInput, ...func(*dynamodb.Options)) (*dynamodb.ListExportsOutput, error)
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
	Writer   Writer
	Home, To *plan.Site // of the table and of the vault, for errors; nil: nobody says
	Owner    string     // account of the vault's bucket
	Place    string     // in the bucket: export.Place
	Full     bool       // a full export, whatever is there
	Retain   time.Duration
	Delete   bool // what Retain finds; else it is only shown
	Tell     func(string)
	Poll     time.Duration // between looks at an export that runs, at most; 0: 5 s
	Clock    clock.Clock
}

// Writer keeps catalogues, and lists and removes what they do not name. *s3.Client is one.
type Writer interface {
	export.Writer
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
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
		API: from.DynamoDB, Settings: from.DynamoDB, Table: name.String(), Vault: export.Bucket{Store: to.S3, Name: p.Vault.Bucket}, Writer: to.S3, Home: home, To: vault, Owner: vault.Account,
		Place: export.Place(p.Application.Name, home.Name, t.Name), Clock: clock.System{},
	}, nil
}

// Done is what was done for a table, and what the vault has of it.
type Done struct {
	Table   string        `json:"table"`
	Export  export.Export `json:"export,omitzero"` // the new one
	Found   export.Export `json:"found,omitzero"`  // one that an earlier run began, and did not live to see done
	Fresh   bool          `json:"fresh"`           // nothing was exported: the last one is younger than the shortest step
	Until   time.Time     `json:"until"`           // what is older can be recovered
	Age     float64       `json:"age_s"`           // of Until: what a loss of the site would take now
	Items   int64         `json:"items"`           // that a recovery would bring back
	Digest  string        `json:"digest"`          // of them
	Chains  int           `json:"chains"`          // in the catalogue: full exports with what follows them
	Exports int           `json:"exports"`         // in the catalogue
	Bytes   int64         `json:"bytes"`           // of them, as DynamoDB bills them
	Dropped []Dropped     `json:"dropped,omitempty"`
}

// Run protects one table.
func Run(ctx context.Context, c Config) (Done, error) {
	d, err := c.API.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table})
	if err != nil {
		return Done{}, fmt.Errorf("describe table %s: %w", c.Table, err)
	}
	cat, err := c.catalogue(ctx)
	if err != nil {
		return Done{}, err
	}
	cat.Table, cat.ARN, cat.Keys = c.Table, aws.ToString(d.Table.TableArn), Keys(d.Table.KeySchema)
	earliest, latest, err := c.window(ctx)
	if err != nil {
		return Done{}, err
	}
	done, begun := Done{Table: c.Table}, cat.Begun != nil
	if done.Found, err = c.goOn(ctx, &cat); err != nil {
		return Done{}, err
	}
	if done.Found.Full {
		c.Full = false // it is the one that was asked for
	}
	next := c.next(cat.Exports, earliest, latest)
	if done.Fresh = next == nil; !done.Fresh {
		if done.Export, err = c.export(ctx, &cat, next); err != nil {
			return Done{}, err
		}
	}
	if err := c.settings(ctx); err != nil {
		return Done{}, err
	}
	chain, err := c.Vault.Check(ctx, export.Choose(cat.Exports, time.Time{}), cat.Keys)
	if err != nil {
		return Done{}, c.unread(err)
	}
	if !done.Fresh || begun {
		if err := c.keep(ctx, &cat); err != nil {
			return Done{}, err
		}
	}
	now := c.Clock.Now()
	if latest.After(now) { // a machine whose clock is behind AWS's
		now = latest
	}
	done.Until, done.Items, done.Digest = chain.Until, chain.Sum.Count, chain.Sum.String()
	done.Age = now.Sub(chain.Until).Round(time.Second).Seconds()
	if c.Retain > 0 {
		if done.Dropped, err = c.retain(ctx, &cat, now.Add(-c.Retain)); err != nil {
			return done, err
		}
	}
	done.Chains, done.Exports = len(export.Chains(cat.Exports)), len(cat.Exports)
	for _, e := range cat.Exports {
		done.Bytes += e.Bytes
	}
	return done, nil
}

func (c Config) keep(ctx context.Context, cat *export.Catalogue) error {
	cat.Updated = c.Clock.Now()
	if err := c.Vault.Keep(ctx, c.Writer, c.Place, *cat); err != nil {
		return c.unread(err)
	}
	return nil
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

// window is the instants that can be exported; the newest is up to 5 minutes ago (Amazon DynamoDB Developer Guide, "Point-in-time recovery").
func (c Config) window(ctx context.Context) (earliest, latest time.Time, err error) {
	out, err := c.API.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &c.Table})
	if err != nil {
		return earliest, latest, fmt.Errorf("look at the backups of table %s: %w", c.Table, err)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p == nil || p.LatestRestorableDateTime == nil {
		return earliest, latest, c.noRecovery()
	}
	return aws.ToTime(p.EarliestRestorableDateTime), p.LatestRestorableDateTime.Truncate(time.Second), nil
}

// next says what to export; nil: the last export is fresh enough. Every export ends at a whole second, where the next begins: a change in a second that
// belongs to both could cancel out, and a deleted item stay.
func (c Config) next(all []export.Export, earliest, latest time.Time) *export.Begun {
	full, chain := &export.Begun{Full: true, To: latest}, export.Choose(all, time.Time{})
	if c.Full || len(chain) == 0 || len(chain) > longestChain {
		return full
	}
	last := chain[len(chain)-1].To
	switch age := latest.Sub(last); {
	case last.Before(earliest.Truncate(time.Second)): // point-in-time recovery was switched off since, or the table is a new one
		return full
	case age < ShortestStep:
		return nil
	case age > LongestStep:
		return full
	}
	return &export.Begun{From: last, To: latest}
}
