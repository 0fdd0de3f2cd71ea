package protect

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

const (
	firstPoll = 50 * time.Millisecond
	lastPoll  = 5 * time.Second
)

// export makes one export and waits for its end. It is in the vault's catalogue, as begun, before DynamoDB is asked for it; and no longer once
// DynamoDB has refused it, or has failed to make it.
func (c Config) export(ctx context.Context, cat *export.Catalogue, b *export.Begun) (export.Export, error) {
	b.Token, b.At = "lifeboat-"+rand.Text(), c.Clock.Now()
	cat.Begun = b
	if err := c.keep(ctx, cat); err != nil {
		return export.Export{}, err
	}
	d, err := c.ask(ctx, cat.ARN, b)
	if err != nil {
		if !definite(err) {
			return export.Export{}, c.refused(err)
		}
		return export.Export{}, errors.Join(c.refused(err), c.forget(ctx, cat))
	}
	c.Tell(fmt.Sprintf("table %s: %s begun", c.Table, kind(b)))
	if d, err = c.await(ctx, d); err != nil {
		return export.Export{}, err
	}
	if d.ExportStatus != types.ExportStatusCompleted {
		return export.Export{}, errors.Join(c.failed(aws.ToString(d.FailureCode), aws.ToString(d.FailureMessage)), c.forget(ctx, cat))
	}
	e, err := c.open(ctx, d)
	if err != nil {
		return e, c.unread(err)
	}
	cat.Begun, cat.Exports = nil, append(cat.Exports, e)
	return e, nil
}

func (c Config) forget(ctx context.Context, cat *export.Catalogue) error {
	cat.Begun = nil
	return c.keep(ctx, cat)
}

func kind(b *export.Begun) types.ExportType {
	if b.Full {
		return types.ExportTypeFullExport
	}
	return types.ExportTypeIncrementalExport
}

// ask asks for an export. Asked again within 8 hours, DynamoDB answers with the same one.
func (c Config) ask(ctx context.Context, arn string, b *export.Begun) (*types.ExportDescription, error) {
	in := &dynamodb.ExportTableToPointInTimeInput{
		TableArn: &arn, S3Bucket: &c.Vault.Name, S3BucketOwner: &c.Owner, S3Prefix: &c.Place, ExportFormat: types.ExportFormatDynamodbJson,
		ClientToken: &b.Token, ExportType: kind(b),
	}
	if b.Full {
		in.ExportTime = &b.To
	} else {
		in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: &b.From, ExportToTime: &b.To, ExportViewType: types.ExportViewTypeNewImage}
	}
	out, err := c.API.ExportTableToPointInTime(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.ExportDescription, nil
}

// await waits for an export's end.
func (c Config) await(ctx context.Context, d *types.ExportDescription) (*types.ExportDescription, error) {
	most := cmp.Or(c.Poll, lastPoll)
	for wait := min(firstPoll, most); d.ExportStatus == types.ExportStatusInProgress; wait = min(2*wait, most) {
		if err := clock.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		out, err := c.API.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: d.ExportArn})
		if err != nil {
			return nil, fmt.Errorf("look at the export of table %s: %w", c.Table, err)
		}
		d = out.ExportDescription
	}
	return d, nil
}

// open reads what a completed export is.
func (c Config) open(ctx context.Context, d *types.ExportDescription) (export.Export, error) {
	manifest := aws.ToString(d.ExportManifest)
	const name = "/manifest-summary.json"
	if len(manifest) <= len(name) {
		return export.Export{}, errors.New("DynamoDB names no manifest of the export")
	}
	e, _, err := c.Vault.Open(ctx, manifest[:len(manifest)-len(name)])
	return e, err
}
