package dynamodb_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// startImport imports what begins with a prefix into a table with the hash key p.
func (p *plane) startImport(table, prefix string, change func(in *awsdynamodb.ImportTableInput)) (*types.ImportTableDescription, error) {
	in := &awsdynamodb.ImportTableInput{
		InputFormat: types.InputFormatDynamodbJson, S3BucketSource: &types.S3BucketSource{S3Bucket: aws.String(vault), S3KeyPrefix: &prefix},
		TableCreationParameters: &types.TableCreationParameters{
			TableName: &table, BillingMode: types.BillingModePayPerRequest, KeySchema: create(nil).KeySchema, AttributeDefinitions: create(nil).AttributeDefinitions,
		},
	}
	if change != nil {
		change(in)
	}
	out, err := p.ImportTable(p.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.ImportTableDescription, nil
}

// imported imports and gives what became of it.
func (p *plane) imported(table, prefix string, change func(in *awsdynamodb.ImportTableInput)) *types.ImportTableDescription {
	p.t.Helper()
	d, err := p.startImport(table, prefix, change)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.importDone(d.ImportArn)
}

func (p *plane) importDone(arn *string) *types.ImportTableDescription {
	p.t.Helper()
	p.clock.pass(5 * time.Minute)
	for {
		out, err := p.DescribeImport(p.t.Context(), &awsdynamodb.DescribeImportInput{ImportArn: arn})
		if err != nil {
			p.t.Fatal(err)
		}
		if out.ImportTableDescription.ImportStatus != types.ImportStatusInProgress {
			return out.ImportTableDescription
		}
	}
}

func packed(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // a buffer does not fail
	_ = z.Close()
	return b.Bytes()
}

// What a full export wrote, in JSON or Ion, an import makes a table of again, which is there when the import is done.
func TestExportAndImport(t *testing.T) {
	t.Parallel()
	for format, as := range map[types.ExportFormat]types.InputFormat{types.ExportFormatDynamodbJson: types.InputFormatDynamodbJson, types.ExportFormatIon: types.InputFormatIon} {
		p := newPlane(t)
		p.make(nil)
		p.recoverable(true, nil)
		for i := range 50 {
			p.put(map[string]types.AttributeValue{"p": text(fmt.Sprint("k", i)), "v": text(fmt.Sprint("'é\"\n", i))})
		}
		e := p.export(func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ExportFormat = format })
		data := (*e.ExportManifest)[:len(*e.ExportManifest)-len("manifest-summary.json")] + "data/"
		d, err := p.startImport("again", data, func(in *awsdynamodb.ImportTableInput) {
			in.InputFormat, in.InputCompressionType = as, types.InputCompressionTypeGzip
		})
		if err != nil {
			t.Fatal(err)
		}
		if d.ImportStatus != types.ImportStatusInProgress || *d.S3BucketSource.S3BucketOwner != scope.Account || p.describeTable("again").TableStatus != types.TableStatusCreating {
			t.Errorf("a new import: %v", d)
		}
		p.reload()
		d = p.importDone(d.ImportArn)
		p.load()
		if d.ImportStatus != types.ImportStatusCompleted || d.ImportedItemCount != 50 || d.ProcessedItemCount != 50 || d.ErrorCount != 0 || *d.ProcessedSizeBytes == 0 {
			t.Errorf("%s: %v", format, d)
		}
		if diff := cmp.Diff(p.contents(music), p.contents("again")); diff != "" {
			t.Errorf("%s (-exported +imported):\n%s", format, diff)
		}
	}
}

// Bad lines make an import FAILED with the good ones in its table; a line that cannot be read ends its object, an item without its
// key does not. The prefix is plain text.
func TestImportOfBadLines(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	good := func(key string) string { return `{"Item":{"p":{"S":"` + key + `"}}}` + "\n" }
	p.buckets.objects = map[string][]byte{
		"key/1.json": []byte(good("a") + `{"Item":{"v":{"S":"x"}}}` + "\n\n" + good("b")),
		"line/1":     []byte(good("a") + "garbage\n" + good("b")),
		"line/2":     []byte(good("c")),
		"plain/1":    []byte(good("a")),
		"plain2":     packed(good("b")),
		"packed/1":   packed(good("a")),
	}
	gz := func(in *awsdynamodb.ImportTableInput) { in.InputCompressionType = types.InputCompressionTypeGzip }
	for prefix, c := range map[string]struct {
		change                      func(in *awsdynamodb.ImportTableInput)
		processed, imported, errors int64
	}{
		"key/": {nil, 3, 2, 1}, "line/": {nil, 3, 2, 1}, "plain/": {nil, 1, 1, 0}, "plain": {nil, 2, 1, 1}, "packed/": {gz, 1, 1, 0}, "plain/1": {gz, 1, 0, 1}, "empty": {nil, 0, 0, 0},
	} {
		name := "of-" + string(bytes.ReplaceAll([]byte(prefix), []byte("/"), []byte("-")))
		d := p.imported(name, prefix, c.change)
		want := types.ImportStatusCompleted
		if c.errors > 0 {
			want = types.ImportStatusFailed
		}
		if d.ImportStatus != want || d.ProcessedItemCount != c.processed || d.ImportedItemCount != c.imported || d.ErrorCount != c.errors || (d.FailureCode != nil) != (c.errors > 0) {
			t.Errorf("%s: %s %s, processed %d, imported %d, errors %d", prefix, d.ImportStatus, aws.ToString(d.FailureCode), d.ProcessedItemCount, d.ImportedItemCount, d.ErrorCount)
		}
		if got := p.contents(name); int64(len(got)) != c.imported {
			t.Errorf("%s: the table has %v", prefix, got)
		}
	}
}

// CSV columns are strings, but those of keys; headers and delimiters are as asked.
func TestImportOfCSV(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.buckets.objects = map[string][]byte{"1.csv": []byte("p,g,v\n\"a \"\"b\"\"\",1,10\nc,2,\n"), "2.csv": []byte("a;1;10\n")}
	byNumber := func(in *awsdynamodb.ImportTableInput) {
		in.InputFormat = types.InputFormatCsv
		in.TableCreationParameters.AttributeDefinitions = append(in.TableCreationParameters.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String("g"), AttributeType: types.ScalarAttributeTypeN})
		in.TableCreationParameters.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byg"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
	}
	if d := p.imported("plain", "1.csv", byNumber); d.ImportStatus != types.ImportStatusCompleted || d.ImportedItemCount != 2 {
		t.Fatalf("%v", d)
	}
	if diff := cmp.Diff(map[string]string{`a "b"`: "10", "c": ""}, p.contents("plain")); diff != "" {
		t.Errorf("(-file +table):\n%s", diff)
	}
	out, err := p.Query(t.Context(), byG("plain"))
	if err != nil || out.Count != 1 {
		t.Errorf("by the index: %v %v", out, err)
	}
	d := p.imported("other", "2.csv", func(in *awsdynamodb.ImportTableInput) {
		byNumber(in)
		in.InputFormatOptions = &types.InputFormatOptions{Csv: &types.CsvOptions{Delimiter: aws.String(";"), HeaderList: []string{"p", "g", "v"}}}
	})
	if diff := cmp.Diff(map[string]string{"a": "10"}, p.contents("other")); d.ImportStatus != types.ImportStatusCompleted || diff != "" {
		t.Errorf("%v (-file +table):\n%s", d, diff)
	}
}

// Imports are refused with AWS's errors; one from no bucket fails without a table.
func TestImportRefusals(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	_, err := p.startImport(music, "x", nil)
	wantFailure(t, "into a table that is there", err, "ResourceInUseException")
	for what, change := range map[string]func(in *awsdynamodb.ImportTableInput){
		"no throughput": func(in *awsdynamodb.ImportTableInput) { in.TableCreationParameters.BillingMode = "" },
		"CSV options of JSON": func(in *awsdynamodb.ImportTableInput) {
			in.InputFormatOptions = &types.InputFormatOptions{Csv: &types.CsvOptions{Delimiter: aws.String(",")}}
		},
		"ZSTD": func(in *awsdynamodb.ImportTableInput) { in.InputCompressionType = types.InputCompressionTypeZstd },
	} {
		_, err := p.startImport("new", "x", change)
		wantFailure(t, what, err, "ValidationException")
	}
	d := p.imported("never", "x", func(in *awsdynamodb.ImportTableInput) { in.S3BucketSource.S3Bucket = aws.String("nothing") })
	if d.ImportStatus != types.ImportStatusFailed || *d.FailureCode != "S3NoSuchBucket" {
		t.Errorf("from no bucket: %v", d)
	}
	_, err = p.DescribeTable(t.Context(), &awsdynamodb.DescribeTableInput{TableName: aws.String("never")})
	wantFailure(t, "the table of an import from no bucket", err, "ResourceNotFoundException")
	token := func(in *awsdynamodb.ImportTableInput) { in.ClientToken = aws.String("token") }
	first, err := p.startImport("tokened", "x", token)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := p.startImport("tokened", "x", token); err != nil || *second.ImportArn != *first.ImportArn {
		t.Errorf("the same token: %v %v", second, err)
	}
	_, err = p.startImport("another", "x", token)
	wantFailure(t, "the token for another table", err, "ImportConflictException")
	for i := range 49 {
		if _, err := p.startImport(fmt.Sprint("many", i), "x", nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err = p.startImport("toomany", "x", nil)
	wantFailure(t, "the 51st import", err, "LimitExceededException")
	_, err = p.DescribeImport(t.Context(), &awsdynamodb.DescribeImportInput{ImportArn: aws.String(*first.ImportArn + "x")})
	wantFailure(t, "describe nothing", err, "ImportNotFoundException")
	var all int
	in := &awsdynamodb.ListImportsInput{}
	for {
		out, err := p.ListImports(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		all += len(out.ImportSummaryList)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if all != 51 {
		t.Errorf("listed %d imports, want 51", all)
	}
}
