package dynamodb

import "time"

type backupDetails struct {
	BackupArn              string
	BackupName             string
	BackupSizeBytes        int
	BackupStatus           string
	BackupType             string
	BackupCreationDateTime epoch
	BackupExpiryDateTime   *epoch `json:",omitempty"`
}

type backupSummary struct {
	backupDetails
	TableArn  string
	TableId   string
	TableName string
}

type sourceTableDetails struct {
	TableName             string
	TableId               string
	TableArn              string
	TableSizeBytes        int
	KeySchema             keySchema
	TableCreationDateTime epoch
	ProvisionedThroughput throughput
	OnDemandThroughput    *onDemandThroughput `json:",omitempty"`
	ItemCount             int
	BillingMode           string
}

type sourceTableFeatures struct {
	LocalSecondaryIndexes  []secondaryIndex       `json:",omitempty"`
	GlobalSecondaryIndexes []secondaryIndex       `json:",omitempty"`
	StreamDescription      *streamSpecification   `json:",omitempty"`
	TimeToLiveDescription  *timeToLiveDescription `json:",omitempty"`
	SSEDescription         *sseDescription        `json:",omitempty"`
}

type backupDescription struct {
	BackupDetails             *backupDetails
	SourceTableDetails        *sourceTableDetails
	SourceTableFeatureDetails *sourceTableFeatures
}

func (b *backup) details(now time.Time) *backupDetails {
	return &backupDetails{b.ARN, b.Name, b.table.size, b.status(now), b.kind(), epoch{b.CreatedAt}, when(b.expires())}
}

func (b *backup) summary(now time.Time) backupSummary {
	return backupSummary{*b.details(now), b.table.arn(), b.table.id, b.table.name}
}

func (b *backup) describe(now time.Time) backupDescription {
	t, d := b.table, &b.table.def
	features := &sourceTableFeatures{}
	if !b.System { // system backups tell none
		features = d.features()
	}
	return backupDescription{b.details(now), &sourceTableDetails{
		TableName: t.name, TableId: t.id, TableArn: t.arn(), TableSizeBytes: t.size, KeySchema: d.KeySchema, TableCreationDateTime: epoch{d.CreatedAt},
		ProvisionedThroughput: throughput{d.Throughput.Read, d.Throughput.Write}, OnDemandThroughput: d.MaxOnDemand, ItemCount: t.items.Len(), BillingMode: d.billingMode(),
	}, features}
}

// features are the settings of a table that a backup tells of.
func (d *definition) features() *sourceTableFeatures {
	out := &sourceTableFeatures{StreamDescription: d.Stream, SSEDescription: d.describeSSE()}
	if d.TTL.Enabled {
		out.TimeToLiveDescription = &timeToLiveDescription{"ENABLED", d.TTL.Attribute}
	}
	for _, x := range d.Local {
		out.LocalSecondaryIndexes = append(out.LocalSecondaryIndexes, x.secondaryIndex)
	}
	for _, x := range d.Global {
		if x.GoneAt.IsZero() {
			one := x.secondaryIndex
			one.ProvisionedThroughput = &throughput{x.Capacity.Read, x.Capacity.Write}
			out.GlobalSecondaryIndexes = append(out.GlobalSecondaryIndexes, one)
		}
	}
	return out
}
