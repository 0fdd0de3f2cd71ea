package table

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// changed is the file in the step's folder that says how far the later exports are written.
const changed = "changes.json"

func (u *turn) probeImport(ctx context.Context) (step.Probe, error) {
	d, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Probe{}, err
	}
	if d == nil {
		return step.Probe{Status: step.Needed, Reason: "table " + u.name + " does not exist; the vault's export makes it"}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "table " + u.name + " is there, and its data is in the vault"}, nil
}

// importTable makes the table of the vault's full export, before its stack makes an empty one, and writes what the later exports changed.
func (u *turn) importTable(ctx context.Context) (step.Outcome, error) {
	chain, cat, err := u.chain(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	was, err := u.recorded(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	there, err := u.describe(ctx, u.name)
	if err != nil {
		return step.Outcome{}, err
	}
	imp, err := u.imported(ctx, there, chain, cat, was)
	if err != nil {
		return step.Outcome{}, err
	}
	if imp == nil { // somebody else made the table: an import would need one of its own
		u.call.Tell(step.Progress{Message: "table " + u.name + " is there already: the export is loaded into it instead of imported"})
		return u.loadChain(ctx, chain, cat)
	}
	if _, err := u.active(ctx, u.name); err != nil {
		return step.Outcome{}, err
	}
	changes, file := chain.Changes(), filepath.Join(u.call.Dir, changed)
	text := fmt.Sprintf("%d items of %s imported from the vault", chain.Sum.Count, clocked(chain.Until))
	if n := changes.Count(); n > 0 {
		text += fmt.Sprintf(", %d changed by later exports", n)
	}
	var whole load.Result
	if imp.ImportStatus != types.ImportStatusCompleted { // what it could not read is missing, and DynamoDB says in its logs alone which it was
		if whole, err = u.write(ctx, chain, chain.Sum.Count, "loading, because the import failed", filepath.Join(u.call.Dir, positions)); err != nil {
			return step.Outcome{}, err
		}
		text += fmt.Sprintf("; the import %s (%s: %d items, see log group %s), so all of them were written again", strings.ToLower(string(imp.ImportStatus)), aws.ToString(imp.FailureCode), imp.ErrorCount, logGroup(imp))
	}
	res, err := u.write(ctx, changes, changes.Count(), "writing the later exports", file)
	if err != nil {
		return step.Outcome{}, err
	}
	res.Refused += whole.Refused
	got, err := u.holds(ctx, chain, res.Refused > 0, changed)
	if err != nil {
		return step.Outcome{}, err
	}
	deep, duties, err := u.examined(ctx, chain, cat, res.Refused)
	if err != nil {
		return step.Outcome{}, err
	}
	f := facts{Table: u.name, Strategy: step.Import, Instant: chain.Until, Expected: chain.Sum.Count, Recovered: got.Count, Digest: got == chain.Sum, Refused: res.Refused}
	out := outcome(f, text+", digest "+equal(f.Digest)+deep+"; its stack adopts it")
	out.Duties = duties
	out.Changed = there == nil || whole.Made+res.Made > 0
	u.refused(&out, res.Refused)
	if err := u.dress(ctx, was, false, &out); err != nil {
		return step.Outcome{}, err
	}
	return u.finish(ctx, out, f)
}

// imported gives this run's import of the table once it has ended, begun where there was none. Nil: the table is somebody else's.
func (u *turn) imported(ctx context.Context, d *types.TableDescription, chain *export.Chain, cat export.Catalogue, was *setting.Settings) (imp *types.ImportTableDescription, err error) {
	if d != nil {
		imp, err = u.ownImport(ctx, aws.ToString(d.TableArn))
	} else {
		imp, err = u.beginImport(ctx, chain, cat, was)
	}
	if err != nil || imp == nil {
		return nil, err
	}
	for imp.ImportStatus == types.ImportStatusInProgress || imp.ImportStatus == types.ImportStatusCancelling {
		u.call.Tell(step.Progress{
			Message: "DynamoDB imports table " + u.name + " from the vault; AWS does not say how long it takes",
			Done:    imp.ProcessedItemCount, Total: chain.Full.Items, Unit: "items",
		})
		if err := u.sleep(ctx); err != nil {
			return nil, err
		}
		if imp, err = u.describeImport(ctx, imp.ImportArn); err != nil {
			return nil, err
		}
	}
	if imp.ImportStatus == types.ImportStatusCompleted {
		return imp, nil
	}
	if d, err = u.describe(ctx, u.name); err != nil || d != nil {
		return imp, err // what it read is there, and the rest is written
	}
	return nil, &step.Error{
		Class: step.Permanent, Site: u.call.Site.Name, Action: "dynamodb:ImportTable",
		What: fmt.Sprintf("the import of table %s %s: %s: %s", u.name, strings.ToLower(string(imp.ImportStatus)), aws.ToString(imp.FailureCode), aws.ToString(imp.FailureMessage)),
		Why:  "no table was made; the details are in log group " + logGroup(imp),
		Next: fmt.Sprintf(`See that account %s may read bucket %s (s3:ListBucket, s3:GetObject, and kms:Decrypt where a key encrypts it), then resume; or choose "load" in strategies`, u.call.Site.Account, u.cfg.Vault.Bucket),
	}
}

// logGroup is where DynamoDB says more about an import.
func logGroup(imp *types.ImportTableDescription) string {
	arn := strings.TrimSuffix(aws.ToString(imp.CloudWatchLogGroupArn), ":*")
	return arn[strings.LastIndex(arn, ":")+1:]
}

// maxTries bounds the failed imports of a run that are passed over.
const maxTries = 50

// token is the client token of a try of this run. DynamoDB answers it with the same import for 8 hours (Amazon DynamoDB API Reference,
// "ImportTable"), the failed one too.
func (u *turn) token(try int) string {
	sum := sha256.Sum256([]byte(u.call.Key()))
	return fmt.Sprintf("lifeboat-%s-%d", hex.EncodeToString(sum[:16]), try)
}

// beginImport begins the import of the chain's full export, or finds the one that this run began a moment ago.
func (u *turn) beginImport(ctx context.Context, chain *export.Chain, cat export.Catalogue, was *setting.Settings) (*types.ImportTableDescription, error) {
	if err := u.importable(cat, was); err != nil {
		return nil, err
	}
	for _, file := range []string{changed, positions} { // of a table that is gone
		if err := os.Remove(filepath.Join(u.call.Dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	in := &dynamodb.ImportTableInput{
		InputFormat: types.InputFormatDynamodbJson, InputCompressionType: types.InputCompressionTypeGzip,
		S3BucketSource: &types.S3BucketSource{S3Bucket: &u.cfg.Vault.Bucket, S3BucketOwner: &u.Plan.Site(u.cfg.Vault.Site).Account, S3KeyPrefix: aws.String(path.Join(chain.Full.Prefix, "data") + "/")},
		TableCreationParameters: &types.TableCreationParameters{
			TableName: &u.name, KeySchema: was.Keys, AttributeDefinitions: was.Attributes, BillingMode: was.Billing, ProvisionedThroughput: was.Throughput,
			OnDemandThroughput: was.OnDemand, GlobalSecondaryIndexes: was.Global,
		},
	}
	if was.KMSKey != "" { // its own key is lost; until the stack sets the code's, the one that AWS manages
		in.TableCreationParameters.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms}
	}
	for try := range maxTries {
		in.ClientToken = aws.String(u.token(try))
		out, err := u.api.ImportTable(ctx, in)
		if err != nil {
			return nil, awscloud.Explain(err, "table "+u.name+" cannot be imported from the vault", u.call.Site)
		}
		imp := out.ImportTableDescription
		if imp.ImportStatus == types.ImportStatusInProgress || imp.ImportStatus == types.ImportStatusCancelling {
			return imp, nil
		}
		// It is over: just now, or it is an earlier try of this run, whose table a person has deleted since.
		if d, err := u.describe(ctx, u.name); err != nil || d != nil {
			return imp, err
		}
	}
	return nil, &step.Error{Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("the import of table %s failed %d times in this run", u.name, maxTries), Next: `Choose "load" in strategies`}
}

// importable tells whether an import can make the table as it was.
func (u *turn) importable(cat export.Catalogue, was *setting.Settings) error {
	e := &step.Error{Class: step.Permanent, Site: u.call.Site.Name, Next: `Choose "load" in the scenario's strategies: it writes into the table that Terraform makes`}
	switch {
	case was == nil:
		e.What, e.Why = fmt.Sprintf("the vault does not know what table %q is besides its items", u.cfg.Table.Name), "An import makes the table, and an older Lifeboat filled the vault"
	case !slices.Equal(protect.Keys(was.Keys), cat.Keys):
		e.What = fmt.Sprintf("the vault's settings of table %q have the key (%s), and its export (%s)", u.cfg.Table.Name, strings.Join(protect.Keys(was.Keys), ", "), strings.Join(cat.Keys, ", "))
	case len(was.Local) > 0:
		e.What, e.Why = fmt.Sprintf("table %s has local secondary indexes (%s)", u.name, strings.Join(was.Local, ", ")), "An import makes none, and they cannot be added to a table"
	default:
		return nil
	}
	return e
}

// ownImport finds the import by which this run made the table, its newest; nil: it did not.
func (u *turn) ownImport(ctx context.Context, arn string) (*types.ImportTableDescription, error) {
	in := &dynamodb.ListImportsInput{TableArn: &arn}
	prefix := strings.TrimSuffix(u.token(0), "0")
	for {
		out, err := u.api.ListImports(ctx, in)
		if err != nil {
			return nil, awscloud.Explain(err, "the imports of table "+u.name+" cannot be listed", u.call.Site)
		}
		for _, s := range out.ImportSummaryList {
			imp, err := u.describeImport(ctx, s.ImportArn)
			if err != nil || strings.HasPrefix(aws.ToString(imp.ClientToken), prefix) {
				return imp, err
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil, nil //nolint:nilnil // none is an answer
		}
	}
}

func (u *turn) describeImport(ctx context.Context, arn *string) (*types.ImportTableDescription, error) {
	out, err := u.api.DescribeImport(ctx, &dynamodb.DescribeImportInput{ImportArn: arn})
	if err != nil {
		return nil, awscloud.Explain(err, "the import of table "+u.name+" cannot be looked at", u.call.Site)
	}
	return out.ImportTableDescription, nil
}
