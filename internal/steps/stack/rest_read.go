package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// maxState bounds a state that is read. A stack of 10,000 resources has about 50 MB.
const maxState = 512 << 20

// rest looks at the state. It is nil where nobody gave AWS's clients.
func (t *turn) rest(ctx context.Context) (*rest, error) {
	if t.Sites == nil {
		return nil, nil //nolint:nilnil // nothing to look with
	}
	c, err := t.Sites.At(ctx, t.call.Site)
	if err != nil {
		return nil, err
	}
	set := func(name string) string { s, _ := t.backend.Settings[name].(string); return s }
	r := &rest{bucket: set("bucket"), path: set("key"), table: set("dynamodb_table")}
	if w := t.backend.Workspace; w != "" && w != "default" {
		r.path = "env:/" + w + "/" + r.path
	}
	if err := r.readDigest(ctx, c.DynamoDB); err != nil {
		return nil, awscloud.Explain(err, "lock table "+r.table+" cannot be read", t.call.Site)
	}
	r.text, r.there, err = readObject(ctx, c.S3, r.bucket, r.path, nil)
	if err != nil {
		return nil, awscloud.Explain(err, "state "+r.String()+" cannot be read", t.call.Site)
	}
	if r.there {
		r.doc, r.bad = parseState(r.text)
	}
	return r, nil
}

// readObject reads an object, or one version of it.
func readObject(ctx context.Context, api *s3.Client, bucket, key string, version *string) (text []byte, there bool, err error) {
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: version})
	switch awscloud.Code(err) {
	case "NoSuchKey", "NoSuchBucket", "NotFound":
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer out.Body.Close() //nolint:errcheck // a body that was read to its end
	text, err = io.ReadAll(io.LimitReader(out.Body, maxState+1))
	if err == nil && len(text) > maxState {
		err = fmt.Errorf("it is larger than %d MB", maxState>>20)
	}
	return text, true, err
}

// readDigest reads the digest and the lock.
func (r *rest) readDigest(ctx context.Context, api *dynamodb.Client) error {
	if r.table == "" {
		return nil
	}
	for _, id := range []string{r.String() + "-md5", r.String()} {
		out, err := api.GetItem(ctx, &dynamodb.GetItemInput{TableName: &r.table, Key: lockID(id), ConsistentRead: aws.Bool(true)})
		if awscloud.Code(err) == "ResourceNotFoundException" {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := out.Item["Digest"].(*types.AttributeValueMemberS); ok {
			r.digest = s.Value
		}
		if s, ok := out.Item["Info"].(*types.AttributeValueMemberS); ok {
			r.lock = parseLock(s.Value)
		}
		if r.digest == "" {
			return nil // who holds the lock matters only to one that disagrees
		}
	}
	return nil
}

func lockID(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"LockID": &types.AttributeValueMemberS{Value: id}}
}

// parseLock reads the lock's information, as terraform writes it. What cannot be read has no name.
func parseLock(text string) *terraform.Lock {
	var info struct {
		ID        string    `json:"ID"`
		Path      string    `json:"Path"`
		Operation string    `json:"Operation"`
		Who       string    `json:"Who"`
		Created   time.Time `json:"Created"`
	}
	_ = json.Unmarshal([]byte(text), &info)
	return &terraform.Lock{ID: info.ID, Path: info.Path, Operation: info.Operation, Who: info.Who, Created: info.Created}
}
