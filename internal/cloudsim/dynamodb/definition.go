package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// The shapes below are those of the API reference, with its names.
type (
	attributeDefinition struct {
		AttributeName string `json:"AttributeName"`
		AttributeType string `json:"AttributeType"`
	}
	keySchemaElement struct {
		AttributeName string `json:"AttributeName"`
		KeyType       string `json:"KeyType"`
	}
	keySchema  []keySchemaElement
	projection struct {
		ProjectionType   string   `json:"ProjectionType,omitempty"`
		NonKeyAttributes []string `json:"NonKeyAttributes,omitempty"`
	}
	throughput struct {
		ReadCapacityUnits  int64 `json:"ReadCapacityUnits"`
		WriteCapacityUnits int64 `json:"WriteCapacityUnits"`
	}
	onDemandThroughput struct {
		MaxReadRequestUnits  int64 `json:"MaxReadRequestUnits,omitempty"`
		MaxWriteRequestUnits int64 `json:"MaxWriteRequestUnits,omitempty"`
	}
	warmThroughput struct {
		ReadUnitsPerSecond  int64  `json:"ReadUnitsPerSecond"`
		WriteUnitsPerSecond int64  `json:"WriteUnitsPerSecond"`
		Status              string `json:"Status,omitempty"`
	}
	streamSpecification struct {
		StreamEnabled  bool   `json:"StreamEnabled"`
		StreamViewType string `json:"StreamViewType,omitempty"`
	}
	sseSpecification struct {
		Enabled        *bool  `json:"Enabled"`
		SSEType        string `json:"SSEType"`
		KMSMasterKeyID string `json:"KMSMasterKeyId"`
	}
	tag struct {
		Key   string `json:"Key"`
		Value string `json:"Value"`
	}
	// secondaryIndex is a definition of a local or a global index.
	secondaryIndex struct {
		IndexName             string              `json:"IndexName"`
		KeySchema             keySchema           `json:"KeySchema"`
		Projection            *projection         `json:"Projection"`
		ProvisionedThroughput *throughput         `json:"ProvisionedThroughput,omitempty"`
		OnDemandThroughput    *onDemandThroughput `json:"OnDemandThroughput,omitempty"`
	}
)

// definition is all that is known of a table beside its items. It is saved as it is.
type definition struct {
	Name       string                `json:"name"`
	ID         string                `json:"id"`
	Attributes []attributeDefinition `json:"attributes"`
	KeySchema  keySchema             `json:"keySchema"`
	Local      []indexDefinition     `json:"local,omitempty"`
	Global     []indexDefinition     `json:"global,omitempty"`

	CreatedAt time.Time `json:"createdAt"`
	ActiveAt  time.Time `json:"activeAt"`        // CREATING or UPDATING before
	Updating  bool      `json:"updating"`        // which of the two
	GoneAt    time.Time `json:"goneAt,omitzero"` // DELETING before; zero while it is not deleted

	OnDemand      bool                 `json:"onDemand"`
	OnDemandSince time.Time            `json:"onDemandSince,omitzero"`
	Throughput    provisioned          `json:"throughput"` // zero when on demand
	MaxOnDemand   *onDemandThroughput  `json:"maxOnDemand,omitempty"`
	Class         string               `json:"class,omitempty"`
	ClassSince    time.Time            `json:"classSince,omitzero"`
	Protected     bool                 `json:"protected"`
	Stream        *streamSpecification `json:"stream,omitempty"`
	StreamLabel   string               `json:"streamLabel,omitempty"`
	KMSKey        string               `json:"kmsKey,omitempty"` // ARN; empty is AWS's own key
	Tags          map[string]string    `json:"tags,omitempty"`
	TTL           timeToLive           `json:"ttl"`
	Recovery      recovery             `json:"recovery"`
	Loading       bool                 `json:"loading,omitempty"`  // an import is reading its items; CREATING
	Origin        *origin              `json:"origin,omitempty"`   // when it was restored
	Insights      map[string]insights  `json:"insights,omitempty"` // by index name, empty for the table
}

// provisioned is a table's or index's capacity and when it changed.
type provisioned struct {
	Read      int64     `json:"read"`
	Write     int64     `json:"write"`
	Increased time.Time `json:"increased,omitzero"`
	Decreased time.Time `json:"decreased,omitzero"`
}

type indexDefinition struct {
	secondaryIndex
	Capacity provisioned `json:"capacity"`
	ReadyAt  time.Time   `json:"readyAt"`         // CREATING before; for local indexes zero
	GoneAt   time.Time   `json:"goneAt,omitzero"` // DELETING before
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
