package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// CatalogueSchema is the version of the catalogue's form.
const CatalogueSchema = "lifeboat.catalogue/v1"

// Catalogue is what a vault has of one table.
type Catalogue struct {
	Schema  string    `json:"schema"`
	Table   string    `json:"table"` // its name in DynamoDB
	ARN     string    `json:"arn"`   // where it was exported from
	Keys    []string  `json:"keys"`  // its key attributes, partition key first
	Updated time.Time `json:"updated"`
	Exports []Export  `json:"exports"` // the oldest first
	// Dropping are exports whose objects are being deleted: a deletion that was killed goes on from here.
	Dropping []Export `json:"dropping,omitempty"`
	// Begun is the export that DynamoDB was asked for last and that is not in the list yet: whoever comes after a kill goes on with it.
	Begun *Begun `json:"begun,omitempty"`
}

// Begun is an export that was asked for. It is written down before that.
type Begun struct {
	Token string    `json:"token"` // by which DynamoDB knows it
	Full  bool      `json:"full"`
	From  time.Time `json:"from,omitzero"` // of an incremental one
	To    time.Time `json:"to"`
	At    time.Time `json:"at"` // when it was asked for
}

// Writer keeps catalogues. *s3.Client is one.
type Writer interface {
	Store
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Place is where a table's exports are in a vault: APPLICATION/SITE/TABLE. Names of tables hold no slash.
func Place(application, site, table string) string {
	return strings.Join([]string{"lifeboat", application, site, table}, "/")
}

func catalogueKey(place string) string { return place + "/catalogue.json" }

// Catalogue reads the catalogue of a place. Where nothing was exported yet it is empty.
func (b Bucket) Catalogue(ctx context.Context, place string) (Catalogue, error) {
	c := Catalogue{Schema: CatalogueSchema}
	text, err := b.small(ctx, catalogueKey(place), maxManifest)
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return c, nil
	}
	if err == nil {
		err = b.parse(catalogueKey(place), text, &c)
	}
	if err == nil && c.Schema != CatalogueSchema {
		err = fmt.Errorf("%s has the form %q; this version reads %q", b.url(catalogueKey(place)), c.Schema, CatalogueSchema)
	}
	return c, err
}

// Keep writes the catalogue of a place.
func (b Bucket) Keep(ctx context.Context, w Writer, place string, c Catalogue) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: aws.String(catalogueKey(place)), Body: bytes.NewReader(text), ContentType: aws.String("application/json")})
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", b.url(catalogueKey(place)), err)
	}
	return nil
}
