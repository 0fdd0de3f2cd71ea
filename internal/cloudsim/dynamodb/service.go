// Package dynamodb is the drill cloud's Amazon DynamoDB: tables, items and expressions of API version 2012-08-10.
//
// Promise: what the AWS documents say of a call that is answered here, is so: validation and its wording, exact
// numbers, item sizes, pages, capacity, transactions, states that take their time on the world's clock. A call that is
// not answered is refused by name. The suite in dynamodbtest holds for this package and for DynamoDB Local.
//
// Every change of an item passes through one method, table.replace, with the item before and after; items are
// immutable, so what that method is given may be kept. Tables are read under a read lock and written under a lock
// of their own; a page of a query or scan is one lock long, and pages continue by key, so they are
// stable while others write.
package dynamodb

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const contentType = "application/x-amz-json-1.0"

// Timing is how long states last on the world's clock.
type Timing struct {
	Create time.Duration // a table is CREATING
	Update time.Duration // a table is UPDATING, an index CREATING or DELETING, TTL ENABLING
	Delete time.Duration // a table is DELETING
	// Restore is how long a restored table is CREATING: at any size at least 20 minutes (AWS knowledge centre, "How long does a
	// point-in-time restore take"), which is the default.
	Restore time.Duration
	// Backup is how long an on-demand backup is CREATING: they are "available for restore within minutes" (CreateBackup).
	Backup time.Duration
	// Export and Import are how long these take. AWS gives no number; the export of its own example ("DynamoDB table export output
	// format") took five minutes.
	Export, Import time.Duration
}

// Service answers DynamoDB for all accounts and regions.
type Service struct {
	// Timing may be changed before the first call. AWS takes several seconds; the default is short, so that drills
	// see every state and wait little.
	Timing Timing
	// JournalLimit bounds the memory of a table's point-in-time recovery, and of a stream, in bytes of old items; the default is
	// 1 GiB. AWS has no such bound: beyond it the earliest restorable time moves on, and records are trimmed early.
	JournalLimit int

	world   *sim.World
	buckets Buckets
	keys    sim.Keys
	jobs    jobs
	ops     map[string]operation
	buffers sync.Pool // of *bytes.Buffer, for bodies
	regions atomic.Pointer[sim.Regional[region]]
}

// operation answers one call: a body in, a body out. A nil body is an empty object.
type operation func(c *sim.Call, body string) ([]byte, error)

// region is DynamoDB in one account and region.
type region struct {
	mu       sync.RWMutex
	tables   map[string]*table
	policies map[string]policy  // by resource ARN
	backups  map[string]*backup // by ARN
	exports  map[string]*export // by ARN
	imports  map[string]*load   // by ARN
	tokens   tokens
}

// New makes a DynamoDB without tables, whose exports go to b and whose imports come from there, and whose tables are encrypted with
// keys; nil keys are not looked at.
func New(w *sim.World, b Buckets, keys sim.Keys) *Service {
	const quick = 400 * time.Millisecond
	s := &Service{world: w, buckets: b, keys: keys, Timing: Timing{Create: quick, Update: quick, Delete: quick, Restore: 20 * time.Minute, Backup: time.Minute, Export: 5 * time.Minute, Import: 5 * time.Minute}, JournalLimit: 1 << 30}
	s.regions.Store(&sim.Regional[region]{})
	s.ops = map[string]operation{
		"GetItem": s.getItem, "PutItem": s.putItem, "UpdateItem": s.updateItem, "DeleteItem": s.deleteItem,
		"Query": s.query, "Scan": s.scan,
		"BatchGetItem": s.batchGetItem, "BatchWriteItem": s.batchWriteItem,
		"TransactGetItems": s.transactGetItems, "TransactWriteItems": s.transactWriteItems,

		"CreateTable": control(s.createTable), "DescribeTable": control(s.describeTable), "DeleteTable": control(s.deleteTable),
		"UpdateTable": control(s.updateTable), "ListTables": control(s.listTables),
		"TagResource": control(s.tagResource), "UntagResource": control(s.untagResource), "ListTagsOfResource": control(s.listTagsOfResource),
		"UpdateTimeToLive": control(s.updateTimeToLive), "DescribeTimeToLive": control(s.describeTimeToLive),
		"UpdateContinuousBackups": control(s.updateContinuousBackups), "DescribeContinuousBackups": control(s.describeContinuousBackups),
		"RestoreTableToPointInTime": control(s.restoreTableToPointInTime), "RestoreTableFromBackup": control(s.restoreTableFromBackup),
		"CreateBackup": control(s.createBackup), "DescribeBackup": control(s.describeBackup), "ListBackups": control(s.listBackups), "DeleteBackup": control(s.deleteBackup),
		"GetResourcePolicy": control(s.getResourcePolicy), "PutResourcePolicy": control(s.putResourcePolicy), "DeleteResourcePolicy": control(s.deleteResourcePolicy),
		"DescribeContributorInsights": control(s.describeContributorInsights), "UpdateContributorInsights": control(s.updateContributorInsights),
		"DescribeKinesisStreamingDestination": control(s.describeKinesisStreamingDestination),
		"DescribeLimits":                      control(s.describeLimits), "DescribeEndpoints": control(s.describeEndpoints),
		"ExportTableToPointInTime": control(s.exportTable), "DescribeExport": control(s.describeExport), "ListExports": control(s.listExports),
		"ImportTable": control(s.importTable), "DescribeImport": control(s.describeImport), "ListImports": control(s.listImports),
		"ListStreams": control(s.listStreams), "DescribeStream": control(s.describeStream),
		"GetShardIterator": control(s.getShardIterator), "GetRecords": control(s.getRecords),
		"ListGlobalTables": none("GlobalTables"), // none can be made here

		"ExecuteStatement": noPartiQL, "BatchExecuteStatement": noPartiQL, "ExecuteTransaction": noPartiQL,
	}
	return s
}

// Names are the SigV4 names that are routed here.
func (s *Service) Names() []string { return []string{"dynamodb"} }

// ServeHTTP answers a call in AWS JSON 1.0.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("X-Amz-Target")
	name = name[strings.LastIndexByte(name, '.')+1:]
	op, ok := s.ops[name]
	if !ok {
		sim.WriteJSONError(w, contentType, sim.Unknown("dynamodb", name))
		return
	}
	s.jobs.begin(s.world.Now())
	body, err := s.read(w, r)
	if err != nil {
		sim.WriteJSONError(w, contentType, sim.Errorf("RequestEntityTooLargeException", "%v", err).WithStatus(http.StatusRequestEntityTooLarge))
		return
	}
	out, err := op(sim.CallFrom(r.Context()), body)
	if err != nil {
		sim.WriteJSONError(w, contentType, sim.AsError(err))
		return
	}
	if out == nil {
		out = []byte("{}")
	}
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(out))}
	h["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(out)), 10)}
	_, _ = w.Write(out)
}

func (s *Service) read(w http.ResponseWriter, r *http.Request) (string, error) {
	b, ok := s.buffers.Get().(*bytes.Buffer)
	if !ok {
		b = &bytes.Buffer{}
	}
	defer s.buffers.Put(b)
	b.Reset()
	_, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, sim.MaxBody))
	return b.String(), err
}

// control makes an operation of a typed function. The control plane is not hot, so it goes through encoding/json.
func control[I, O any](f func(c *sim.Call, in *I) (O, error)) operation {
	op := sim.Op(f)
	return func(c *sim.Call, body string) ([]byte, error) {
		out, err := op(c, []byte(body))
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}
}

func none(member string) operation {
	return func(*sim.Call, string) ([]byte, error) { return []byte(`{"` + member + `":[]}`), nil }
}

func noPartiQL(*sim.Call, string) ([]byte, error) {
	return nil, invalid("the drill cloud does not implement PartiQL; use the item operations with expressions")
}

// invalid is a ValidationException.
func invalid(format string, args ...any) *sim.Error {
	return sim.Errorf("ValidationException", format, args...)
}

// invalidValue is a ValidationException in the words that AWS puts before many of them.
func invalidValue(format string, args ...any) *sim.Error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}
