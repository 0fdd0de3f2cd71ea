package dynamodb

import (
	"encoding/json"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// epoch is a time as the AWS JSON protocol writes it: seconds since 1970, with milliseconds.
type epoch struct{ time.Time }

// MarshalJSON writes seconds.
func (e epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(e.UnixMilli()) / 1000)
}

// UnmarshalJSON reads seconds.
func (e *epoch) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	e.Time = time.UnixMilli(int64(seconds*1000 + 0.5)).UTC()
	return nil
}

// when gives a time that is left out of JSON while it is zero.
func when(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	return &epoch{t}
}

// The shapes below are those of the API reference, with its names.
type (
	attributeDefinition struct {
		AttributeName string
		AttributeType string
	}
	keySchemaElement struct {
		AttributeName string
		KeyType       string
	}
	keySchema  []keySchemaElement
	projection struct {
		ProjectionType   string   `json:",omitempty"`
		NonKeyAttributes []string `json:",omitempty"`
	}
	throughput struct {
		ReadCapacityUnits  int64
		WriteCapacityUnits int64
	}
	onDemandThroughput struct {
		MaxReadRequestUnits  int64 `json:",omitempty"`
		MaxWriteRequestUnits int64 `json:",omitempty"`
	}
	warmThroughput struct {
		ReadUnitsPerSecond  int64
		WriteUnitsPerSecond int64
		Status              string `json:",omitempty"`
	}
	streamSpecification struct {
		StreamEnabled  bool
		StreamViewType string `json:",omitempty"`
	}
	sseSpecification struct {
		Enabled        *bool
		SSEType        string
		KMSMasterKeyID string `json:"KMSMasterKeyId"`
	}
	tag struct {
		Key   string
		Value string
	}
	// secondaryIndex is a definition of a local or a global index.
	secondaryIndex struct {
		IndexName             string
		KeySchema             keySchema
		Projection            *projection
		ProvisionedThroughput *throughput         `json:",omitempty"`
		OnDemandThroughput    *onDemandThroughput `json:",omitempty"`
	}
)

// definition is all that is known of a table beside its items. It is saved as it is.
type definition struct {
	Name       string
	ID         string
	Attributes []attributeDefinition
	KeySchema  keySchema
	Local      []indexDefinition `json:",omitempty"`
	Global     []indexDefinition `json:",omitempty"`

	CreatedAt time.Time
	ActiveAt  time.Time // CREATING or UPDATING before
	Updating  bool      // which of the two
	GoneAt    time.Time `json:",omitzero"` // DELETING before; zero while it is not deleted

	OnDemand      bool
	OnDemandSince time.Time           `json:",omitzero"`
	Throughput    provisioned         // zero when on demand
	MaxOnDemand   *onDemandThroughput `json:",omitempty"`
	Class         string              `json:",omitempty"`
	ClassSince    time.Time           `json:",omitzero"`
	Protected     bool
	Stream        *streamSpecification `json:",omitempty"`
	StreamLabel   string               `json:",omitempty"`
	KMSKey        string               `json:",omitempty"` // ARN; empty is AWS's own key
	Tags          map[string]string    `json:",omitempty"`
	TTL           timeToLive
	Recovery      recovery
	Insights      map[string]insights `json:",omitempty"` // by index name, empty for the table
}

// provisioned is a table's or index's capacity and when it changed.
type provisioned struct {
	Read, Write int64
	Increased   time.Time `json:",omitzero"`
	Decreased   time.Time `json:",omitzero"`
}

type indexDefinition struct {
	secondaryIndex
	Capacity provisioned
	ReadyAt  time.Time // CREATING before; for local indexes zero
	GoneAt   time.Time `json:",omitzero"` // DELETING before
}

// key gives the names of the hash and the range attribute; the second is empty when there is none.
func (k keySchema) key() (hash, sort string) {
	hash = k[0].AttributeName
	if len(k) > 1 {
		sort = k[1].AttributeName
	}
	return hash, sort
}

// kind is the declared type of a key attribute.
func (d *definition) kind(name string) item.Kind {
	for _, a := range d.Attributes {
		if a.AttributeName == name {
			return item.KindOf(a.AttributeType)
		}
	}
	return item.None
}
