package beside

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Window is the seconds to which a table can be restored.
type Window struct {
	Earliest, Latest time.Time
	Rolling          bool // the earliest moves on with time: recovery has been on for as long as it keeps
}

// Window asks for the table's window.
func (s *Shelf) Window(ctx context.Context) (Window, error) {
	out, err := s.API.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &s.Table})
	if err != nil {
		return Window{}, awscloud.Explain(err, "the backups of table "+s.Table+" cannot be looked at", s.Site)
	}
	p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if p == nil || p.EarliestRestorableDateTime == nil || p.LatestRestorableDateTime == nil {
		return Window{}, &step.Error{
			Class: step.Permanent, Site: s.Site.Name, What: "point-in-time recovery of table " + s.Table + " is off", Why: "There is no earlier state to look at",
			Next: "Look for backups of the table (aws dynamodb list-backups); switch point-in-time recovery on for the future",
		}
	}
	w := Window{Earliest: p.EarliestRestorableDateTime.UTC().Add(time.Second - 1).Truncate(time.Second), Latest: p.LatestRestorableDateTime.UTC().Truncate(time.Second)}
	if days := aws.ToInt32(p.RecoveryPeriodInDays); days > 0 {
		w.Rolling = w.Latest.Sub(w.Earliest) > time.Duration(days)*24*time.Hour-time.Hour
	}
	return w, nil
}

// Check refuses an instant that cannot be reached, with the window.
func (s *Shelf) Check(w Window, at time.Time) error {
	if !at.Before(w.Earliest) && !at.After(w.Latest) {
		return nil
	}
	return &step.Error{
		Class: step.Permanent, Site: s.Site.Name, What: "table " + s.Table + " cannot be restored as of " + stamp(at) + ": it can be from " + stamp(w.Earliest) + " to " + stamp(w.Latest),
		Next: "Name an instant within this window",
	}
}

// What AWS charges in US East (N. Virginia), in dollars: per GB restored, and per million reads of 4 KB of an on-demand table (aws.amazon.com,
// "Amazon DynamoDB pricing", on-demand). Other regions have prices of their own, mostly higher.
const (
	perGB           = 0.15
	perMillionReads = 0.125
)

// Cost is about what restores of the table cost, in dollars, each read once as a whole if read is true. DynamoDB brings a table's size up to date
// every six hours.
func (s *Shelf) Cost(restores int, read bool) float64 {
	size := float64(aws.ToInt64(s.Source.TableSizeBytes))
	each := size / (1 << 30) * perGB
	if read {
		each += size / 4096 / 1e6 * perMillionReads
	}
	return float64(restores) * each
}
