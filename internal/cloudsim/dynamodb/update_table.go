package dynamodb

import (
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type updateTableInput struct {
	TableName                   string
	AttributeDefinitions        []attributeDefinition
	BillingMode                 string
	ProvisionedThroughput       *throughput
	OnDemandThroughput          *onDemandThroughput
	GlobalSecondaryIndexUpdates []indexUpdate
	StreamSpecification         *streamSpecification
	SSESpecification            *sseSpecification
	TableClass                  string
	DeletionProtectionEnabled   *bool
	WarmThroughput              *warmThroughput
	ReplicaUpdates              []struct{}
	GlobalTableWitnessUpdates   []struct{}
}

// indexUpdate has exactly one of its members.
type indexUpdate struct {
	Create *secondaryIndex
	Update *struct {
		IndexName             string
		ProvisionedThroughput *throughput
		OnDemandThroughput    *onDemandThroughput
	}
	Delete *struct{ IndexName string }
}

func (s *Service) updateTable(c *sim.Call, in *updateTableInput) (*tableOutput, error) {
	switch {
	case len(in.ReplicaUpdates) > 0 || len(in.GlobalTableWitnessUpdates) > 0:
		return nil, invalid("the drill cloud does not implement global tables (ReplicaUpdates)")
	case in.empty():
		return nil, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	t, err := s.forChange(c, in.TableName)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	now := s.world.Now()
	t.forgetIndexes(now)
	def := t.def // changed on a copy, so that a refused update changes nothing
	def.Global = slices.Clone(def.Global)
	if err := s.applyUpdate(c, &def, in, now); err != nil {
		return nil, err
	}
	indexes, err := def.updateIndexes(in.GlobalSecondaryIndexUpdates, now.Add(s.Timing.Update), now)
	if err != nil {
		return nil, err
	}
	def.ActiveAt, def.Updating = now.Add(s.Timing.Update), true
	t.def = def
	t.followStream(now)
	for _, d := range indexes {
		t.backfill(d)
	}
	return &tableOutput{TableDescription: t.describe(now)}, nil
}

func (in *updateTableInput) empty() bool {
	return in.BillingMode == "" && in.ProvisionedThroughput == nil && in.OnDemandThroughput == nil && len(in.GlobalSecondaryIndexUpdates) == 0 &&
		in.StreamSpecification == nil && in.SSESpecification == nil && in.TableClass == "" && in.DeletionProtectionEnabled == nil && in.WarmThroughput == nil
}

func (s *Service) applyUpdate(c *sim.Call, def *definition, in *updateTableInput, now time.Time) error {
	if err := def.updateBilling(in.BillingMode, in.ProvisionedThroughput, now); err != nil {
		return err
	}
	if err := checkClass(in.TableClass); err != nil {
		return err
	}
	if in.TableClass != "" {
		def.Class, def.ClassSince = in.TableClass, now
	}
	if in.OnDemandThroughput != nil {
		def.MaxOnDemand = in.OnDemandThroughput
	}
	if in.DeletionProtectionEnabled != nil {
		def.Protected = *in.DeletionProtectionEnabled
	}
	if spec := in.StreamSpecification; spec != nil && !spec.StreamEnabled && def.Stream == nil {
		return invalidValue("Table is already not enabled for streams: TableName: %s", def.Name)
	}
	if err := def.setStream(in.StreamSpecification, now); err != nil {
		return err
	}
	if err := s.setEncryption(c, def, in.SSESpecification); err != nil {
		return err
	}
	return def.mergeAttributes(in.AttributeDefinitions)
}

// mergeAttributes adds attribute definitions. Those of existing keys may be left out, but not changed.
func (d *definition) mergeAttributes(given []attributeDefinition) error {
	d.Attributes = slices.Clone(d.Attributes)
	for _, a := range given {
		switch old := d.kind(a.AttributeName); {
		case old == item.None:
			d.Attributes = append(d.Attributes, a)
		case old.String() != a.AttributeType:
			return invalidValue("The type of the key attribute %s can not be changed from %s to %s", a.AttributeName, old, a.AttributeType)
		}
	}
	return nil
}

func (d *definition) updateBilling(mode string, given *throughput, now time.Time) error {
	if mode == "" && given == nil {
		return nil
	}
	if mode == "" && d.OnDemand {
		return invalidValue("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	old, wasOnDemand := d.Throughput, d.OnDemand
	if mode == "PROVISIONED" && given == nil && !wasOnDemand {
		return nil // it is provisioned already
	}
	if err := d.setBilling(mode, given); err != nil {
		return err
	}
	p := &d.Throughput
	p.Increased, p.Decreased = old.Increased, old.Decreased
	switch {
	case d.OnDemand && !wasOnDemand:
		d.OnDemandSince = now
		for i := range d.Global {
			d.Global[i].Capacity = provisioned{}
		}
	case d.OnDemand || wasOnDemand:
	case p.Read == old.Read && p.Write == old.Write:
		return invalid("The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
			old.Read, p.Read, old.Write, p.Write)
	default:
		p.changed(old, now)
	}
	return nil
}

// changed notes when the capacity went up or down.
func (p *provisioned) changed(old provisioned, now time.Time) {
	if p.Read > old.Read || p.Write > old.Write {
		p.Increased = now
	}
	if p.Read < old.Read || p.Write < old.Write {
		p.Decreased = now
	}
}

// updateIndexes applies the index updates to the definition and gives the indexes that are new.
func (d *definition) updateIndexes(updates []indexUpdate, done, now time.Time) ([]indexDefinition, error) {
	d.Global = slices.DeleteFunc(d.Global, func(x indexDefinition) bool { _, gone := x.status(now); return gone })
	d.Attributes = slices.DeleteFunc(d.Attributes, func(a attributeDefinition) bool { return !d.uses(a.AttributeName, updates) })
	var made []indexDefinition
	changes := 0
	for _, u := range updates {
		var err error
		switch {
		case u.Create != nil:
			changes++
			var x *indexDefinition
			if x, err = d.createIndex(*u.Create, done); err == nil {
				made = append(made, *x)
			}
		case u.Delete != nil:
			changes++
			err = d.change(u.Delete.IndexName, func(x *indexDefinition) error { x.GoneAt = done; return nil })
		case u.Update != nil:
			err = d.change(u.Update.IndexName, func(x *indexDefinition) error {
				if u.Update.OnDemandThroughput != nil {
					x.OnDemandThroughput = u.Update.OnDemandThroughput
				}
				if u.Update.ProvisionedThroughput == nil {
					return nil
				}
				old := x.Capacity
				defer func() { x.Capacity.changed(old, now) }()
				return x.Capacity.set(u.Update.ProvisionedThroughput, "globalSecondaryIndexUpdates.member.update.provisionedThroughput")
			})
		default:
			err = invalidValue("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if err != nil {
			return nil, err
		}
	}
	if changes > 1 {
		return nil, sim.Errorf("LimitExceededException", "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	return made, d.checkProjected()
}

// uses tells whether an attribute is in a key, or will be.
func (d *definition) uses(name string, updates []indexUpdate) bool {
	schemas := d.schemas()
	for _, u := range updates {
		if u.Create != nil {
			schemas = append(schemas, u.Create.KeySchema)
		}
	}
	return slices.ContainsFunc(slices.Concat(schemas...), func(e keySchemaElement) bool { return e.AttributeName == name })
}

func (d *definition) createIndex(x secondaryIndex, ready time.Time) (*indexDefinition, error) {
	if len(d.Global) == maxGlobalIndexes {
		return nil, sim.Errorf("LimitExceededException", "GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	}
	out, err := d.addGlobal(x)
	if err != nil {
		return nil, err
	}
	out.ReadyAt = ready
	return out, nil
}

func (d *definition) change(name string, change func(*indexDefinition) error) error {
	for i := range d.Global {
		if d.Global[i].IndexName == name {
			return change(&d.Global[i])
		}
	}
	return sim.Errorf("ResourceNotFoundException", "Requested resource not found")
}

// forgetIndexes drops the entries of indexes that are gone.
func (t *table) forgetIndexes(now time.Time) {
	t.indexes = slices.DeleteFunc(t.indexes, func(x *index) bool {
		return x.global && !slices.ContainsFunc(t.def.Global, func(d indexDefinition) bool {
			_, gone := d.status(now)
			return d.IndexName == x.name && !gone
		})
	})
}

// backfill makes a new index and fills it. Items whose keys do not fit are left out, as AWS does.
func (t *table) backfill(d indexDefinition) {
	x := t.newIndex(d.secondaryIndex, true)
	for place, i := range t.items.From("") {
		x.replace(place, item.Item(""), i)
	}
	t.indexes = append(t.indexes, x)
}
