package dynamodb

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const (
	// maxExports is how many exports an account may have under way ("Quotas in Amazon DynamoDB").
	maxExports = 300
	// exportTokenLife is how long a client token stands for its export (ExportTableToPointInTime).
	exportTokenLife = 8 * time.Hour
	// The bounds of an incremental export's period ("Incremental export").
	minPeriod = 15 * time.Minute
	maxPeriod = 24 * time.Hour
	// minIncrement is what an incremental export is billed at least, in bytes.
	minIncrement = 10_000_000
)

type exportInput struct {
	TableArn                       string          `json:"TableArn"`
	S3Bucket                       string          `json:"S3Bucket"`
	S3BucketOwner                  string          `json:"S3BucketOwner,omitempty"`
	S3Prefix                       string          `json:"S3Prefix,omitempty"`
	S3SseAlgorithm                 string          `json:"S3SseAlgorithm,omitempty"`
	S3SseKmsKeyID                  string          `json:"S3SseKmsKeyId,omitempty"`
	ClientToken                    string          `json:"ClientToken,omitempty"`
	ExportFormat                   string          `json:"ExportFormat,omitempty"`
	ExportType                     string          `json:"ExportType,omitempty"`
	ExportTime                     *epoch          `json:"ExportTime,omitempty"`
	IncrementalExportSpecification *exportPeriod   `json:"IncrementalExportSpecification,omitempty"`
	FilterSpecification            json.RawMessage `json:"FilterSpecification,omitempty"`
}

type exportPeriod struct {
	ExportFromTime *epoch `json:"ExportFromTime,omitempty"`
	ExportToTime   *epoch `json:"ExportToTime,omitempty"`
	ExportViewType string `json:"ExportViewType,omitempty"`
}

// export is an ExportTableToPointInTime. It is saved as it is; the lock of its region guards it.
type export struct {
	ARN       string      `json:"arn"`
	In        exportInput `json:"in"`
	Caller    string      `json:"caller"` // ARN
	TableID   string      `json:"tableId"`
	At        time.Time   `json:"at,omitzero"`   // of a full export
	From      time.Time   `json:"from,omitzero"` // of an incremental one, inclusive
	To        time.Time   `json:"to,omitzero"`   // exclusive
	StartedAt time.Time   `json:"startedAt"`
	DueAt     time.Time   `json:"dueAt"`
	EndedAt   time.Time   `json:"endedAt,omitzero"`
	Status    string      `json:"status"`
	Code      string      `json:"code,omitempty"` // of the failure
	Message   string      `json:"message,omitempty"`
	Items     int         `json:"items"`
	Billed    int         `json:"billed"` // bytes
	Files     []string    `json:"files"`  // names of the data files

	content *content // until it is written
}

type exportOutput struct{ ExportDescription exportDescription }

func (s *Service) exportTable(c *sim.Call, in *exportInput) (*exportOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, now := s.regions.Load().In(c.Scope), s.world.Now()
	if old, err := r.exportOf(in, now); old != nil || err != nil {
		return old, err
	}
	t, err := s.exportSource(c, in.TableArn)
	if err != nil {
		return nil, err
	}
	e := &export{In: *in, Caller: c.CallerARN, TableID: t.id, StartedAt: now, DueAt: now.Add(s.Timing.Export), Status: "IN_PROGRESS"}
	e.ARN = t.arn() + "/export/" + timedID(now, s.world.Hex(8))
	for range partitions {
		e.Files = append(e.Files, s.world.Text(26, "abcdefghijklmnopqrstuvwxyz234567"))
	}
	if err := s.checkKey(t.scope, t.key()); err != nil {
		return nil, err
	}
	if err := e.choose(t, now); err != nil {
		return nil, err
	}
	if e.Billed = e.content.size(); in.IncrementalExportSpecification != nil {
		e.Billed = max(e.Billed, minIncrement)
	}
	if s.exporting(c.Account) >= maxExports {
		return nil, sim.Errorf("LimitExceededException", "Only %d exports can be in progress at the same time", maxExports)
	}
	out := &exportOutput{e.describe()}
	s.beginExport(r, e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exports == nil {
		r.exports = map[string]*export{}
	}
	r.exports[e.ARN] = e
	return out, nil
}

// check refuses what can be refused without the table, and fills in what is left out.
func (in *exportInput) check() error {
	in.ExportFormat, in.S3SseAlgorithm = cmp.Or(in.ExportFormat, "DYNAMODB_JSON"), cmp.Or(in.S3SseAlgorithm, "AES256")
	enum := func(member, value string, allowed ...string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return constraint(value, member, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
	}
	if err := cmp.Or(enum("exportFormat", in.ExportFormat, "DYNAMODB_JSON", "ION"), enum("s3SseAlgorithm", in.S3SseAlgorithm, "AES256", "KMS"),
		enum("exportType", in.ExportType, "", "FULL_EXPORT", "INCREMENTAL_EXPORT")); err != nil {
		return err
	}
	p := in.IncrementalExportSpecification
	switch {
	case in.S3Bucket == "" || strings.ContainsAny(in.S3Bucket, ":/"):
		return constraint(in.S3Bucket, "s3Bucket", "Member must satisfy regular expression pattern: ^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$")
	case in.S3BucketOwner != "" && !sim.IsAccount(in.S3BucketOwner):
		return constraint(in.S3BucketOwner, "s3BucketOwner", "Member must satisfy regular expression pattern: [0-9]{12}")
	case in.S3SseKmsKeyID != "" && in.S3SseAlgorithm != "KMS":
		return invalid("Invalid Request: KMS Key Id is not supported for this encryption type")
	case in.FilterSpecification != nil:
		return invalid("the drill cloud does not implement FilterSpecification: export the whole table")
	case p != nil && in.ExportType == "":
		return invalid("Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided")
	case p != nil && in.ExportType == "FULL_EXPORT":
		return invalid("Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided")
	case in.ExportType == "INCREMENTAL_EXPORT" && p == nil:
		return invalid("Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export")
	case p == nil:
		return nil
	case p.ExportFromTime == nil:
		return invalid("Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification")
	}
	p.ExportViewType = cmp.Or(p.ExportViewType, "NEW_AND_OLD_IMAGES")
	return enum("incrementalExportSpecification.exportViewType", p.ExportViewType, "NEW_IMAGE", "NEW_AND_OLD_IMAGES")
}

// exportOf finds the export that a client token stands for.
func (r *region) exportOf(in *exportInput, now time.Time) (*exportOutput, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, e := range r.exports {
		switch {
		case in.ClientToken == "" || e.In.ClientToken != in.ClientToken || now.Sub(e.StartedAt) >= exportTokenLife:
		case !reflect.DeepEqual(e.In, *in):
			return nil, sim.Errorf("ExportConflictException", "Export conflict: Duplicate request detected with conflicting parameters")
		default:
			return &exportOutput{e.describe()}, nil
		}
	}
	return nil, nil //nolint:nilnil // no export is a new one
}

func (s *Service) exportSource(c *sim.Call, arn string) (*table, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || !strings.HasPrefix(parts[5], "table/") {
		return nil, invalidValue("tableArn is not a valid ARN")
	}
	if parts[4] != c.Account {
		return nil, sim.Errorf("AccessDeniedException", "Access is denied")
	}
	if name, ok := strings.CutPrefix(arn, c.ARN("dynamodb", "table/")); ok {
		if t := s.findSettled(c, name); t != nil {
			return t, nil
		}
	}
	return nil, noTable(arn)
}

// choose settles the instant or the period of an export and takes what it will hold from the table.
func (e *export) choose(t *table, now time.Time) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	earliest, latest, err := t.window(now)
	if err != nil {
		return err
	}
	if p := e.In.IncrementalExportSpecification; p != nil {
		if err := e.setPeriod(p, earliest, now); err != nil {
			return err
		}
		e.take(t)
		return nil
	}
	if e.At = now; e.In.ExportTime != nil {
		e.At = e.In.ExportTime.Time
		switch {
		case e.At.After(now) || e.At.Before(earliest.Truncate(time.Second)):
			return sim.Errorf("InvalidExportTimeException", "Export Time is invalid")
		case e.At.After(latest):
			return sim.Errorf("InvalidExportTimeException", "Point in Time Recovery is not available for specified export time")
		}
		if e.At = e.At.Truncate(time.Second); e.At.Before(earliest) {
			e.At = earliest
		}
	}
	e.take(t)
	return nil
}

// take takes what the export will hold from the table, which is locked: all that was written before it was asked for, or before the
// instant that it names, so that an incremental export from that instant on follows without a gap.
func (e *export) take(t *table) {
	if p := e.In.IncrementalExportSpecification; p != nil {
		e.content = t.changed(e.From, e.To, p.ExportViewType == "NEW_IMAGE")
		return
	}
	at := e.At
	if e.In.ExportTime != nil {
		at = at.Add(-1)
	}
	e.content = &content{keys: t.keys, items: t.itemsAt(at)}
}

func (e *export) setPeriod(p *exportPeriod, earliest, now time.Time) error {
	refuse := func(format string, args ...any) error {
		return sim.Errorf("InvalidExportTimeException", format, args...)
	}
	e.From, e.To = p.ExportFromTime.Truncate(time.Second), now.Truncate(time.Second)
	if p.ExportToTime != nil {
		e.To = p.ExportToTime.Truncate(time.Second)
	}
	switch {
	case e.From.Before(earliest.Truncate(time.Second)):
		return refuse("Incremental export period from time cannot be less than the earliest restorable time : %s", stamp(e.From))
	case e.To.After(now):
		return refuse("Incremental export period to time cannot be greater than the current time : %s", stamp(e.To))
	case e.To.Before(e.From):
		return refuse("Incremental export period from time cannot be greater than the export period to time : %s", stamp(e.From))
	case e.To.Sub(e.From) < minPeriod:
		return refuse("Difference between export period from time and export period to time is less than 15 minutes")
	case e.To.Sub(e.From) > maxPeriod:
		return refuse("Difference between export period from time and export period to time is greater than 24 hours")
	}
	return nil
}

// exporting counts the exports that an account has under way.
func (s *Service) exporting(account string) int {
	n := 0
	s.regions.Load().Each(func(scope sim.Scope, r *region) {
		r.mu.RLock()
		defer r.mu.RUnlock()
		for _, e := range r.exports {
			if scope.Account == account && e.Status == "IN_PROGRESS" {
				n++
			}
		}
	})
	return n
}

type describeExportInput struct{ ExportArn string }

func (s *Service) describeExport(c *sim.Call, in *describeExportInput) (*exportOutput, error) {
	if !strings.Contains(in.ExportArn, "/export/") {
		return nil, invalid("Invalid Export ARN")
	}
	r := s.regions.Load().In(c.Scope)
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.exports[in.ExportArn]
	if e == nil {
		return nil, sim.Errorf("ExportNotFoundException", "Export not found: %s", in.ExportArn)
	}
	return &exportOutput{e.describe()}, nil
}

type listExportsInput struct {
	TableArn   string
	MaxResults int
	NextToken  string
}

type exportSummary struct{ ExportArn, ExportStatus, ExportType string }

type listExportsOutput struct {
	ExportSummaries []exportSummary
	NextToken       string `json:",omitempty"`
}

// maxListed bounds a page of ListExports and ListImports; the default is 10.
const maxListed = 25

func (s *Service) listExports(c *sim.Call, in *listExportsInput) (*listExportsOutput, error) {
	if in.MaxResults < 0 || in.MaxResults > maxListed {
		return nil, invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to %d", in.MaxResults, maxListed)
	}
	r := s.regions.Load().In(c.Scope)
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []exportSummary
	for _, e := range slices.SortedFunc(maps.Values(r.exports), func(a, b *export) int { return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.ARN, a.ARN)) }) {
		if in.TableArn == "" || in.TableArn == e.In.TableArn {
			all = append(all, exportSummary{e.ARN, e.Status, cmp.Or(e.In.ExportType, "FULL_EXPORT")})
		}
	}
	part, next, err := sim.Page(all, in.NextToken, cmp.Or(in.MaxResults, 10), maxListed)
	if err != nil {
		return nil, invalid("Invalid Request: Provided nextToken is invalid: %s", in.NextToken)
	}
	return &listExportsOutput{append([]exportSummary{}, part...), next}, nil
}

type exportDescription struct {
	ExportArn                      string
	ExportStatus                   string
	ExportType                     string `json:",omitempty"` // of incremental exports only
	ExportFormat                   string
	ExportTime                     *epoch        `json:",omitempty"`
	IncrementalExportSpecification *exportPeriod `json:",omitempty"`
	StartTime                      epoch
	EndTime                        *epoch `json:",omitempty"`
	ExportManifest                 string `json:",omitempty"`
	ItemCount                      *int   `json:",omitempty"`
	BilledSizeBytes                *int   `json:",omitempty"`
	FailureCode                    string `json:",omitempty"`
	FailureMessage                 string `json:",omitempty"`
	ClientToken                    string `json:",omitempty"`
	S3Bucket                       string
	S3BucketOwner                  string `json:",omitempty"`
	S3Prefix                       string `json:",omitempty"`
	S3SseAlgorithm                 string
	S3SseKmsKeyID                  string `json:"S3SseKmsKeyId,omitempty"`
	TableArn                       string
	TableID                        string `json:"TableId"`
}

func (e *export) describe() exportDescription {
	out := exportDescription{
		ExportArn: e.ARN, ExportStatus: e.Status, ExportFormat: e.In.ExportFormat, ExportTime: when(e.At), StartTime: epoch{e.StartedAt}, EndTime: when(e.EndedAt),
		FailureCode: e.Code, FailureMessage: e.Message, ClientToken: e.In.ClientToken, S3Bucket: e.In.S3Bucket, S3BucketOwner: e.In.S3BucketOwner, S3Prefix: e.In.S3Prefix,
		S3SseAlgorithm: e.In.S3SseAlgorithm, S3SseKmsKeyID: e.In.S3SseKmsKeyID, TableArn: e.In.TableArn, TableID: e.TableID,
	}
	if p := e.In.IncrementalExportSpecification; p != nil {
		out.ExportType = e.In.ExportType
		out.IncrementalExportSpecification = &exportPeriod{when(e.From), when(e.To), p.ExportViewType}
	}
	if e.Status == "COMPLETED" {
		out.ExportManifest, out.ItemCount, out.BilledSizeBytes = e.folder()+"manifest-summary.json", new(e.Items), new(e.Billed)
	}
	return out
}
