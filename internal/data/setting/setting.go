// Package setting records what a DynamoDB table is besides its items, and puts back what a recovery dropped.
//
// Promise: a restore and an import make a table without tags, time to live, point-in-time recovery, stream, deletion protection and resource
// policy (Amazon DynamoDB API Reference, "RestoreTableToPointInTime"); what was recorded comes back, each thing named, and what cannot be
// put back is named too. What could not be read when it was recorded is said to be unknown, and never taken for "off".
package setting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// Schema is the version of the form of Settings.
const Schema = "lifeboat.settings/v1"

// Settings are a table without its items. What is a type of the SDK stands in AWS's own words.
type Settings struct {
	Schema     string                       `json:"schema"`
	Table      string                       `json:"table"`
	ARN        string                       `json:"arn"`
	Taken      time.Time                    `json:"taken"`
	Keys       []types.KeySchemaElement     `json:"keys"`
	Attributes []types.AttributeDefinition  `json:"attributes"`
	Billing    types.BillingMode            `json:"billing"`
	Throughput *types.ProvisionedThroughput `json:"throughput,omitempty"`
	OnDemand   *types.OnDemandThroughput    `json:"on_demand,omitempty"`
	Global     []types.GlobalSecondaryIndex `json:"global_indexes,omitempty"`
	Local      []string                     `json:"local_indexes,omitempty"` // their names
	Class      types.TableClass             `json:"class"`
	KMSKey     string                       `json:"kms_key,omitempty"` // ARN; empty: the key that DynamoDB owns
	Stream     types.StreamViewType         `json:"stream,omitempty"`  // empty: off
	Protected  bool                         `json:"deletion_protection"`
	TTL        string                       `json:"ttl,omitempty"` // attribute; empty: off
	Recovery   bool                         `json:"point_in_time_recovery"`
	Days       int32                        `json:"recovery_days,omitempty"` // that point-in-time recovery reaches back
	Tags       map[string]string            `json:"tags,omitempty"`
	Policy     string                       `json:"policy,omitempty"`  // of the resource, JSON
	Kinesis    []string                     `json:"kinesis,omitempty"` // ARNs of streams that its changes go to
	// Insights are what contributor insights are on for: an index, or the table itself, which is an empty name.
	Insights map[string]types.ContributorInsightsMode `json:"contributor_insights,omitempty"`
	Unknown  []string                                 `json:"unknown,omitempty"` // what could not be read, and why

	failed error
	denied map[string]bool // parts of Unknown that the caller may not read
}

// Err is the first failure to read a part of the settings that is no refusal; nil: all of them are known, or listed in Unknown because the caller may not
// read them, which is no reason to leave a table without the rest.
func (s Settings) Err() error { return s.failed }

// Reader is what reading settings calls. *dynamodb.Client has it.
type Reader interface {
	Describer
	ListTagsOfResource(context.Context, *dynamodb.ListTagsOfResourceInput, ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error)
	GetResourcePolicy(context.Context, *dynamodb.GetResourcePolicyInput, ...func(*dynamodb.Options)) (*dynamodb.GetResourcePolicyOutput, error)
}

// Describer describes a table and what belongs to it.
type Describer interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	DescribeContributorInsights(context.Context, *dynamodb.DescribeContributorInsightsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContributorInsightsOutput, error)
	DescribeKinesisStreamingDestination(context.Context, *dynamodb.DescribeKinesisStreamingDestinationInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeKinesisStreamingDestinationOutput, error)
}

// The parts of settings that calls of their own tell.
const (
	ttl      = "time to live"
	recovery = "point-in-time recovery"
	tags     = "tags"
	policy   = "resource policy"
	insights = "contributor insights"
)

// Read gives the settings of a table as they are. Only a table that cannot be described is an error.
func Read(ctx context.Context, api Reader, table string, now time.Time) (Settings, error) {
	out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return Settings{}, err
	}
	s := described(out.Table)
	s.Taken = now
	for _, part := range []struct {
		name string
		read func(context.Context, Reader) error
	}{
		{ttl, s.readTTL},
		{recovery, s.readRecovery},
		{tags, s.readTags},
		{policy, s.readPolicy},
		{"Kinesis streams", s.readKinesis},
		{insights, s.readInsights},
	} {
		if err := part.read(ctx, api); err != nil {
			if ctx.Err() != nil {
				return Settings{}, ctx.Err()
			}
			s.unread(part.name, err)
		}
	}
	return *s, nil
}

// unread notes a part that could not be read.
func (s *Settings) unread(name string, err error) {
	why := cmp.Or(awscloud.Code(err), "no answer")
	if !awscloud.Denied(err) {
		s.failed = cmp.Or(s.failed, err)
	} else {
		if s.denied == nil {
			s.denied = map[string]bool{}
		}
		if s.denied[name] = true; awscloud.Action(err) != "" {
			why += ": allow " + awscloud.Action(err)
		}
	}
	s.Unknown = append(s.Unknown, fmt.Sprintf("%s (%s)", name, why))
}

// described takes what DescribeTable tells.
func described(t *types.TableDescription) *Settings {
	s := &Settings{
		Schema: Schema, Table: aws.ToString(t.TableName), ARN: aws.ToString(t.TableArn), Keys: t.KeySchema, Attributes: t.AttributeDefinitions,
		Billing: types.BillingModeProvisioned, Class: types.TableClassStandard, Protected: aws.ToBool(t.DeletionProtectionEnabled),
	}
	if b := t.BillingModeSummary; b != nil && b.BillingMode != "" {
		s.Billing = b.BillingMode
	}
	if s.Billing == types.BillingModeProvisioned {
		s.Throughput = provisioned(t.ProvisionedThroughput)
	} else {
		s.OnDemand = t.OnDemandThroughput
	}
	if c := t.TableClassSummary; c != nil && c.TableClass != "" {
		s.Class = c.TableClass
	}
	if e := t.SSEDescription; e != nil && e.Status == types.SSEStatusEnabled {
		s.KMSKey = aws.ToString(e.KMSMasterKeyArn)
	}
	if x := t.StreamSpecification; x != nil && aws.ToBool(x.StreamEnabled) {
		s.Stream = x.StreamViewType
	}
	for _, g := range t.GlobalSecondaryIndexes {
		x := types.GlobalSecondaryIndex{IndexName: g.IndexName, KeySchema: g.KeySchema, Projection: g.Projection}
		if s.Billing == types.BillingModeProvisioned {
			x.ProvisionedThroughput = provisioned(g.ProvisionedThroughput)
		} else {
			x.OnDemandThroughput = g.OnDemandThroughput
		}
		s.Global = append(s.Global, x)
	}
	for _, l := range t.LocalSecondaryIndexes {
		s.Local = append(s.Local, aws.ToString(l.IndexName))
	}
	return s
}

func provisioned(p *types.ProvisionedThroughputDescription) *types.ProvisionedThroughput {
	if p == nil {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: p.ReadCapacityUnits, WriteCapacityUnits: p.WriteCapacityUnits}
}

func (s *Settings) readTTL(ctx context.Context, api Reader) error {
	out, err := api.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &s.Table})
	if err != nil {
		return err
	}
	if d := out.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		s.TTL = aws.ToString(d.AttributeName)
	}
	return nil
}

func (s *Settings) readRecovery(ctx context.Context, api Reader) error {
	out, err := api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &s.Table})
	if err != nil {
		return err
	}
	if p := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription; p != nil && p.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled {
		s.Recovery, s.Days = true, aws.ToInt32(p.RecoveryPeriodInDays)
	}
	return nil
}

func (s *Settings) readTags(ctx context.Context, api Reader) error {
	s.Tags = map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: &s.ARN}
	for {
		out, err := api.ListTagsOfResource(ctx, in)
		if err != nil {
			return err
		}
		for _, t := range out.Tags {
			if !strings.HasPrefix(aws.ToString(t.Key), "aws:") { // AWS's own; nobody else can write them
				s.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}

func (s *Settings) readPolicy(ctx context.Context, api Reader) error {
	out, err := api.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: &s.ARN})
	switch {
	case awscloud.Code(err) == "PolicyNotFoundException":
		return nil
	case err != nil:
		return err
	}
	s.Policy = aws.ToString(out.Policy)
	return nil
}

func (s *Settings) readKinesis(ctx context.Context, api Reader) error {
	out, err := api.DescribeKinesisStreamingDestination(ctx, &dynamodb.DescribeKinesisStreamingDestinationInput{TableName: &s.Table})
	if err != nil {
		return err
	}
	for _, d := range out.KinesisDataStreamDestinations {
		if d.DestinationStatus == types.DestinationStatusActive || d.DestinationStatus == types.DestinationStatusEnabling {
			s.Kinesis = append(s.Kinesis, aws.ToString(d.StreamArn))
		}
	}
	slices.Sort(s.Kinesis)
	return nil
}

func (s *Settings) readInsights(ctx context.Context, api Reader) error {
	indexes := []string{""}
	for _, g := range s.Global {
		indexes = append(indexes, aws.ToString(g.IndexName))
	}
	for _, index := range indexes {
		in := &dynamodb.DescribeContributorInsightsInput{TableName: &s.Table}
		if index != "" {
			in.IndexName = &index
		}
		out, err := api.DescribeContributorInsights(ctx, in)
		if err != nil {
			return err
		}
		if out.ContributorInsightsStatus == types.ContributorInsightsStatusEnabled || out.ContributorInsightsStatus == types.ContributorInsightsStatusEnabling {
			if s.Insights == nil {
				s.Insights = map[string]types.ContributorInsightsMode{}
			}
			s.Insights[index] = out.ContributorInsightsMode
		}
	}
	return nil
}

func key(place string) string { return place + "/settings.json" }

// Keep writes the settings beside a vault's catalogue.
func (s Settings) Keep(ctx context.Context, b export.Bucket, w export.Writer, place string) error {
	return b.KeepDocument(ctx, w, key(place), s)
}

// Open reads the settings beside a vault's catalogue. Nil: a Lifeboat that did not record them wrote the catalogue.
func Open(ctx context.Context, b export.Bucket, place string) (*Settings, error) {
	s := &Settings{}
	there, err := b.Document(ctx, key(place), s)
	switch {
	case err != nil:
		return nil, err
	case !there:
		return nil, nil //nolint:nilnil // no settings is an answer
	case s.Schema != Schema:
		return nil, fmt.Errorf("the settings of table %s in the vault have the form %q; this version reads %q", s.Table, s.Schema, Schema)
	}
	return s, nil
}
