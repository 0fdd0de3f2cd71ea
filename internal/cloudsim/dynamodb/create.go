package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas in Amazon DynamoDB.
const (
	maxLocalIndexes  = 5
	maxGlobalIndexes = 20
	maxProjected     = 100 // attributes named in all INCLUDE projections of a table together
	maxTags          = 50
)

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 keySchema
	LocalSecondaryIndexes     []secondaryIndex
	GlobalSecondaryIndexes    []secondaryIndex
	BillingMode               string
	ProvisionedThroughput     *throughput
	OnDemandThroughput        *onDemandThroughput
	StreamSpecification       *streamSpecification
	SSESpecification          *sseSpecification
	TableClass                string
	DeletionProtectionEnabled bool
	Tags                      []tag
	ResourcePolicy            string
	GlobalTableSourceArn      string
}

type tableOutput struct {
	Table            *tableDescription `json:",omitempty"`
	TableDescription *tableDescription `json:",omitempty"`
}

func (s *Service) createTable(c *sim.Call, in *createTableInput) (*tableOutput, error) {
	name, err := tableName(c, in.TableName)
	if err != nil {
		return nil, err
	}
	if in.GlobalTableSourceArn != "" {
		return nil, invalid("the drill cloud does not implement global tables (GlobalTableSourceArn)")
	}
	def, err := s.define(c, in)
	if err != nil {
		return nil, err
	}
	def.Name = name
	now := s.world.Now()
	def.ID, def.CreatedAt, def.ActiveAt = s.world.UUID(), now, now.Add(s.Timing.Create)
	def.Throughput.Increased = time.Time{}
	if def.OnDemand {
		def.OnDemandSince = now
	}
	for i := range def.Global {
		def.Global[i].ReadyAt = def.ActiveAt
	}
	t := s.newTable(c.Scope, *def)
	s.find(c, name) // forgets a table of that name that is gone
	r := s.regions.Load().In(c.Scope)
	if r.add(t) != nil {
		return nil, sim.Errorf("ResourceInUseException", "Table already exists: %s", name)
	}
	if in.ResourcePolicy != "" {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.setPolicy(t.arn(), policy{Text: in.ResourcePolicy, Revision: s.revision()})
	}
	return &tableOutput{TableDescription: t.describe(now)}, nil
}

// define checks what CreateTable asks for and makes a definition of it.
func (s *Service) define(c *sim.Call, in *createTableInput) (*definition, error) {
	def := &definition{
		Attributes: in.AttributeDefinitions, KeySchema: in.KeySchema, Class: in.TableClass, Protected: in.DeletionProtectionEnabled,
		MaxOnDemand: in.OnDemandThroughput,
	}
	if err := def.setBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return nil, err
	}
	if err := checkSchema(in.KeySchema, def.Attributes); err != nil {
		return nil, err
	}
	if err := def.setIndexes(in); err != nil {
		return nil, err
	}
	if err := def.checkUse(); err != nil {
		return nil, err
	}
	if err := checkClass(in.TableClass); err != nil {
		return nil, err
	}
	if err := def.setStream(in.StreamSpecification, s.world.Now()); err != nil {
		return nil, err
	}
	if err := s.setEncryption(c, def, in.SSESpecification); err != nil {
		return nil, err
	}
	return def, def.addTags(in.Tags)
}

func (d *definition) setBilling(mode string, given *throughput) error {
	switch mode {
	case "PAY_PER_REQUEST":
		if given != nil {
			return invalidValue("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		d.OnDemand = true
		d.Throughput = provisioned{}
		return nil
	case "", "PROVISIONED":
		if given == nil {
			return invalidValue("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
		}
		d.OnDemand = false
		return d.Throughput.set(given, "provisionedThroughput")
	default:
		return constraint(mode, "billingMode", "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
	}
}

func (p *provisioned) set(t *throughput, member string) error {
	if t.ReadCapacityUnits < 1 || t.WriteCapacityUnits < 1 {
		return constraint("0", member, "Member must have value greater than or equal to 1")
	}
	p.Read, p.Write = t.ReadCapacityUnits, t.WriteCapacityUnits
	return nil
}

// checkSchema refuses a key schema that is malformed or uses attributes that are not defined.
func checkSchema(schema keySchema, attributes []attributeDefinition) error {
	if len(schema) == 0 {
		return constraint("", "keySchema", "Member must not be null")
	}
	if len(schema) > 2 {
		return invalid("the drill cloud does not implement keys of several attributes; a key schema has one HASH and at most one RANGE element")
	}
	defined := make([]string, len(attributes))
	for i, a := range attributes {
		defined[i] = a.AttributeName
		if k := item.KindOf(a.AttributeType); k != item.S && k != item.N && k != item.B {
			return constraint(a.AttributeType, "attributeDefinitions.member.attributeType", "Member must satisfy enum value set: [B, N, S]")
		}
	}
	var names []string
	for _, e := range schema {
		names = append(names, e.AttributeName)
	}
	switch {
	case schema[0].KeyType != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(schema) == 2 && schema[1].KeyType != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	case len(schema) == 2 && names[0] == names[1]:
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	}
	for _, n := range names {
		if len(n) == 0 || len(n) > 255 {
			return constraint(n, "keySchema.member.attributeName", "Member must have length between 1 and 255")
		}
		if !slices.Contains(defined, n) {
			return invalidValue("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
				strings.Join(names, ", "), strings.Join(defined, ", "))
		}
	}
	return nil
}

func (d *definition) setIndexes(in *createTableInput) error {
	switch {
	case in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0:
		return invalidValue("List of LocalSecondaryIndexes is empty")
	case in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0:
		return invalidValue("List of GlobalSecondaryIndexes is empty")
	case len(in.LocalSecondaryIndexes) > maxLocalIndexes:
		return invalidValue("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
	case len(in.GlobalSecondaryIndexes) > maxGlobalIndexes:
		return invalidValue("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	case len(in.LocalSecondaryIndexes) > 0 && len(d.KeySchema) < 2:
		return invalidValue("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for _, x := range in.LocalSecondaryIndexes {
		if err := d.addLocal(x); err != nil {
			return err
		}
	}
	for _, x := range in.GlobalSecondaryIndexes {
		if _, err := d.addGlobal(x); err != nil {
			return err
		}
	}
	return d.checkProjected()
}

func (d *definition) addLocal(x secondaryIndex) error {
	if err := d.checkIndex(x); err != nil {
		return err
	}
	if len(x.KeySchema) != 2 {
		return invalidValue("Index KeySchema does not have a range key for index: %s", x.IndexName)
	}
	if hash, table := x.KeySchema[0].AttributeName, d.KeySchema[0].AttributeName; hash != table {
		return invalidValue("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s", x.IndexName, hash, table)
	}
	d.Local = append(d.Local, indexDefinition{secondaryIndex: x})
	return nil
}

func (d *definition) addGlobal(x secondaryIndex) (*indexDefinition, error) {
	if err := d.checkIndex(x); err != nil {
		return nil, err
	}
	out := indexDefinition{secondaryIndex: x}
	switch {
	case d.OnDemand && x.ProvisionedThroughput != nil:
		return nil, invalidValue("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", x.IndexName)
	case !d.OnDemand && x.ProvisionedThroughput == nil:
		return nil, invalidValue("ProvisionedThroughput must be specified for index: %s", x.IndexName)
	case !d.OnDemand:
		if err := out.Capacity.set(x.ProvisionedThroughput, "globalSecondaryIndexes.member.provisionedThroughput"); err != nil {
			return nil, err
		}
	}
	d.Global = append(d.Global, out)
	return &d.Global[len(d.Global)-1], nil
}

func (d *definition) checkIndex(x secondaryIndex) error {
	if err := checkName("indexName", x.IndexName); err != nil {
		return err
	}
	if err := checkSchema(x.KeySchema, d.Attributes); err != nil {
		return err
	}
	for _, other := range slices.Concat(d.Local, d.Global) {
		if other.IndexName == x.IndexName {
			return invalidValue("Duplicate index name: %s", x.IndexName)
		}
	}
	p := x.Projection
	switch {
	case p == nil || p.ProjectionType == "":
		return invalidValue("Unknown ProjectionType: null")
	case !slices.Contains([]string{"ALL", "KEYS_ONLY", "INCLUDE"}, p.ProjectionType):
		return invalidValue("Unknown ProjectionType: %s", p.ProjectionType)
	case p.ProjectionType == "INCLUDE" && len(p.NonKeyAttributes) == 0:
		return invalidValue("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case p.ProjectionType != "INCLUDE" && len(p.NonKeyAttributes) > 0:
		return invalidValue("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
	}
	return nil
}

func (d *definition) checkProjected() error {
	n := 0
	for _, x := range slices.Concat(d.Local, d.Global) {
		n += len(x.Projection.NonKeyAttributes)
	}
	if n > maxProjected {
		return invalidValue("NonKeyAttributes of all indexes exceed the per-table limit of %d", maxProjected)
	}
	return nil
}

// checkUse refuses attributes that are defined but are in no key.
func (d *definition) checkUse() error {
	used := map[string]bool{}
	schemas := d.schemas()
	for _, schema := range schemas {
		for _, e := range schema {
			used[e.AttributeName] = true
		}
	}
	if len(used) == len(d.Attributes) {
		return nil
	}
	if len(schemas) == 1 {
		return invalidValue("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	var all []string
	for _, a := range d.Attributes {
		all = append(all, a.AttributeName)
	}
	return invalidValue("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]", strings.Join(all, ", "), strings.Join(slices.Sorted(maps.Keys(used)), ", "))
}

// schemas are the key schemas of the table and its indexes.
func (d *definition) schemas() []keySchema {
	out := []keySchema{d.KeySchema}
	for _, x := range slices.Concat(d.Local, d.Global) {
		out = append(out, x.KeySchema)
	}
	return out
}
