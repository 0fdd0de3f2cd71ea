package protect

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// tokenLife is how long DynamoDB surely answers a client token with the export that it stands for: 8 hours (Amazon DynamoDB API Reference,
// "ExportTableToPointInTime"), less what two machines' clocks may differ by.
const tokenLife = 7 * time.Hour

// The bounds of a search through a table's exports, of which ListExports gives those of 90 days.
const (
	maxPages     = 400
	maxDescribed = 100
)

// goOn takes the export that an earlier run began into the catalogue, once it is complete and every one of its files was found whole. An export that
// came to nothing is told and forgotten.
func (c Config) goOn(ctx context.Context, cat *export.Catalogue) (export.Export, error) {
	b := cat.Begun
	if b == nil {
		return export.Export{}, nil
	}
	name := fmt.Sprintf("table %s: the %s that an earlier run began at %s", c.Table, kind(b), b.At.UTC().Format("2006-01-02 15:04:05 MST"))
	d, err := c.find(ctx, cat)
	if err != nil {
		return export.Export{}, err
	}
	nothing := func(why string) (export.Export, error) {
		cat.Begun = nil
		c.Tell(name + " " + why)
		return export.Export{}, nil
	}
	if d == nil {
		return nothing("was never made")
	}
	c.Tell(name + " goes on")
	if d, err = c.await(ctx, d); err != nil {
		return export.Export{}, err
	}
	if d.ExportStatus != types.ExportStatusCompleted {
		return nothing("failed: " + aws.ToString(d.FailureCode) + ": " + aws.ToString(d.FailureMessage))
	}
	e, err := c.open(ctx, d)
	var damaged []*export.DamagedError
	if err == nil {
		_, damaged, err = c.Vault.Inspect(ctx, e.Prefix, cat.Keys)
	}
	if one, ok := errors.AsType[*export.DamagedError](err); ok {
		damaged, err = append(damaged, one), nil
	}
	switch {
	case err != nil:
		return e, c.unread(err)
	case len(damaged) > 0:
		return nothing("is no use: " + damaged[0].Error())
	}
	cat.Begun, cat.Exports = nil, append(cat.Exports, e)
	return e, nil
}

// find gives the export that was asked for; nil: DynamoDB did not make it, nor could it any more.
func (c Config) find(ctx context.Context, cat *export.Catalogue) (*types.ExportDescription, error) {
	b := cat.Begun
	if c.Clock.Now().Sub(b.At) >= tokenLife {
		return c.search(ctx, cat)
	}
	d, err := c.ask(ctx, cat.ARN, b)
	switch awscloud.Code(err) {
	case "InvalidExportTimeException", "ExportConflictException": // another table, or the instant cannot be exported any more
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, c.refused(err)
	}
	return d, nil
}

// search looks for the export among the table's. A caller who may not list them pays for another.
func (c Config) search(ctx context.Context, cat *export.Catalogue) (*types.ExportDescription, error) {
	in, described := &dynamodb.ListExportsInput{TableArn: &cat.ARN, MaxResults: aws.Int32(25)}, 0
	for range maxPages {
		out, err := c.API.ListExports(ctx, in)
		if awscloud.Denied(err) {
			c.Tell(fmt.Sprintf("table %s: nobody may look for the export that an earlier run began: allow dynamodb:ListExports, or it may be made twice", c.Table))
			return nil, nil //nolint:nilnil // none is an answer
		}
		if err != nil {
			return nil, fmt.Errorf("list the exports of table %s: %w", c.Table, err)
		}
		for _, s := range out.ExportSummaries {
			known := slices.ContainsFunc(cat.Exports, func(e export.Export) bool { return path.Base(e.Prefix) == path.Base(aws.ToString(s.ExportArn)) })
			if known || described >= maxDescribed {
				continue
			}
			described++
			got, err := c.API.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: s.ExportArn})
			if err != nil {
				return nil, fmt.Errorf("look at the export %s: %w", aws.ToString(s.ExportArn), err)
			}
			if d := got.ExportDescription; aws.ToString(d.ClientToken) == cat.Begun.Token {
				return d, nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	return nil, nil //nolint:nilnil // none is an answer
}

// definite tells whether AWS has answered, and said no: the export was not begun.
func definite(err error) bool {
	return awscloud.Code(err) != "" && awscloud.Explain(err, "", nil).Class == step.Permanent
}
