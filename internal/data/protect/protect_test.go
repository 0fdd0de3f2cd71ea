package protect

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// An incremental export follows the last one where DynamoDB makes it; where it cannot, the chain begins anew, and a young copy is left alone.
func TestNext(t *testing.T) {
	t.Parallel()
	full := export.Export{Full: true, To: day(10)}
	long := []export.Export{full}
	for i := range longestChain {
		from := day(10).Add(time.Duration(i) * time.Hour)
		long = append(long, export.Export{From: from, To: from.Add(time.Hour)})
	}
	for name, tt := range map[string]struct {
		all              []export.Export
		full             bool
		earliest, latest time.Time
		want             string
	}{
		"nothing there":                 {nil, false, day(1), day(10), "FULL_EXPORT"},
		"a young copy":                  {[]export.Export{full}, false, day(1), day(10).Add(ShortestStep - time.Second), "fresh"},
		"15 minutes":                    {[]export.Export{full}, false, day(1), day(10).Add(ShortestStep), "INCREMENTAL_EXPORT"},
		"a day":                         {[]export.Export{full}, false, day(1), day(10).Add(LongestStep), "INCREMENTAL_EXPORT"},
		"more than a day":               {[]export.Export{full}, false, day(1), day(10).Add(LongestStep + time.Second), "FULL_EXPORT"},
		"asked for":                     {[]export.Export{full}, true, day(1), day(10).Add(time.Hour), "FULL_EXPORT"},
		"a long chain":                  {long, false, day(1), day(10).Add(40 * time.Hour), "FULL_EXPORT"},
		"recovery was off since":        {[]export.Export{full}, false, day(10).Add(time.Minute), day(10).Add(time.Hour), "FULL_EXPORT"},
		"an increment without its full": {[]export.Export{{From: day(9), To: day(10)}}, false, day(1), day(10).Add(time.Hour), "FULL_EXPORT"},
	} {
		got, b := "fresh", Config{Full: tt.full}.next(tt.all, tt.earliest, tt.latest)
		if b != nil {
			got = string(kind(b))
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if b != nil && (!b.To.Equal(tt.latest) || !b.Full && !b.From.Equal(day(10))) {
			t.Errorf("%s: from %v to %v", name, b.From, b.To)
		}
	}
}

// What AWS refuses is said with what to do, at the site where it is to be done.
func TestAdvice(t *testing.T) {
	t.Parallel()
	c := Config{Table: "orders", Vault: export.Bucket{Name: "vault"}, Owner: "222222222222", Home: &plan.Site{Name: "primary"}, To: &plan.Site{Name: "away"}}
	for name, tt := range map[string]struct {
		err        error
		site, want string
	}{
		"a bucket's policy":      {c.failed("S3AccessDenied", "Access Denied"), "away", "s3:PutObjectAcl"},
		"no bucket":              {c.failed("S3NoSuchBucket", "The specified bucket does not exist"), "away", "Make the bucket in account 222222222222"},
		"the bucket's key":       {c.failed("S3KMS.DisabledException", "the key is disabled"), "away", "kms:GenerateDataKey"},
		"recovery is off":        {c.refused(&types.PointInTimeRecoveryUnavailableException{}), "primary", "point_in_time_recovery { enabled = true }"},
		"a damaged file":         {c.unread(&export.DamagedError{File: "s3://vault/x", What: "it is missing"}), "away", "lifeboat protect --full"},
		"a vault that is silent": {c.unread(&smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}), "away", ""},
	} {
		e, ok := errors.AsType[*step.Error](tt.err)
		if !ok || e.Site != tt.site || !strings.Contains(e.Next, tt.want) {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
	if err := c.failed("Other", "who knows"); !strings.Contains(err.Error(), "Other: who knows") {
		t.Errorf("%v", err)
	}
}
