package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type tableDescription struct {
	TableName                 string
	TableArn                  string
	TableId                   string
	TableStatus               string
	CreationDateTime          epoch
	AttributeDefinitions      []attributeDefinition
	KeySchema                 keySchema
	ItemCount                 int
	TableSizeBytes            int
	ProvisionedThroughput     throughputDescription
	BillingModeSummary        *billingModeSummary `json:",omitempty"`
	OnDemandThroughput        *onDemandThroughput `json:",omitempty"`
	WarmThroughput            warmThroughput
	LocalSecondaryIndexes     []indexDescription   `json:",omitempty"`
	GlobalSecondaryIndexes    []indexDescription   `json:",omitempty"`
	StreamSpecification       *streamSpecification `json:",omitempty"`
	LatestStreamLabel         string               `json:",omitempty"`
	LatestStreamArn           string               `json:",omitempty"`
	SSEDescription            *sseDescription      `json:",omitempty"`
	TableClassSummary         *tableClassSummary   `json:",omitempty"`
	RestoreSummary            *restoreSummary      `json:",omitempty"`
	DeletionProtectionEnabled bool
}

type (
	throughputDescription struct {
		ReadCapacityUnits      int64
		WriteCapacityUnits     int64
		NumberOfDecreasesToday int
		LastIncreaseDateTime   *epoch `json:",omitempty"`
		LastDecreaseDateTime   *epoch `json:",omitempty"`
	}
	billingModeSummary struct {
		BillingMode                       string
		LastUpdateToPayPerRequestDateTime *epoch `json:",omitempty"`
	}
	sseDescription struct {
		Status          string
		SSEType         string
		KMSMasterKeyArn string
	}
	tableClassSummary struct {
		TableClass         string
		LastUpdateDateTime *epoch `json:",omitempty"`
	}
	indexDescription struct {
		IndexName             string
		IndexArn              string
		KeySchema             keySchema
		Projection            *projection
		IndexStatus           string `json:",omitempty"`
		Backfilling           *bool  `json:",omitempty"`
		ItemCount             int
		IndexSizeBytes        int
		ProvisionedThroughput *throughputDescription `json:",omitempty"`
		OnDemandThroughput    *onDemandThroughput    `json:",omitempty"`
		WarmThroughput        *warmThroughput        `json:",omitempty"`
	}
)

// What an on-demand table serves at once ("Initial throughput for on-demand capacity mode").
const (
	onDemandReads  = 12000
	onDemandWrites = 4000
)

func (p *provisioned) describe() throughputDescription {
	return throughputDescription{p.Read, p.Write, 0, when(p.Increased), when(p.Decreased)}
}

func (p *provisioned) warm(onDemand bool, status string) warmThroughput {
	if onDemand {
		return warmThroughput{onDemandReads, onDemandWrites, status}
	}
	return warmThroughput{p.Read, p.Write, status}
}

// describe describes the table at an instant. The caller holds the lock. Counts and sizes are those of now; AWS
// brings them up to date every six hours.
func (t *table) describe(now time.Time) *tableDescription {
	d := &t.def
	status, _ := t.status(now)
	out := &tableDescription{
		TableName: d.Name, TableArn: t.arn(), TableId: d.ID, TableStatus: status, CreationDateTime: epoch{d.CreatedAt},
		AttributeDefinitions: d.Attributes, KeySchema: d.KeySchema, ItemCount: t.items.Len(), TableSizeBytes: t.size,
		ProvisionedThroughput: d.Throughput.describe(), OnDemandThroughput: d.MaxOnDemand,
		WarmThroughput: d.Throughput.warm(d.OnDemand, "ACTIVE"), StreamSpecification: d.Stream, DeletionProtectionEnabled: d.Protected,
		RestoreSummary: t.restoreSummary(now),
	}
	switch {
	case d.OnDemand:
		out.BillingModeSummary = &billingModeSummary{"PAY_PER_REQUEST", when(d.OnDemandSince)}
	case !d.OnDemandSince.IsZero():
		out.BillingModeSummary = &billingModeSummary{"PROVISIONED", when(d.OnDemandSince)}
	}
	if d.StreamLabel != "" {
		out.LatestStreamLabel, out.LatestStreamArn = d.StreamLabel, t.arn()+"/stream/"+d.StreamLabel
	}
	out.SSEDescription = d.describeSSE()
	if d.Class != "" {
		out.TableClassSummary = &tableClassSummary{d.Class, when(d.ClassSince)}
	}
	for _, x := range d.Local {
		out.LocalSecondaryIndexes = append(out.LocalSecondaryIndexes, t.describeIndex(&x))
	}
	for _, x := range d.Global {
		status, gone := x.status(now)
		if gone {
			continue
		}
		one := t.describeIndex(&x)
		one.IndexStatus = status
		if status == "CREATING" {
			backfilling := out.TableStatus != "CREATING"
			one.Backfilling = &backfilling
		}
		capacity, warm := x.Capacity.describe(), x.Capacity.warm(d.OnDemand, "ACTIVE")
		one.ProvisionedThroughput, one.OnDemandThroughput, one.WarmThroughput = &capacity, x.OnDemandThroughput, &warm
		out.GlobalSecondaryIndexes = append(out.GlobalSecondaryIndexes, one)
	}
	if status == "CREATING" {
		out.hideItems()
	}
	return out
}

func (d *definition) describeSSE() *sseDescription {
	if d.KMSKey == "" {
		return nil
	}
	return &sseDescription{"ENABLED", "KMS", d.KMSKey}
}

// hideItems leaves out what is being restored or imported: it does not show before it is done.
func (d *tableDescription) hideItems() {
	d.ItemCount, d.TableSizeBytes = 0, 0
	for _, indexes := range [][]indexDescription{d.LocalSecondaryIndexes, d.GlobalSecondaryIndexes} {
		for i := range indexes {
			indexes[i].ItemCount, indexes[i].IndexSizeBytes = 0, 0
		}
	}
}

func (t *table) describeIndex(d *indexDefinition) indexDescription {
	out := indexDescription{IndexName: d.IndexName, IndexArn: t.arn() + "/index/" + d.IndexName, KeySchema: d.KeySchema, Projection: d.Projection}
	for _, x := range t.indexes {
		if x.name == d.IndexName {
			out.ItemCount, out.IndexSizeBytes = x.entries.Len(), x.size
		}
	}
	return out
}

type tableInput struct{ TableName string }

func (s *Service) describeTable(c *sim.Call, in *tableInput) (*tableOutput, error) {
	name, err := tableName(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t := s.find(c, name)
	if t == nil {
		return nil, noResource(name)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := t.describe(s.world.Now())
	if out.TableStatus == "ACTIVE" && s.readable(t) != nil {
		out.TableStatus = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
	}
	return &tableOutput{Table: out}, nil
}

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int
}

type listTablesOutput struct {
	TableNames             []string
	LastEvaluatedTableName string `json:",omitempty"`
}

func (s *Service) listTables(c *sim.Call, in *listTablesInput) (*listTablesOutput, error) {
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", limit)
	}
	out := &listTablesOutput{TableNames: []string{}}
	for _, name := range s.names(c) {
		if name <= in.ExclusiveStartTableName {
			continue
		}
		if len(out.TableNames) == limit {
			out.LastEvaluatedTableName = out.TableNames[limit-1]
			break
		}
		out.TableNames = append(out.TableNames, name)
	}
	return out, nil
}

func (s *Service) deleteTable(c *sim.Call, in *tableInput) (*tableOutput, error) {
	name, err := tableName(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t := s.find(c, name)
	switch {
	case t == nil:
		return nil, noResource(name)
	case s.beingBackedUp(c, t):
		return nil, sim.Errorf("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being backed up: %s", t.name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.free(s.world.Now()); err != nil {
		return nil, err
	}
	if t.def.Protected {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	now := s.world.Now()
	t.def.GoneAt = now.Add(s.Timing.Delete)
	return &tableOutput{TableDescription: t.describe(now)}, nil
}
