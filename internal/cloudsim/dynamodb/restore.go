package dynamodb

import (
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
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
	if (in.RestoreDateTime != nil) == in.UseLatestRestorableTime {
		return nil, invalid("Exactly one of RestoreDateTime and UseLatestRestorableTime must be specified")
	}
	t, err := s.restoreSource(c, in)
	if err != nil {
		return nil, err
	}
	items, def, instant, err := s.asOf(t, in)
	if err != nil {
		return nil, err
	}
	return s.restore(c, &in.restoreOverrides, def, items, origin{Table: t.arn(), At: instant}, t.scope)
}

// restoreSource finds the table to restore from, by name here or by its ARN anywhere in the account.
func (s *Service) restoreSource(c *sim.Call, in *restoreToPointInput) (*table, error) {
	given := in.SourceTableArn
	switch {
	case (in.SourceTableName == "") == (given == ""):
		return nil, invalid("Exactly one of SourceTableName and SourceTableArn must be specified")
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
		return nil, "", invalid("Invalid ARN: %s", arn)
	}
	there := *c
	there.Region = parts[3]
	switch {
	case parts[4] != c.Account:
		return nil, "", sim.Errorf("AccessDeniedException", "User: %s is not authorized to restore from %s: a restore cannot cross accounts", c.CallerARN, arn)
	case there.Region != c.Region && s.world.Lost(there.Scope):
		return nil, "", sim.Errorf("InternalServerError", "The region %s does not answer", there.Region).WithStatus(500)
	}
	return &there, strings.TrimPrefix(parts[5], "table/"), nil
}

// asOf gives the items of a table at the instant that is asked for, whole seconds, and its settings as they are now.
func (s *Service) asOf(t *table, in *restoreToPointInput) (ordered.Map[item.Item], *definition, time.Time, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var none ordered.Map[item.Item]
	earliest, latest, err := t.window(s.world.Now())
	if err != nil {
		return none, nil, time.Time{}, err
	}
	instant := latest
	if !in.UseLatestRestorableTime {
		instant = in.RestoreDateTime.Time
	}
	if instant.Before(earliest.Truncate(time.Second)) || instant.After(latest) {
		return none, nil, time.Time{}, sim.Errorf("InvalidRestoreTimeException", "RestoreDateTime must be between %s and %s",
			earliest.UTC().Format(time.RFC3339Nano), latest.UTC().Format(time.RFC3339Nano))
	}
	if instant = instant.Truncate(time.Second); instant.Before(earliest) {
		instant = earliest
	}
	def := t.def
	return t.itemsAt(instant), &def, instant, nil
}

// restore makes a table of items that were read elsewhere.
func (s *Service) restore(c *sim.Call, in *restoreOverrides, source *definition, items ordered.Map[item.Item], from origin, place sim.Scope) (*tableOutput, error) {
	if old := s.find(c, in.TargetTableName); old != nil {
		return nil, old.taken(s.world.Now())
	}
	if place.Region != c.Region && in.SSESpecificationOverride == nil {
		return nil, invalid("SSESpecificationOverride must be specified when restoring a table across regions")
	}
	now := s.world.Now()
	def, err := s.restored(c, in, source, now)
	if err != nil {
		return nil, err
	}
	if s.restores(c.Account, "") >= maxRestores {
		return nil, sim.Errorf("LimitExceededException", "Subscriber limit exceeded: there is a limit of %d concurrent restores", maxRestores)
	}
	def.ID, def.Origin = s.world.UUID(), &from
	t := newTable(c.Scope, *def)
	t.fill(items)
	if other := s.regions.Load().In(c.Scope).add(t); other != nil {
		return nil, other.taken(now)
	}
	return &tableOutput{TableDescription: t.describe(now)}, nil
}

// taken is why a restore cannot make a table of this one's name.
func (t *table) taken(now time.Time) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if status, _ := t.status(now); status == "CREATING" || status == "DELETING" {
		return sim.Errorf("TableInUseException", "Table is in use: %s is %s", t.name, status)
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
	mode, given := in.BillingModeOverride, in.ProvisionedThroughputOverride
	if mode == "" {
		mode = d.billingMode()
	}
	if mode == "PROVISIONED" && given == nil && !d.OnDemand {
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

// kept gives the indexes of a source that a restore keeps: all, or those that are named, which must be as they are there.
func kept(source []indexDefinition, named []secondaryIndex) ([]indexDefinition, error) {
	live := slices.DeleteFunc(slices.Clone(source), func(x indexDefinition) bool { return !x.GoneAt.IsZero() })
	if named == nil {
		return live, nil
	}
	var out []indexDefinition
	for _, x := range named {
		at := slices.IndexFunc(live, func(d indexDefinition) bool { return d.IndexName == x.IndexName })
		if at < 0 || !slices.Equal(live[at].KeySchema, x.KeySchema) || x.Projection == nil || live[at].Projection.ProjectionType != x.Projection.ProjectionType {
			return nil, invalidValue("The index %s does not match an existing secondary index of the source table", x.IndexName)
		}
		out = append(out, live[at])
	}
	return out, nil
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
			if status, _ := t.status(now); status == "CREATING" && t.def.Origin != nil && (backup == "" || backup == t.def.Origin.Backup) {
				n++
			}
			t.mu.RUnlock()
		}
	})
	return n
}

// restoreSummary tells where the table came from, if it was restored.
func (t *table) restoreSummary(status string) *restoreSummary {
	o := t.def.Origin
	if o == nil {
		return nil
	}
	return &restoreSummary{o.Backup, o.Table, epoch{o.At}, status == "CREATING"}
}
