// Package beside restores a table as it was at earlier instants beside itself, to look at it, and deletes these copies again.
//
// Promise: a copy is written down, on disk, before it is asked for, so that a process that was killed leaves nothing that the next one does not
// find. Nothing is deleted that was not made here: a copy's name holds a random number that was written down, and what DynamoDB says of it (its id, and
// where it was restored from) must be so. When an account has as many restores under way as AWS takes, the next one waits. One process at a time
// works on a table's past.
package beside

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// API is what restoring beside a table calls. *dynamodb.Client has it.
type API interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	RestoreTableToPointInTime(context.Context, *dynamodb.RestoreTableToPointInTimeInput, ...func(*dynamodb.Options)) (*dynamodb.RestoreTableToPointInTimeOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
}

// MaxRestores is how many restores an account may have under way in a region (Amazon DynamoDB Developer Guide, "Restore a table in DynamoDB").
const MaxRestores = 50

// Shortest is how long a restore takes at least, whatever the table's size; most take less than an hour (AWS knowledge centre, "How long does a
// point-in-time restore of a DynamoDB table take").
const Shortest = 20 * time.Minute

// Config is a table and where its copies are written down.
type Config struct {
	API   API
	Site  *plan.Site
	Table string
	Dir   string        // made if it is missing
	Poll  time.Duration // longest pause between looks at a copy; 0: 5 s
	Tell  func(string)
}

// Shelf is the copies of one table.
type Shelf struct {
	Config
	Source *types.TableDescription // the table itself

	held *os.File
	mu   sync.Mutex
	list record
}

// Open looks at the table and at what was written down of its copies. The Shelf must be closed.
func Open(ctx context.Context, c Config) (*Shelf, error) {
	out, err := c.API.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return nil, &step.Error{
			Class: step.Permanent, Site: c.Site.Name, What: "table " + c.Table + " is not there", Why: "The point-in-time recovery of a deleted table ended with it; what is left is its system backup",
			Next: `Bring it back with a scenario of the plan that has lost = "resources", or see: aws dynamodb list-backups`,
		}
	}
	if err != nil {
		return nil, awscloud.Explain(err, "table "+c.Table+" cannot be looked at", c.Site)
	}
	s := &Shelf{Config: c, Source: out.Table}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	if s.held, err = proc.OpenHeld(s.File("lock")); err != nil {
		if errors.Is(err, proc.ErrHeld) {
			err = &step.Error{Class: step.Permanent, What: "another process looks at the past of table " + c.Table, Err: err, Next: "Wait for it, or interrupt it"}
		}
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets other processes in.
func (s *Shelf) Close() error { return s.held.Close() }

// File is a file that belongs to the table, by its account and region.
func (s *Shelf) File(kind string) string {
	arn := strings.SplitN(aws.ToString(s.Source.TableArn), ":", 6)
	place := "somewhere"
	if len(arn) == 6 {
		place = arn[4] + "-" + arn[3]
	}
	return filepath.Join(s.Dir, place+"-"+s.Table+"."+kind)
}

// Restore gives a copy of the table as it was at a second, once it can be read. A copy that is there already is used.
func (s *Shelf) Restore(ctx context.Context, at time.Time) (Copy, error) {
	c, err := s.claim(at)
	if err != nil {
		return c, err
	}
	for w := s.waits(); ; {
		d, err := s.describe(ctx, c.Name)
		switch {
		case err != nil:
			return c, err
		case d == nil:
			err = s.ask(ctx, &c)
		case !s.made(d, c):
			return c, s.stranger(c.Name)
		case d.TableStatus == types.TableStatusActive:
			return c, nil
		}
		if err != nil {
			return c, err
		}
		if err := w.sleep(ctx); err != nil {
			return c, err
		}
	}
}

// ask asks for a copy. Without indexes it is cheaper and sooner there; on-demand, it is read at full speed. That the account has too many restores
// under way is no error: it is asked again. The SDK must not do that: it would slow every other call down.
func (s *Shelf) ask(ctx context.Context, c *Copy) error {
	out, err := s.API.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: &s.Table, TargetTableName: &c.Name, RestoreDateTime: &c.At, BillingModeOverride: types.BillingModePayPerRequest,
		GlobalSecondaryIndexOverride: []types.GlobalSecondaryIndex{}, LocalSecondaryIndexOverride: []types.LocalSecondaryIndex{},
	}, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	switch {
	case err == nil:
		c.ID = aws.ToString(out.TableDescription.TableId)
		return s.note(*c)
	case awscloud.Code(err) == "LimitExceededException":
		s.Tell(fmt.Sprintf("the account has as many restores under way as AWS takes (%d); the one of %s waits", MaxRestores, stamp(c.At)))
		return nil
	case load.Passing(err): // it is looked for, and asked for again
		return nil
	}
	return awscloud.Explain(err, "table "+s.Table+" cannot be restored as of "+stamp(c.At), s.Site)
}

// Delete deletes a copy, and waits for its restore to end first, because AWS deletes no table that is being made.
func (s *Shelf) Delete(ctx context.Context, c Copy) error {
	for w := s.waits(); ; {
		d, err := s.describe(ctx, c.Name)
		switch {
		case err != nil:
			return err
		case d == nil || d.TableStatus == types.TableStatusDeleting:
			return s.forget(c.Name)
		case !s.made(d, c):
			return s.stranger(c.Name)
		case d.TableStatus != types.TableStatusCreating:
			_, err := s.API.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &c.Name})
			if err == nil {
				return s.forget(c.Name)
			}
			if code := awscloud.Code(err); code != "ResourceInUseException" && code != "ResourceNotFoundException" {
				return awscloud.Explain(err, "the restored copy "+c.Name+" cannot be deleted", s.Site)
			}
		}
		if err := w.sleep(ctx); err != nil {
			return err
		}
	}
}

// Clear deletes every copy.
func (s *Shelf) Clear(ctx context.Context) error {
	left := s.Left()
	errs := make([]error, len(left))
	var group sync.WaitGroup
	for i, c := range left {
		group.Go(func() { errs[i] = s.Delete(ctx, c) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// made tells whether a table is a copy that was made here. While it is restored DynamoDB says from which table and as of when.
func (s *Shelf) made(d *types.TableDescription, c Copy) bool {
	if c.ID != "" && aws.ToString(d.TableId) != c.ID {
		return false
	}
	from := d.RestoreSummary
	return from == nil || aws.ToString(from.SourceTableArn) == aws.ToString(s.Source.TableArn) && aws.ToTime(from.RestoreDateTime).Truncate(time.Second).Equal(c.At)
}

func (s *Shelf) stranger(name string) error {
	return &step.Error{
		Class: step.Permanent, Site: s.Site.Name, What: "table " + name + " is not what this command made under that name", Why: "It is left alone",
		Next: fmt.Sprintf("Look at it; then delete %s", s.File("copies.json")),
	}
}

// describe gives a table; nil when there is none.
func (s *Shelf) describe(ctx context.Context, name string) (*types.TableDescription, error) {
	out, err := s.API.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		return nil, nil //nolint:nilnil // no table is an answer
	}
	if err != nil {
		return nil, awscloud.Explain(err, "table "+name+" cannot be looked at", s.Site)
	}
	return out.Table, nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
