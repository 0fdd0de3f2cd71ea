package statebackend

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	// lockKey is the one attribute that Terraform's S3 backend locks by (Terraform, "Backend Type: s3", DynamoDB state locking).
	lockKey = "LockID"
	// The delays between two looks at a table, doubled from the first to the last.
	firstPoll = 50 * time.Millisecond
	lastPoll  = time.Second
)

// TableAPI are the operations on the lock table. *dynamodb.Client has them.
type TableAPI interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	UpdateContinuousBackups(context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateContinuousBackupsOutput, error)
}

var _ TableAPI = (*dynamodb.Client)(nil)

// table is the lock table as it should be. One that is there keeps its capacity, encryption and tags.
type table struct {
	api  TableAPI
	site *plan.Site
	name string
	tags map[string]string
	tell func(step.Progress)
}

var _ part = (*table)(nil)

func (t *table) differs(ctx context.Context) ([]string, error) {
	d, err := t.describe(ctx)
	switch {
	case err != nil:
		return nil, err
	case d == nil || d.TableStatus == types.TableStatusDeleting:
		return []string{"lock table " + t.name + " does not exist"}, nil
	case d.TableStatus != types.TableStatusActive:
		return []string{fmt.Sprintf("lock table %s is %s", t.name, d.TableStatus)}, nil
	}
	on, err := t.recoverable(ctx)
	if err != nil || on {
		return nil, err
	}
	return []string{"lock table " + t.name + " without point-in-time recovery"}, nil
}

func (t *table) ensure(ctx context.Context) ([]string, error) {
	var did []string
	created, err := t.active(ctx)
	if err != nil {
		return nil, err
	}
	if created {
		did = append(did, "lock table "+t.name+" created")
	}
	on, err := t.recoverable(ctx)
	if err != nil || on {
		return did, err
	}
	if err := t.recover(ctx); err != nil {
		return nil, err
	}
	return append(did, "point-in-time recovery of the lock table switched on"), nil
}

// describe gives the table, or nil when there is none. A table that Terraform cannot lock with is an error.
func (t *table) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := t.api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return nil, nil //nolint:nilnil // no table is an answer
	}
	if err != nil {
		return nil, awscloud.Explain(err, "lock table "+t.name+" cannot be looked at", t.site)
	}
	d := out.Table
	if len(d.KeySchema) != 1 || aws.ToString(d.KeySchema[0].AttributeName) != lockKey || attribute(d) != types.ScalarAttributeTypeS {
		return nil, &step.Error{
			Class: step.Permanent, Site: t.site.Name, What: "table " + t.name + " cannot hold Terraform's locks",
			Why: "Its key is not the one string attribute " + lockKey, Next: "Give terraform.state.lock_table the name of another table, or of none that exists",
		}
	}
	return d, nil
}

func attribute(d *types.TableDescription) types.ScalarAttributeType {
	for _, a := range d.AttributeDefinitions {
		if aws.ToString(a.AttributeName) == lockKey {
			return a.AttributeType
		}
	}
	return ""
}

// active waits until the table can be used, and creates it when there is none, or when an old one is gone at last.
func (t *table) active(ctx context.Context) (created bool, err error) {
	for delay := firstPoll; ; delay = min(2*delay, lastPoll) {
		d, err := t.describe(ctx)
		switch {
		case err != nil:
			return created, err
		case d == nil && created: // not every part of DynamoDB knows it yet
		case d == nil:
			if err := t.create(ctx); err != nil {
				return false, err
			}
			created = true
		case d.TableStatus == types.TableStatusActive:
			return created, nil
		default:
			t.tell(step.Progress{Message: fmt.Sprintf("lock table %s is %s", t.name, d.TableStatus)})
		}
		if err := clock.Sleep(ctx, delay); err != nil {
			return created, err
		}
	}
}

func (t *table) create(ctx context.Context) error {
	in := &dynamodb.CreateTableInput{
		TableName: &t.name, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(lockKey), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(lockKey), AttributeType: types.ScalarAttributeTypeS}},
	}
	for _, k := range slices.Sorted(maps.Keys(t.tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(t.tags[k])})
	}
	_, err := t.api.CreateTable(ctx, in)
	if err == nil || awscloud.Code(err) == "ResourceInUseException" { // our own request, whose first answer was lost
		return nil
	}
	return awscloud.Explain(err, "lock table "+t.name+" cannot be created", t.site)
}

func (t *table) recoverable(ctx context.Context) (bool, error) {
	out, err := t.api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.name})
	if awscloud.Code(err) == "TableNotFoundException" { // a new table, see active
		return false, nil
	}
	if err != nil {
		return false, awscloud.Explain(err, "point-in-time recovery of table "+t.name+" cannot be looked at", t.site)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	return p != nil && p.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled, nil
}

// recover switches point-in-time recovery on. A new table refuses it for some seconds.
func (t *table) recover(ctx context.Context) error {
	for delay := firstPoll; ; delay = min(2*delay, lastPoll) {
		_, err := t.api.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &t.name, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
		})
		switch awscloud.Code(err) {
		case "ContinuousBackupsUnavailableException", "TableNotFoundException":
			t.tell(step.Progress{Message: "lock table " + t.name + " is not ready for point-in-time recovery"})
			if err := clock.Sleep(ctx, delay); err != nil {
				return err
			}
		default:
			if err != nil {
				return awscloud.Explain(err, "point-in-time recovery of table "+t.name+" cannot be switched on", t.site)
			}
			return nil
		}
	}
}
