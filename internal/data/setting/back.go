package setting

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// Writer is what putting settings back calls. *dynamodb.Client has it.
type Writer interface {
	UpdateTable(context.Context, *dynamodb.UpdateTableInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
	UpdateContinuousBackups(context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateContinuousBackupsOutput, error)
	TagResource(context.Context, *dynamodb.TagResourceInput, ...func(*dynamodb.Options)) (*dynamodb.TagResourceOutput, error)
	UpdateContributorInsights(context.Context, *dynamodb.UpdateContributorInsightsInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateContributorInsightsOutput, error)
	PutResourcePolicy(context.Context, *dynamodb.PutResourcePolicyInput, ...func(*dynamodb.Options)) (*dynamodb.PutResourcePolicyOutput, error)
}

// Target is a table that settings are put back to.
type Target struct {
	API  Writer   // nil: nothing is done, and Result says what would be
	Live Settings // as the table is now
	// Made tells that Terraform made the table: what its code can leave to nobody (tags, stream, deletion protection, class) is its, and a
	// difference is told and left. Else a stack adopts the table afterwards, and its apply has the last word about all that its code says.
	Made bool
	// Ready waits until the table can be updated again.
	Ready func(context.Context) error
}

// Result says what became of the settings that the target lacked.
type Result struct {
	Done []string // put back
	Left []string // not put back, and why
}

// Back gives a table the settings that were recorded and that it lacks. What it has besides stays. An error is one that another try may
// get over; what AWS refuses is in Result.Left.
func (s Settings) Back(ctx context.Context, t Target) (Result, error) {
	b := &back{Target: t, was: s}
	for _, part := range []struct {
		name string // as Read has it; empty: DescribeTable tells
		put  func(*back, context.Context) error
	}{
		{"", (*back).class},
		{"", (*back).stream},
		{ttl, (*back).ttl},
		{tags, (*back).tags},
		{policy, (*back).policy},
		{insights, (*back).insights},
		{recovery, (*back).recovery},
		{"", (*back).protection},
	} {
		if t.Live.denied[part.name] {
			continue
		}
		if err := part.put(b, ctx); err != nil {
			return b.Result, err
		}
	}
	if s.KMSKey != "" && t.Live.KMSKey == "" {
		b.leave("the encryption with key "+s.KMSKey, "see that the stack's code sets a key of this site")
	}
	for _, k := range s.Kinesis {
		if !slices.Contains(t.Live.Kinesis, k) {
			b.leave("the changes that went to Kinesis stream "+k, "see that the stack's code sets a destination, or enable it")
		}
	}
	if s.Billing == types.BillingModeProvisioned && !t.Made { // it belongs to another service, under the table's name
		b.leave("auto scaling", "nobody looked whether the table had any; see whether the stack's code sets it, or aws application-autoscaling describe-scaling-policies --service-namespace dynamodb --resource-id table/"+s.Table)
	}
	for _, u := range s.Unknown {
		b.leave(u, "it could not be read when the settings were recorded")
	}
	for _, u := range t.Live.Unknown {
		b.leave(u, "it could not be read whether the table has it, and was left as it is")
	}
	return b.Result, nil
}

type back struct {
	Target
	Result
	was Settings
}

func (b *back) leave(what, why string) { b.Left = append(b.Left, what+": "+why) }

// put makes one change and notes it. What AWS says no to is left; other errors may pass.
func (b *back) put(ctx context.Context, what string, call func() error) error {
	var err error
	if b.API != nil {
		err = call()
	}
	if err == nil {
		b.Done = append(b.Done, what)
		return nil
	}
	var refused smithy.APIError
	switch {
	case ctx.Err() != nil || awscloud.Code(err) != "ValidationException" || !errors.As(err, &refused):
		return fmt.Errorf("put back %s: %w", what, err)
	case strings.Contains(refused.ErrorMessage(), "already"): // an answer was lost, and the call made again
		b.Done = append(b.Done, what)
	default:
		b.leave(what, refused.ErrorMessage())
	}
	return nil
}

const ofCode = "Terraform made the table without it"

// update changes the table itself, one thing at a time, as UpdateTable wants it.
func (b *back) update(ctx context.Context, what string, in dynamodb.UpdateTableInput) error {
	if b.Made {
		b.leave(what, ofCode)
		return nil
	}
	in.TableName = &b.Live.Table
	err := b.put(ctx, what, func() error { _, err := b.API.UpdateTable(ctx, &in); return err })
	if err != nil || b.API == nil {
		return err
	}
	return b.Ready(ctx)
}

func (b *back) class(ctx context.Context) error {
	if b.was.Class == "" || b.was.Class == b.Live.Class {
		return nil
	}
	return b.update(ctx, "table class "+string(b.was.Class), dynamodb.UpdateTableInput{TableClass: b.was.Class})
}

func (b *back) stream(ctx context.Context) error {
	if b.was.Stream == "" || b.Live.Stream != "" {
		return nil
	}
	return b.update(ctx, "stream "+string(b.was.Stream), dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: b.was.Stream}})
}

// protection comes last, for a table that is protected is one that is finished.
func (b *back) protection(ctx context.Context) error {
	if !b.was.Protected || b.Live.Protected {
		return nil
	}
	return b.update(ctx, "deletion protection", dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)})
}

func (b *back) ttl(ctx context.Context) error {
	if b.was.TTL == "" || b.Live.TTL != "" {
		return nil
	}
	return b.put(ctx, "time to live on "+b.was.TTL, func() error {
		_, err := b.API.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName: &b.Live.Table, TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: &b.was.TTL},
		})
		return err
	})
}

func (b *back) recovery(ctx context.Context) error {
	if !b.was.Recovery || b.Live.Recovery {
		return nil
	}
	in := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
	what := "point-in-time recovery"
	if b.was.Days > 0 {
		in.RecoveryPeriodInDays, what = &b.was.Days, fmt.Sprintf("point-in-time recovery over %d days", b.was.Days)
	}
	return b.put(ctx, what, func() error {
		_, err := b.API.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &b.Live.Table, PointInTimeRecoverySpecification: in})
		return err
	})
}

func (b *back) tags(ctx context.Context) error {
	var missing []types.Tag
	var names []string
	for _, k := range slices.Sorted(maps.Keys(b.was.Tags)) {
		if _, there := b.Live.Tags[k]; !there {
			names = append(names, k)
			missing = append(missing, types.Tag{Key: aws.String(k), Value: aws.String(b.was.Tags[k])})
		}
	}
	switch {
	case len(missing) == 0:
		return nil
	case b.Made:
		for _, k := range names {
			b.leave("tag "+k, ofCode)
		}
		return nil
	}
	return b.put(ctx, "tags "+strings.Join(names, ", "), func() error {
		_, err := b.API.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: &b.Live.ARN, Tags: missing})
		return err
	})
}

func (b *back) insights(ctx context.Context) error {
	for _, index := range slices.Sorted(maps.Keys(b.was.Insights)) {
		if _, there := b.Live.Insights[index]; there {
			continue
		}
		in, what := &dynamodb.UpdateContributorInsightsInput{
			TableName: &b.Live.Table, ContributorInsightsAction: types.ContributorInsightsActionEnable, ContributorInsightsMode: b.was.Insights[index],
		}, "contributor insights"
		if index != "" {
			in.IndexName, what = &index, what+" of index "+index
		}
		if err := b.put(ctx, what, func() error { _, err := b.API.UpdateContributorInsights(ctx, in); return err }); err != nil {
			return err
		}
	}
	return nil
}

// policy names tables and principals: at another site it means something else. Beside the old table it means the new one.
func (b *back) policy(ctx context.Context) error {
	text := b.was.Policy
	switch {
	case text == "" || b.Live.Policy != "":
		return nil
	case path.Dir(b.was.ARN) != path.Dir(b.Live.ARN):
		b.leave("the resource policy", "it names "+b.was.ARN+"; the vault has it in settings.json")
		return nil
	case b.was.ARN != b.Live.ARN:
		text = readdress(text, b.was.ARN, b.Live.ARN)
	}
	return b.put(ctx, "resource policy", func() error {
		_, err := b.API.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: &b.Live.ARN, Policy: &text})
		return err
	})
}

// readdress puts a table's ARN in another's place, and leaves tables alone whose name only begins with that one's.
func readdress(policy, from, to string) string {
	return regexp.MustCompile(regexp.QuoteMeta(from)+`([^A-Za-z0-9_.-]|$)`).ReplaceAllString(policy, strings.ReplaceAll(to, "$", "$$")+"${1}")
}

// Preview says what Back would do to a table that is now as live is, and does nothing.
func (s Settings) Preview(ctx context.Context, live Settings) (Result, error) {
	return s.Back(ctx, Target{Live: live})
}
