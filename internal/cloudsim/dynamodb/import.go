package dynamodb

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxImports is how many imports an account may have under way ("Import format quotas and validation").
const maxImports = 50

type importInput struct {
	ClientToken             string              `json:"ClientToken,omitempty"`
	InputFormat             string              `json:"InputFormat"`
	InputCompressionType    string              `json:"InputCompressionType,omitempty"`
	InputFormatOptions      *inputFormatOptions `json:"InputFormatOptions,omitempty"`
	S3BucketSource          bucketSource        `json:"S3BucketSource"`
	TableCreationParameters tableCreation       `json:"TableCreationParameters"`
}

type inputFormatOptions struct {
	Csv *csvOptions `json:"Csv,omitempty"`
}

type csvOptions struct {
	Delimiter  string   `json:"Delimiter,omitempty"`
	HeaderList []string `json:"HeaderList,omitempty"`
}

type bucketSource struct {
	S3Bucket      string `json:"S3Bucket"`
	S3BucketOwner string `json:"S3BucketOwner,omitempty"`
	S3KeyPrefix   string `json:"S3KeyPrefix,omitempty"`
}

// tableCreation is what an import says of its table. It is told again as it was given.
type tableCreation struct {
	TableName              string                `json:"TableName"`
	AttributeDefinitions   []attributeDefinition `json:"AttributeDefinitions"`
	KeySchema              keySchema             `json:"KeySchema"`
	BillingMode            string                `json:"BillingMode,omitempty"`
	ProvisionedThroughput  *throughput           `json:"ProvisionedThroughput,omitempty"`
	OnDemandThroughput     *onDemandThroughput   `json:"OnDemandThroughput,omitempty"`
	SSESpecification       *sseSpecification     `json:"SSESpecification,omitempty"`
	GlobalSecondaryIndexes []secondaryIndex      `json:"GlobalSecondaryIndexes,omitempty"`
}

// load is an ImportTable. It is saved as it is; the lock of its region guards it. One that is not done is begun anew when the
// cloud is loaded.
type load struct {
	ARN       string      `json:"arn"`
	In        importInput `json:"in"`
	Caller    string      `json:"caller"` // ARN
	TableID   string      `json:"tableId"`
	StartedAt time.Time   `json:"startedAt"`
	DueAt     time.Time   `json:"dueAt"`
	EndedAt   time.Time   `json:"endedAt,omitzero"` // zero while it is read
	Code      string      `json:"code,omitempty"`   // of the failure
	Message   string      `json:"message,omitempty"`
	progress
}

// progress counts what an import has read.
type progress struct {
	Bytes     int `json:"bytes"` // unpacked
	Processed int `json:"processed"`
	Imported  int `json:"imported"`
	Errors    int `json:"errors"`
}

type importOutput struct{ ImportTableDescription importDescription }

func (s *Service) importTable(c *sim.Call, in *importInput) (*importOutput, error) {
	if err := in.check(c); err != nil {
		return nil, err
	}
	r, now := s.regions.Load().In(c.Scope), s.world.Now()
	if old, err := s.importOf(r, in); old != nil || err != nil {
		return old, err
	}
	p := &in.TableCreationParameters
	if err := checkName("tableCreationParameters.tableName", p.TableName); err != nil {
		return nil, err
	}
	def, err := s.define(c, &createTableInput{
		AttributeDefinitions: p.AttributeDefinitions, KeySchema: p.KeySchema, BillingMode: p.BillingMode, ProvisionedThroughput: p.ProvisionedThroughput,
		OnDemandThroughput: p.OnDemandThroughput, SSESpecification: p.SSESpecification, GlobalSecondaryIndexes: p.GlobalSecondaryIndexes,
	})
	if err != nil {
		return nil, err
	}
	if s.importing(c.Account) >= maxImports {
		return nil, sim.Errorf("LimitExceededException", "Only %d imports can be in progress at the same time", maxImports)
	}
	l := &load{In: *in, Caller: c.CallerARN, StartedAt: now, DueAt: now.Add(s.Timing.Import)}
	def.Name, def.ID, def.CreatedAt, def.ActiveAt, def.Loading = p.TableName, s.world.UUID(), now, l.DueAt, true
	if def.OnDemand {
		def.OnDemandSince = now
	}
	for i := range def.Global {
		def.Global[i].ReadyAt = l.DueAt
	}
	t := s.newTable(c.Scope, *def)
	l.TableID, l.ARN = t.id, t.arn()+"/import/"+timedID(now, s.world.Hex(8))
	s.find(c, t.name) // forgets a table of that name that is gone
	if r.add(t) != nil {
		return nil, sim.Errorf("ResourceInUseException", "Table already exists: %s", t.name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.imports == nil {
		r.imports = map[string]*load{}
	}
	r.imports[l.ARN] = l
	go s.runImport(r, l, t)
	return &importOutput{l.describe(c.Scope, now)}, nil
}

// check refuses what can be refused without the table, and fills in what is left out.
func (in *importInput) check(c *sim.Call) error {
	in.InputCompressionType = cmp.Or(in.InputCompressionType, "NONE")
	in.S3BucketSource.S3BucketOwner = cmp.Or(in.S3BucketSource.S3BucketOwner, c.Account)
	o := in.InputFormatOptions
	switch {
	case in.S3BucketSource.S3Bucket == "":
		return constraint("", "s3BucketSource.s3Bucket", "Member must not be null")
	case !slices.Contains([]string{"DYNAMODB_JSON", "ION", "CSV"}, in.InputFormat):
		return constraint(in.InputFormat, "inputFormat", "Member must satisfy enum value set: [ION, CSV, DYNAMODB_JSON]")
	case in.InputCompressionType == "ZSTD":
		return invalid("the drill cloud does not implement ZSTD: pack the objects with GZIP")
	case in.InputCompressionType != "NONE" && in.InputCompressionType != "GZIP":
		return constraint(in.InputCompressionType, "inputCompressionType", "Member must satisfy enum value set: [ZSTD, NONE, GZIP]")
	case o != nil && o.Csv != nil && in.InputFormat != "CSV":
		return invalid("Invalid Request: Unsupported InputFormatOptions for the given input format: %s.", in.InputFormat)
	case o != nil && o.Csv != nil && o.Csv.Delimiter != "" && (len(o.Csv.Delimiter) != 1 || !strings.Contains(",;:|\t ", o.Csv.Delimiter)):
		return constraint(o.Csv.Delimiter, "inputFormatOptions.csv.delimiter", "Member must satisfy regular expression pattern: [,;:|\\t ]")
	}
	return nil
}

// importOf finds the import that a client token stands for.
func (s *Service) importOf(r *region, in *importInput) (*importOutput, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, l := range r.imports {
		switch {
		case in.ClientToken == "" || l.In.ClientToken != in.ClientToken:
		case l.In.TableCreationParameters.TableName != in.TableCreationParameters.TableName:
			return nil, sim.Errorf("ImportConflictException", "Import conflict: Duplicate request detected with conflicting parameters")
		default:
			return &importOutput{l.describe(scopeOf(l.ARN), s.world.Now())}, nil
		}
	}
	return nil, nil //nolint:nilnil // no import is a new one
}

// scopeOf is where an ARN of ours is.
func scopeOf(arn string) sim.Scope {
	p := strings.SplitN(arn, ":", 6)
	return sim.Scope{Region: p[3], Account: p[4]}
}

// importing counts the imports that an account has under way.
func (s *Service) importing(account string) int {
	n, now := 0, s.world.Now()
	s.regions.Load().Each(func(scope sim.Scope, r *region) {
		r.mu.RLock()
		defer r.mu.RUnlock()
		for _, l := range r.imports {
			if scope.Account == account && l.status(now) == "IN_PROGRESS" {
				n++
			}
		}
	})
	return n
}

// runImport reads the objects into the table, which begins to be used when the import is due. Where the bucket cannot be listed there
// never was a table; what goes wrong later leaves it with what was read.
func (s *Service) runImport(r *region, l *load, t *table) {
	from := source{s.buckets, &sim.Call{Scope: t.scope, CallerARN: l.Caller, Service: "dynamodb"}, &l.In}
	keys, err := from.keys()
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.tables, t.name)
		l.EndedAt = s.world.Now()
		l.Code, l.Message = failure(err)
		return
	}
	done, err := from.read(t, keys)
	r.mu.Lock()
	defer r.mu.Unlock()
	l.progress, l.EndedAt = done, s.world.Now()
	if l.EndedAt.Before(l.DueAt) {
		l.EndedAt = l.DueAt
	}
	switch {
	case err != nil:
		l.Code, l.Message = failure(err)
	case done.Errors > 0:
		l.Code, l.Message = "ItemValidationError", "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for more details."
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.def.Loading, t.def.ActiveAt = false, l.EndedAt
}

func (l *load) status(now time.Time) string {
	switch {
	case l.EndedAt.IsZero() || now.Before(l.EndedAt):
		return "IN_PROGRESS"
	case l.Code != "":
		return "FAILED"
	default:
		return "COMPLETED"
	}
}

type describeImportInput struct{ ImportArn string }

func (s *Service) describeImport(c *sim.Call, in *describeImportInput) (*importOutput, error) {
	if !strings.Contains(in.ImportArn, "/import/") {
		return nil, invalid("Invalid Import ARN")
	}
	r := s.regions.Load().In(c.Scope)
	r.mu.RLock()
	defer r.mu.RUnlock()
	l := r.imports[in.ImportArn]
	if l == nil {
		return nil, sim.Errorf("ImportNotFoundException", "Import not found: %s", in.ImportArn)
	}
	return &importOutput{l.describe(c.Scope, s.world.Now())}, nil
}

type listImportsInput struct {
	TableArn  string
	PageSize  int
	NextToken string
}

type importSummary struct {
	CloudWatchLogGroupArn string
	EndTime               *epoch `json:",omitempty"`
	ImportArn             string
	ImportStatus          string
	InputFormat           string
	S3BucketSource        bucketSource
	StartTime             epoch
	TableArn              string
}

type listImportsOutput struct {
	ImportSummaryList []importSummary
	NextToken         string `json:",omitempty"`
}

func (s *Service) listImports(c *sim.Call, in *listImportsInput) (*listImportsOutput, error) {
	if in.PageSize < 0 || in.PageSize > maxListed {
		return nil, invalid("1 validation error detected: Value '%d' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to %d", in.PageSize, maxListed)
	}
	r, now := s.regions.Load().In(c.Scope), s.world.Now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []importSummary
	for _, l := range slices.SortedFunc(maps.Values(r.imports), func(a, b *load) int { return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.ARN, a.ARN)) }) {
		if d := l.describe(c.Scope, now); in.TableArn == "" || in.TableArn == d.TableArn {
			all = append(all, importSummary{d.CloudWatchLogGroupArn, d.EndTime, d.ImportArn, d.ImportStatus, d.InputFormat, d.S3BucketSource, d.StartTime, d.TableArn})
		}
	}
	part, next, err := sim.Page(all, in.NextToken, cmp.Or(in.PageSize, 10), maxListed)
	if err != nil {
		return nil, invalid("Invalid Request: Provided nextToken is invalid: %s", in.NextToken)
	}
	return &listImportsOutput{append([]importSummary{}, part...), next}, nil
}

type importDescription struct {
	importInput
	ImportArn             string
	ImportStatus          string
	StartTime             epoch
	EndTime               *epoch `json:",omitempty"`
	TableArn              string
	TableID               string `json:"TableId"`
	ProcessedSizeBytes    int
	ProcessedItemCount    int
	ImportedItemCount     int
	ErrorCount            int
	FailureCode           string `json:",omitempty"`
	FailureMessage        string `json:",omitempty"`
	CloudWatchLogGroupArn string
}

func (l *load) describe(scope sim.Scope, now time.Time) importDescription {
	out := importDescription{
		importInput: l.In, ImportArn: l.ARN, ImportStatus: l.status(now), StartTime: epoch{l.StartedAt}, TableID: l.TableID,
		TableArn: l.ARN[:strings.Index(l.ARN, "/import/")], CloudWatchLogGroupArn: scope.ARN("logs", "log-group:/aws-dynamodb/imports:*"),
	}
	if out.ImportStatus != "IN_PROGRESS" {
		out.EndTime, out.FailureCode, out.FailureMessage = when(l.EndedAt), l.Code, l.Message
		out.ProcessedSizeBytes, out.ProcessedItemCount, out.ImportedItemCount, out.ErrorCount = l.Bytes, l.Processed, l.Imported, l.Errors
	}
	return out
}
