package stack

import (
	"crypto/md5" //nolint:gosec // the digest that Terraform's S3 backend keeps is an MD5
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// rest is a stack's state at rest, and what the lock table knows of it, looked at without Terraform. The names are those of Terraform's S3
// backend (Terraform, "Backend Type: s3"; the digest item is in internal/backend/remote-state/s3/client.go).
type rest struct {
	bucket, path, table string
	there               bool
	text                []byte
	doc                 stateDoc
	bad                 error  // why the text is no state
	digest              string // hex MD5 that the lock table has; empty: none
	lock                *terraform.Lock
}

// stateDoc is what is read of a state, version 4.
type stateDoc struct {
	Version   int             `json:"version"`
	Serial    int64           `json:"serial"`
	Lineage   string          `json:"lineage"`
	Encrypted json.RawMessage `json:"encrypted_data"` // OpenTofu's state encryption
	Resources []struct {
		Module    string `json:"module"`
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			IndexKey   any             `json:"index_key"`
			Attributes json.RawMessage `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
}

func parseState(text []byte) (stateDoc, error) {
	var doc stateDoc
	if err := json.Unmarshal(text, &doc); err != nil {
		return doc, errors.New("it is not JSON to its end")
	}
	if doc.Version != 4 && doc.Encrypted == nil {
		return doc, fmt.Errorf("its version is %d, not 4", doc.Version)
	}
	return doc, nil
}

func (r *rest) String() string { return r.bucket + "/" + r.path }

// agrees tells whether Terraform will take the state: the lock table has no digest, or that of the state that is there.
func (r *rest) agrees() bool { return r.digest == "" || r.there && r.digest == sum(r.text) }

func sum(text []byte) string {
	d := md5.Sum(text) //nolint:gosec // see above
	return hex.EncodeToString(d[:])
}
