package dynamodb

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxRestores is how many restores of any type an account may have under way (RestoreTableToPointInTime).
const maxRestores = 50

// origin is where a restored table came from.
type origin struct {
	Table  string    `json:"table"`            // ARN
	Backup string    `json:"backup,omitempty"` // ARN; empty after a point-in-time restore
	At     time.Time `json:"at"`               // the state that was restored
}

type restoreSummary struct {
	SourceBackupArn   string `json:",omitempty"`
	SourceTableArn    string `json:",omitempty"`
	RestoreDateTime   epoch
	RestoreInProgress bool
}

// restoreOverrides are what both kinds of restore may change about the new table. A list of indexes names those that are kept.
type restoreOverrides struct {
	TargetTableName               string
	BillingModeOverride           string
	ProvisionedThroughputOverride *throughput
	OnDemandThroughputOverride    *onDemandThroughput
	GlobalSecondaryIndexOverride  []secondaryIndex
	LocalSecondaryIndexOverride   []secondaryIndex
	SSESpecificationOverride      *sseSpecification
}

type restoreToPointInput struct {
	restoreOverrides
	SourceTableName         string
	SourceTableArn          string
	RestoreDateTime         *epoch
	UseLatestRestorableTime bool
}

func (s *Service) restoreTableToPointInTime(c *sim.Call, in *restoreToPointInput) (*tableOutput, error) {
	if err := checkName("targetTableName", in.TargetTableName); err != nil {
		return nil, err
	}
	switch {
	case in.RestoreDateTime != nil && in.UseLatestRestorableTime:
		return nil, invalid("Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore request")
	case in.RestoreDateTime == nil && !in.UseLatestRestorableTime:
		return nil, invalid("Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both")
	}
	t, err := s.restoreSource(c, in)
	if err != nil {
		return nil, err
	}
	was, instant, err := s.asOf(t, in)
	if err != nil {
		return nil, err
	}
	return s.restore(c, &in.restoreOverrides, was, origin{Table: t.arn(), At: instant})
}

// restoreSource finds the table to restore from, by name here or by its ARN anywhere in the account.
func (s *Service) restoreSource(c *sim.Call, in *restoreToPointInput) (*table, error) {
	given := in.SourceTableArn
	switch {
	case in.SourceTableName != "" && given != "":
		return nil, invalidValue("Must provide exactly one of: sourceTableArn, sourceTableName")
	case in.SourceTableName == "" && given == "":
		return nil, invalidValue("The parameter 'TableName' is required")
	case given == "":
		given = c.ARN("dynamodb", "table/"+in.SourceTableName)
	}
	from, name, err := s.elsewhere(c, given)
	if err != nil {
		return nil, err
	}
	if err := checkName("sourceTableName", name); err != nil {
		return nil, err
	}
	if t := s.find(from, name); t != nil {
		return t, nil
	}
	return nil, noTable(name)
}

func noTable(name string) error {
	return sim.Errorf("TableNotFoundException", "Table not found: %s", name)
}

// elsewhere takes the ARN of a table, or of something below one, in any region of the caller's account. It gives the call
// as it would be there, and the ARN's text after "table/". A lost region cannot be read from.
func (s *Service) elsewhere(c *sim.Call, arn string) (*sim.Call, string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "dynamodb" || !strings.HasPrefix(parts[5], "table/") {
		return nil, "", invalidValue("%s is not a valid ARN", arn)
	}
	there := *c
	there.Region = parts[3]
	switch {
	case parts[4] != c.Account:
		return nil, "", sim.Errorf("AccessDeniedException", "Access is denied")
	case there.Region != c.Region && s.world.Lost(there.Scope):
		return nil, "", sim.Errorf("InternalServerError", "The region %s does not answer", there.Region).WithStatus(500)
	}
	return &there, strings.TrimPrefix(parts[5], "table/"), nil
}

// asOf gives a table with its items as of the instant that is asked for, in whole seconds, and its settings as they are now.
func (s *Service) asOf(t *table, in *restoreToPointInput) (was *table, instant time.Time, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	earliest, latest, err := t.window(s.world.Now())
	if err != nil {
		return nil, instant, err
	}
	if instant = latest; !in.UseLatestRestorableTime {
		instant = in.RestoreDateTime.Time
	}
	if instant.Before(earliest.Truncate(time.Second)) || instant.After(latest) {
		return nil, instant, sim.Errorf("InvalidRestoreTimeException", "RestoreDateTime '%s' must be within EarliestRestorableDateTime '%s' and LatestRestorableDateTime '%s'",
			stamp(instant), stamp(earliest), stamp(latest))
	}
	if instant = instant.Truncate(time.Second); instant.Before(earliest) {
		instant = earliest
	}
	return t.frozen(t.itemsAt(instant)), instant, nil
}

// stamp writes an instant as error messages do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// restore makes a table of a frozen one, whose items are then the new table's.
func (s *Service) restore(c *sim.Call, in *restoreOverrides, source *table, from origin) (*tableOutput, error) {
	if old := s.find(c, in.TargetTableName); old != nil {
		return nil, old.taken(s.world.Now())
	}
	if source.scope.Region != c.Region && in.SSESpecificationOverride == nil {
		return nil, invalid("Invalid Request: sseSpecificationOverride must be provided for cross-region restores")
	}
	if err := s.checkKey(source.scope, source.def.KMSKey); err != nil {
		return nil, err
	}
	now := s.world.Now()
	def, err := s.restored(c, in, &source.def, now)
	if err != nil {
		return nil, err
	}
	if s.restores(c.Account, "") >= maxRestores {
		return nil, sim.Errorf("LimitExceededException", "Only %d restore operations can be in progress at the same time", maxRestores)
	}
	def.ID, def.Origin = s.world.UUID(), &from
	t := s.newTable(c.Scope, *def)
	t.fill(source.items)
	if other := s.regions.Load().In(c.Scope).add(t); other != nil {
		return nil, other.taken(now)
	}
	return &tableOutput{TableDescription: t.describe(now)}, nil
}

// taken is why a restore cannot make a table of this one's name.
func (t *table) taken(now time.Time) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from := t.restoringFrom(now); from != "" {
		return sim.Errorf("TableInUseException", "Table: %s is already being restored from %s", t.name, from)
	}
	return sim.Errorf("TableAlreadyExistsException", "Table already exists: %s", t.name)
}

// restored is the definition of a restored table: keys, indexes, capacity and encryption of its source as the overrides change
// them. Tags, stream, TTL, recovery, protection, policy, insights and class are not restored.
func (s *Service) restored(c *sim.Call, in *restoreOverrides, source *definition, now time.Time) (*definition, error) {
	out := &definition{
		Name: in.TargetTableName, Attributes: source.Attributes, KeySchema: source.KeySchema, CreatedAt: now, ActiveAt: now.Add(s.Timing.Restore),
		OnDemand: source.OnDemand, Throughput: provisioned{Read: source.Throughput.Read, Write: source.Throughput.Write},
		MaxOnDemand: source.MaxOnDemand, KMSKey: source.KMSKey, Tags: map[string]string{},
	}
	if in.OnDemandThroughputOverride != nil {
		out.MaxOnDemand = in.OnDemandThroughputOverride
	}
	if err := out.overrideBilling(in); err != nil {
		return nil, err
	}
	if out.OnDemand {
		out.OnDemandSince = now
	}
	var err error
	if out.Local, err = kept(source.Local, in.LocalSecondaryIndexOverride); err != nil {
		return nil, err
	}
	if out.Global, err = kept(source.Global, in.GlobalSecondaryIndexOverride); err != nil {
		return nil, err
	}
	if err := out.overrideIndexes(in.GlobalSecondaryIndexOverride); err != nil {
		return nil, err
	}
	out.Attributes = slices.DeleteFunc(slices.Clone(out.Attributes), func(a attributeDefinition) bool { return !out.uses(a.AttributeName, nil) })
	return out, s.setEncryption(c, out, in.SSESpecificationOverride)
}

func (d *definition) overrideBilling(in *restoreOverrides) error {
	mode, given := cmp.Or(in.BillingModeOverride, d.billingMode()), in.ProvisionedThroughputOverride
	switch {
	case mode == "PAY_PER_REQUEST" && given != nil:
		return invalidValue("Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED")
	case mode == "PROVISIONED" && given == nil && d.OnDemand:
		return invalidValue("Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED")
	case mode == "PROVISIONED" && given == nil:
		return nil
	}
	return d.setBilling(mode, given)
}

func (d *definition) billingMode() string {
	if d.OnDemand {
		return "PAY_PER_REQUEST"
	}
	return "PROVISIONED"
}

// kept gives the indexes of a source that a restore keeps: all, or those that are named, which must have the keys and the
// projection of one there.
func kept(source []indexDefinition, named []secondaryIndex) ([]indexDefinition, error) {
	live := slices.DeleteFunc(slices.Clone(source), func(x indexDefinition) bool { return !x.GoneAt.IsZero() })
	if named == nil {
		return live, nil
	}
	var out []indexDefinition
	for _, x := range named {
		at := slices.IndexFunc(live, func(d indexDefinition) bool { return d.same(x) })
		if at < 0 {
			return nil, invalidValue("Index %s does not match a secondary index that existed in the source table and cannot be created during the restore operation", x.IndexName)
		}
		one := live[at]
		one.IndexName = x.IndexName
		out = append(out, one)
	}
	return out, nil
}

// same tells whether an index has the keys and the projection of this one.
func (d *indexDefinition) same(x secondaryIndex) bool {
	return slices.Equal(d.KeySchema, x.KeySchema) && x.Projection != nil && d.Projection.ProjectionType == x.Projection.ProjectionType
}

// overrideIndexes gives the global indexes their capacity. They are ready when the table is.
func (d *definition) overrideIndexes(given []secondaryIndex) error {
	for i := range d.Global {
		x := &d.Global[i]
		x.ReadyAt = d.ActiveAt
		if d.OnDemand {
			x.Capacity, x.ProvisionedThroughput = provisioned{}, nil
			continue
		}
		x.Capacity.Increased, x.Capacity.Decreased = time.Time{}, time.Time{}
		if at := slices.IndexFunc(given, func(g secondaryIndex) bool { return g.IndexName == x.IndexName }); at >= 0 && given[at].ProvisionedThroughput != nil {
			if err := x.Capacity.set(given[at].ProvisionedThroughput, "globalSecondaryIndexOverride.member.provisionedThroughput"); err != nil {
				return err
			}
		}
		if x.Capacity.Read == 0 {
			return invalidValue("ProvisionedThroughput must be specified for index: %s", x.IndexName)
		}
	}
	return nil
}

// restores counts the restores that an account has under way, from one backup or, without one, of any kind.
func (s *Service) restores(account, backup string) int {
	n, now := 0, s.world.Now()
	s.regions.Load().Each(func(scope sim.Scope, r *region) {
		if scope.Account != account {
			return
		}
		for _, t := range r.all() {
			t.mu.RLock()
			if t.restoringFrom(now) != "" && (backup == "" || backup == t.def.Origin.Backup) {
				n++
			}
			t.mu.RUnlock()
		}
	})
	return n
}

// restoringFrom tells what a table is being restored from; nothing when it is not. The caller holds the lock.
func (t *table) restoringFrom(now time.Time) string {
	if status, _ := t.status(now); status != "CREATING" || t.def.Origin == nil {
		return ""
	}
	if t.def.Origin.Backup != "" {
		return "backup: " + t.def.Origin.Backup
	}
	return "table: " + t.def.Origin.Table
}

// restoreSummary tells where the table comes from while it is restored. Nothing tells it afterwards.
func (t *table) restoreSummary(now time.Time) *restoreSummary {
	if t.restoringFrom(now) == "" {
		return nil
	}
	o := t.def.Origin
	return &restoreSummary{o.Backup, o.Table, epoch{o.At}, true}
}
