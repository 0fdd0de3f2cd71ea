package dynamodb

import (
	"errors"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// fileEntry is a line of manifest-files.json ("The files manifest").
type fileEntry struct {
	ItemCount     int    `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	ETag          string `json:"etag"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// folder is where the manifests of an export are.
func (e *export) folder() string {
	return e.root() + e.ARN[strings.LastIndexByte(e.ARN, '/')+1:] + "/"
}

func (e *export) root() string {
	if e.In.S3Prefix == "" {
		return "AWSDynamoDB/"
	}
	return strings.TrimSuffix(e.In.S3Prefix, "/") + "/AWSDynamoDB/"
}

// dataKey is the key of a data file. Incremental exports share one folder.
func (e *export) dataKey(name string) string {
	suffix := ".json.gz"
	if e.In.ExportFormat == "ION" {
		suffix = ".ion.gz"
	}
	if e.From.IsZero() {
		return e.folder() + "data/" + name + suffix
	}
	return e.root() + "data/" + name + suffix
}

// bucket is where an export goes, on its caller's behalf.
type bucket struct {
	Buckets
	call *sim.Call
	in   *exportInput
}

func (b bucket) put(key string, data []byte) (etag string, err error) {
	header := map[string]string{"X-Amz-Server-Side-Encryption": "AES256"}
	if b.in.S3SseAlgorithm == "KMS" {
		header["X-Amz-Server-Side-Encryption"] = "aws:kms"
		if b.in.S3SseKmsKeyID != "" {
			header["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] = b.in.S3SseKmsKeyID
		}
	}
	return b.Put(b.call, b.in.S3BucketOwner, b.in.S3Bucket, key, data, header)
}

// putSummed stores a manifest and its MD5 sum beside it.
func (b bucket) putSummed(key string, data []byte) error {
	if _, err := b.put(key, data); err != nil {
		return err
	}
	_, err := b.put(strings.TrimSuffix(key, ".json")+".md5", []byte(md5Text(data)))
	return err
}

// failure is the FailureCode and FailureMessage of an export or import whose bucket gave an error.
func failure(err error) (code, message string) {
	s3, ok := errors.AsType[*sim.Error](err)
	switch {
	case !ok:
		return "InternalServerError", err.Error()
	case s3.Code == "InternalServerError": // ours
		return s3.Code, s3.Message
	case s3.Code == "NotFoundException": // of a key
		return "KmsNotFoundException", s3.Message
	default:
		return "S3" + s3.Code, s3.Message
	}
}
