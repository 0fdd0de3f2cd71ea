package dynamodb_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// vault is the only bucket of memory.
const vault = "vault"

// memory is an S3 of one bucket.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (m *memory) check(bucket string) error {
	if bucket != vault {
		return sim.Errorf("NoSuchBucket", "The specified bucket does not exist")
	}
	return nil
}

func (m *memory) Put(_ *sim.Call, _, bucket, key string, data []byte, _ map[string]string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects[key] = data
	return "etag-of-" + key, m.check(bucket)
}

func (m *memory) Keys(_ *sim.Call, _, bucket, prefix string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for key := range m.objects {
		if strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out, m.check(bucket)
}

func (m *memory) Get(_ *sim.Call, _, bucket, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.objects[key], m.check(bucket)
}

// export exports music and waits until that is done.
func (p *plane) export(change func(in *awsdynamodb.ExportTableToPointInTimeInput)) *types.ExportDescription {
	p.t.Helper()
	d, err := p.startExport(change)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.exported(d.ExportArn)
}

func (p *plane) startExport(change func(in *awsdynamodb.ExportTableToPointInTimeInput)) (*types.ExportDescription, error) {
	in := &awsdynamodb.ExportTableToPointInTimeInput{TableArn: aws.String(scope.ARN("dynamodb", "table/"+music)), S3Bucket: aws.String(vault)}
	if change != nil {
		change(in)
	}
	out, err := p.ExportTableToPointInTime(p.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.ExportDescription, nil
}

// exported passes the time that an export takes, and gives what became of it.
func (p *plane) exported(arn *string) *types.ExportDescription {
	p.t.Helper()
	p.clock.pass(5 * time.Minute)
	for {
		out, err := p.DescribeExport(p.t.Context(), &awsdynamodb.DescribeExportInput{ExportArn: arn})
		if err != nil {
			p.t.Fatal(err)
		}
		if out.ExportDescription.ExportStatus != types.ExportStatusInProgress {
			return out.ExportDescription
		}
	}
}

type manifest struct {
	Version, ExportArn, ExportTime, ExportFromTime, ExportToTime, ManifestFilesS3Key, OutputFormat, OutputView, ExportType string
	S3Prefix                                                                                                               *string
	ItemCount                                                                                                              int
}

// manifest reads the manifests of an export as a client does, checks every sum and count, and gives the lines of all data files.
func (p *plane) manifest(d *types.ExportDescription) (manifest, []string) {
	p.t.Helper()
	var m manifest
	summary := p.summed(*d.ExportManifest)
	if err := json.Unmarshal(summary, &m); err != nil {
		p.t.Fatalf("%s: %v", summary, err)
	}
	var lines []string
	dec := json.NewDecoder(bytes.NewReader(p.summed(m.ManifestFilesS3Key)))
	for dec.More() {
		var f struct {
			ItemCount                        int
			MD5Checksum, ETag, DataFileS3Key string
		}
		if err := dec.Decode(&f); err != nil {
			p.t.Fatal(err)
		}
		data := p.buckets.objects[f.DataFileS3Key]
		if sumOf(data) != f.MD5Checksum || f.ETag != "etag-of-"+f.DataFileS3Key {
			p.t.Errorf("%s has another sum or ETag: %+v", f.DataFileS3Key, f)
		}
		some := unpack(p.t, data)
		if len(some) != f.ItemCount {
			p.t.Errorf("%s has %d lines, not %d", f.DataFileS3Key, len(some), f.ItemCount)
		}
		lines = append(lines, some...)
	}
	if len(lines) != m.ItemCount || int64(len(lines)) != *d.ItemCount {
		p.t.Errorf("%d lines; the manifest says %d, the export %d", len(lines), m.ItemCount, *d.ItemCount)
	}
	slices.Sort(lines)
	return m, lines
}

// summed gives a manifest whose sum is right.
func (p *plane) summed(key string) []byte {
	p.t.Helper()
	data, ok := p.buckets.objects[key]
	if sum := string(p.buckets.objects[strings.TrimSuffix(key, ".json")+".md5"]); !ok || sum != sumOf(data) {
		p.t.Errorf("%s: there %v, its sum is %q", key, ok, sum)
	}
	return data
}

func sumOf(data []byte) string {
	sum := md5.Sum(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func unpack(t *testing.T, data []byte) []string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
}

// A full export is the table at its instant, in four packed files with manifests whose sums are right, and appears when it is due.
func TestFullExport(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.recoverable(true, nil)
	for i := range 20 {
		p.put(map[string]types.AttributeValue{"p": text(fmt.Sprintf("k%02d", i)), "v": text("then")})
	}
	p.clock.pass(time.Second)
	then := p.clock.Now()
	p.clock.pass(time.Hour)
	p.put(map[string]types.AttributeValue{"p": text("k00"), "v": text("now")})
	d, err := p.startExport(func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		in.ExportTime, in.S3Prefix = &then, aws.String("2026/nov")
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.ExportStatus != types.ExportStatusInProgress || d.ExportManifest != nil || d.ItemCount != nil || d.EndTime != nil {
		t.Errorf("a new export: %v", d)
	}
	id := (*d.ExportArn)[strings.LastIndex(*d.ExportArn, "/")+1:]
	if keys, _ := p.buckets.Keys(nil, "", vault, ""); fmt.Sprint(keys) != "[2026/nov/AWSDynamoDB/"+id+"/_started]" {
		t.Errorf("before it is done there is %v", keys)
	}
	p.load()
	d = p.exported(d.ExportArn)
	m, lines := p.manifest(d)
	if d.ExportStatus != types.ExportStatusCompleted || *d.ExportManifest != "2026/nov/AWSDynamoDB/"+id+"/manifest-summary.json" || m.Version != "2020-06-30" ||
		m.ExportTime != then.Format("2006-01-02T15:04:05.000Z") || *m.S3Prefix != "2026/nov" {
		t.Errorf("the export: %+v\n%+v", d, m)
	}
	if len(lines) != 20 || lines[0] != `{"Item":{"p":{"S":"k00"},"v":{"S":"then"}}}` {
		t.Errorf("%d lines, the first is %s", len(lines), lines[0])
	}
	if keys, _ := p.buckets.Keys(nil, "", vault, "2026/nov/AWSDynamoDB/"+id+"/data/"); len(keys) != 4 {
		t.Errorf("the data files are %v", keys)
	}
	out, err := p.ListExports(t.Context(), &awsdynamodb.ListExportsInput{TableArn: d.TableArn})
	if err != nil || len(out.ExportSummaries) != 1 || *out.ExportSummaries[0].ExportArn != *d.ExportArn {
		t.Errorf("listed: %v %v", out, err)
	}
}

// An Ion export has the document's form.
func TestIonExport(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k"), "n": number(600), "s": &types.AttributeValueMemberSS{Value: []string{"a"}}})
	_, lines := p.manifest(p.export(func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ExportFormat = types.ExportFormatIon }))
	if want := `$ion_1_0 {Item:{n:6d2,p:"k",s:$dynamodb_SS::["a"]}}`; len(lines) != 1 || lines[0] != want {
		t.Errorf("%v, want %s", lines, want)
	}
}

// An incremental export has what was made, changed and removed in its period with the images before and after it, and nothing of what
// came and went, or of other times.
func TestIncrementalExport(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.recoverable(true, nil)
	put := func(key, value string) {
		p.put(map[string]types.AttributeValue{"p": text(key), "v": text(value)})
	}
	remove := func(key string) {
		if _, err := p.DeleteItem(t.Context(), &awsdynamodb.DeleteItemInput{TableName: aws.String(music), Key: map[string]types.AttributeValue{"p": text(key)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"same", "changed", "removed", "later"} {
		put(key, "0")
	}
	p.clock.pass(time.Hour)
	from := p.clock.Now()
	put("made", "1")
	put("changed", "1")
	put("changed", "2")
	remove("removed")
	put("gone", "1")
	remove("gone")
	wrote := p.clock.Now()
	p.clock.pass(time.Hour)
	to := p.clock.Now()
	put("later", "1")
	put("changed", "3")
	remove("made")
	p.clock.pass(time.Minute)
	period := func(view types.ExportViewType) func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		return func(in *awsdynamodb.ExportTableToPointInTimeInput) {
			in.ExportType = types.ExportTypeIncrementalExport
			in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: &from, ExportToTime: &to, ExportViewType: view}
		}
	}
	d := p.export(period(""))
	m, lines := p.manifest(d)
	micros := fmt.Sprint(wrote.UnixMicro())
	head := `{"Metadata":{"WriteTimestampMicros":{"N":"` + micros + `"}},"Keys":{"p":{"S":"`
	want := []string{
		head + `changed"}},"NewImage":{"p":{"S":"changed"},"v":{"S":"2"}},"OldImage":{"p":{"S":"changed"},"v":{"S":"0"}}}`,
		head + `made"}},"NewImage":{"p":{"S":"made"},"v":{"S":"1"}}}`,
		head + `removed"}},"OldImage":{"p":{"S":"removed"},"v":{"S":"0"}}}`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if m.Version != "2023-08-01" || m.ExportType != "INCREMENTAL_EXPORT" || m.OutputView != "NEW_AND_OLD_IMAGES" || m.ExportFromTime == "" || m.ExportTime != "" || *d.BilledSizeBytes != 10_000_000 {
		t.Errorf("the manifest: %+v", m)
	}
	if keys, _ := p.buckets.Keys(nil, "", vault, "AWSDynamoDB/data/"); len(keys) != 4 {
		t.Errorf("incremental exports share a folder; it has %v", keys)
	}
	if _, lines := p.manifest(p.export(period(types.ExportViewTypeNewImage))); len(lines) != 3 || strings.Contains(strings.Join(lines, ""), "OldImage") {
		t.Errorf("new images only: %v", lines)
	}
}

// Exports are refused with AWS's errors, a bucket that is no good shows in the export, and a client token stands for one export.
func TestExportRefusals(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	refused := func(what, code string, change func(in *awsdynamodb.ExportTableToPointInTimeInput)) {
		t.Helper()
		_, err := p.startExport(change)
		wantFailure(t, what, err, code)
	}
	refused("without recovery", "PointInTimeRecoveryUnavailableException", nil)
	p.recoverable(true, nil)
	since := p.clock.Now()
	p.clock.pass(time.Hour)
	at := func(d time.Duration) func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		return func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ExportTime = aws.Time(since.Add(d)) }
	}
	refused("before recovery", "InvalidExportTimeException", at(-time.Second))
	refused("in the future", "InvalidExportTimeException", at(2*time.Hour))
	refused("later than can be restored", "InvalidExportTimeException", at(58*time.Minute))
	within := func(from, to time.Duration) func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		return func(in *awsdynamodb.ExportTableToPointInTimeInput) {
			in.ExportType = types.ExportTypeIncrementalExport
			in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: aws.Time(since.Add(from)), ExportToTime: aws.Time(since.Add(to))}
		}
	}
	refused("14 minutes", "InvalidExportTimeException", within(0, 14*time.Minute))
	refused("backwards", "InvalidExportTimeException", within(time.Hour, 0))
	refused("an increment without a period", "ValidationException", func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ExportType = types.ExportTypeIncrementalExport })
	refused("nothing", "TableNotFoundException", func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.TableArn = aws.String(*in.TableArn + "x") })
	refused("another account's table", "AccessDeniedException", func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		in.TableArn = aws.String("arn:aws:dynamodb:eu-west-2:222222222222:table/music")
	})
	if d := p.export(func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.S3Bucket = aws.String("nothing") }); d.ExportStatus != types.ExportStatusFailed || *d.FailureCode != "S3NoSuchBucket" {
		t.Errorf("an export to no bucket: %v", d)
	}
	token := func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ClientToken = aws.String("token") }
	first := p.export(token)
	second, err := p.startExport(token)
	if err != nil || *second.ExportArn != *first.ExportArn {
		t.Errorf("the same token: %v %v", second, err)
	}
	refused("the token with other parameters", "ExportConflictException", func(in *awsdynamodb.ExportTableToPointInTimeInput) {
		token(in)
		in.S3Prefix = aws.String("other")
	})
	_, err = p.DescribeExport(t.Context(), &awsdynamodb.DescribeExportInput{ExportArn: aws.String(*first.ExportArn + "x")})
	wantFailure(t, "describe nothing", err, "ExportNotFoundException")
}

// An export survives its table, but not its region: when that is lost before it is done, there is no manifest.
func TestExportAndDisaster(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k")})
	d, err := p.startExport(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.drop()
	if _, lines := p.manifest(p.exported(d.ExportArn)); len(lines) != 1 {
		t.Errorf("the export of a table that was deleted since: %v", lines)
	}
	for loss, want := range map[time.Duration]types.ExportStatus{4 * time.Minute: types.ExportStatusFailed, 6 * time.Minute: types.ExportStatusCompleted} {
		p := newPlane(t)
		p.make(nil)
		p.recoverable(true, nil)
		d, err := p.startExport(nil)
		if err != nil {
			t.Fatal(err)
		}
		p.clock.pass(loss)
		p.world.Lose(scope)
		d = p.exported(d.ExportArn)
		keys, _ := p.buckets.Keys(nil, "", vault, "AWSDynamoDB/")
		if d.ExportStatus != want || (len(keys) > 1) != (want == types.ExportStatusCompleted) {
			t.Errorf("the region is lost after %v: %s with %v", loss, d.ExportStatus, keys)
		}
	}
}
