package dynamodb

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// summary is manifest-summary.json ("The summary manifest").
type summary struct {
	Version            string  `json:"version"`
	ExportArn          string  `json:"exportArn"`
	StartTime          string  `json:"startTime"`
	EndTime            string  `json:"endTime"`
	TableArn           string  `json:"tableArn"`
	TableID            string  `json:"tableId"`
	ExportTime         string  `json:"exportTime,omitempty"`
	ExportFromTime     string  `json:"exportFromTime,omitempty"`
	ExportToTime       string  `json:"exportToTime,omitempty"`
	S3Bucket           string  `json:"s3Bucket"`
	S3Prefix           *string `json:"s3Prefix"`
	S3SseAlgorithm     string  `json:"s3SseAlgorithm"`
	S3SseKmsKeyID      *string `json:"s3SseKmsKeyId"`
	ManifestFilesS3Key string  `json:"manifestFilesS3Key"`
	BilledSizeBytes    int     `json:"billedSizeBytes"`
	ItemCount          int     `json:"itemCount"`
	OutputFormat       string  `json:"outputFormat"`
	OutputView         string  `json:"outputView,omitempty"`
	ExportType         string  `json:"exportType,omitempty"`
}

// beginExport tries the bucket with the file that says so ("_started"); what is wrong with it shows in the export, not here. The rest
// is written when the export is due.
func (s *Service) beginExport(r *region, e *export) {
	to := bucket{s.buckets, &sim.Call{Scope: scopeOf(e.ARN), CallerARN: e.Caller, Service: "dynamodb"}, &e.In}
	_, err := to.put(e.folder()+"_started", nil)
	if f := s.keyFault(scopeOf(e.ARN), e.In.S3SseKmsKeyID); err == nil && f != nil {
		err = f
	}
	if err != nil {
		e.fail(err, s.world.Now())
		return
	}
	s.jobs.add(e.DueAt, func() { s.finishExport(to, r, e) })
}

func (s *Service) finishExport(to bucket, r *region, e *export) {
	var items int
	err := error(sim.Errorf("InternalServerError", "the region was lost before the export was done"))
	if !s.lostBefore(to.call.Scope, e.DueAt) {
		items, err = e.write(to)
	}
	now := s.world.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		e.fail(err, now)
		return
	}
	e.content, e.Status, e.EndedAt, e.Items = nil, "COMPLETED", now, items
}

func (e *export) fail(err error, now time.Time) {
	e.content, e.Status, e.EndedAt = nil, "FAILED", now
	e.Code, e.Message = failure(err)
}

// write writes the data files and then, when all are there, the manifests. It counts the items.
func (e *export) write(to bucket) (items int, err error) {
	line := appendJSON
	if e.In.ExportFormat == "ION" {
		line = appendIon
	}
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	var entries bytes.Buffer
	enc := json.NewEncoder(&entries)
	for n, name := range e.Files {
		data, lines, err := e.content.pack(z, n, line)
		if err != nil {
			return 0, err
		}
		key := e.dataKey(name)
		etag, err := to.put(key, data)
		if err != nil {
			return 0, err
		}
		items += lines
		if err := enc.Encode(fileEntry{lines, md5Text(data), etag, key}); err != nil {
			return 0, err
		}
	}
	files := e.folder() + "manifest-files.json"
	if err := to.putSummed(files, entries.Bytes()); err != nil {
		return 0, err
	}
	b, err := json.Marshal(e.summary(files, items))
	if err != nil {
		return 0, err
	}
	return items, to.putSummed(e.folder()+"manifest-summary.json", b)
}

func (e *export) summary(files string, items int) summary {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	out := summary{
		Version: "2020-06-30", ExportArn: e.ARN, StartTime: text(e.StartedAt), EndTime: text(e.DueAt), TableArn: e.In.TableArn, TableID: e.TableID,
		ExportTime: text(e.At), ExportFromTime: text(e.From), ExportToTime: text(e.To), S3Bucket: e.In.S3Bucket, S3SseAlgorithm: e.In.S3SseAlgorithm,
		ManifestFilesS3Key: files, BilledSizeBytes: e.Billed, ItemCount: items, OutputFormat: e.In.ExportFormat,
	}
	if e.In.S3Prefix != "" {
		out.S3Prefix = &e.In.S3Prefix
	}
	if e.In.S3SseKmsKeyID != "" {
		out.S3SseKmsKeyID = &e.In.S3SseKmsKeyID
	}
	if p := e.In.IncrementalExportSpecification; p != nil {
		out.Version, out.OutputView, out.ExportType = "2023-08-01", p.ExportViewType, e.In.ExportType
	}
	return out
}
