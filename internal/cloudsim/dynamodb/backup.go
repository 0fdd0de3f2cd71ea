package dynamodb

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// systemKeep is how long the backup of a deleted table is kept ("Deleting a table with point-in-time recovery enabled").
const systemKeep = 35 * 24 * time.Hour

// backup is a table as it was, kept apart from it.
type backup struct {
	backupDefinition
	table *table // frozen
}

// backupDefinition is what is saved of a backup beside its table.
type backupDefinition struct {
	ARN       string    `json:"arn"`
	Name      string    `json:"name"`
	System    bool      `json:"system"` // made when its table was deleted
	CreatedAt time.Time `json:"createdAt"`
	ReadyAt   time.Time `json:"readyAt"` // CREATING before
}

// frozen is the table as it is now, without indexes and histories, but with these items, which are then its own. The caller holds
// the lock, unless the table is frozen itself.
func (t *table) frozen(items ordered.Map[item.Item]) *table {
	def := t.def
	def.Tags, def.Insights = maps.Clone(def.Tags), maps.Clone(def.Insights)
	return &table{scope: t.scope, name: t.name, id: t.id, keys: t.keys, def: def, items: items, size: t.size}
}

// newBackup makes a backup with an id as AWS makes them: milliseconds, a dash, a random part.
func (s *Service) newBackup(t *table, name string, at time.Time) *backup {
	return &backup{backupDefinition{ARN: t.arn() + "/backup/" + timedID(at, s.world.Hex(8)), Name: name, CreatedAt: at, ReadyAt: at.Add(s.Timing.Backup)}, t}
}

// timedID is the id of a backup, export or import.
func timedID(at time.Time, random string) string {
	return fmt.Sprintf("%014d-%s", at.UnixMilli(), random)
}

func (r *region) addBackup(b *backup) {
	if r.backups == nil {
		r.backups = map[string]*backup{}
	}
	r.backups[b.ARN] = b
}

// bury forgets a table that is gone. If it had point-in-time recovery, its system backup is what remains.
func (s *Service) bury(r *region, t *table) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tables[t.name] != t {
		return
	}
	delete(r.tables, t.name)
	maps.DeleteFunc(r.policies, func(arn string, _ policy) bool { return arn == t.arn() || strings.HasPrefix(arn, t.arn()+"/") })
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.def.Recovery.Enabled {
		return
	}
	at := t.def.GoneAt
	r.addBackup(&backup{backupDefinition{
		ARN: t.arn() + "/backup/" + timedID(at, "00000000"), Name: t.name + "$DeletedTableBackup", System: true, CreatedAt: at, ReadyAt: at,
	}, t.frozen(t.items.Clone())})
}

func (b *backup) expires() time.Time {
	if !b.System {
		return time.Time{}
	}
	return b.CreatedAt.Add(systemKeep)
}

func (b *backup) status(now time.Time) string {
	if now.Before(b.ReadyAt) {
		return "CREATING"
	}
	return "AVAILABLE"
}

func (b *backup) kind() string {
	if b.System {
		return "SYSTEM"
	}
	return "USER"
}

// backups gives the region's backups in the order in which they were made. Tables that are gone by now have theirs among them.
func (s *Service) backups(c *sim.Call) []*backup {
	s.names(c)
	r, now := s.regions.Load().In(c.Scope), s.world.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.backups, func(_ string, b *backup) bool { return b.System && !now.Before(b.expires()) })
	return slices.SortedFunc(maps.Values(r.backups), func(a, b *backup) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ARN, b.ARN))
	})
}

func (s *Service) backup(c *sim.Call, arn string) (*backup, error) {
	for _, b := range s.backups(c) {
		if b.ARN == arn {
			return b, nil
		}
	}
	return nil, sim.Errorf("BackupNotFoundException", "Backup not found: %s", arn)
}

type createBackupInput struct{ TableName, BackupName string }

type backupOutput struct {
	BackupDetails *backupDetails `json:",omitempty"`
}

func (s *Service) createBackup(c *sim.Call, in *createBackupInput) (*backupOutput, error) {
	if err := checkName("backupName", in.BackupName); err != nil {
		return nil, err
	}
	t, err := s.forBackup(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	now := s.world.Now()
	if status, _ := t.status(now); status == "CREATING" {
		t.mu.RUnlock()
		return nil, noTable(t.name)
	}
	if err := s.readable(t); err != nil {
		t.mu.RUnlock()
		return nil, err
	}
	b := s.newBackup(t.frozen(t.items.Clone()), in.BackupName, now)
	t.mu.RUnlock()
	r := s.regions.Load().In(c.Scope)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addBackup(b)
	return &backupOutput{b.details(now)}, nil
}

type backupInput struct{ BackupArn string }

type backupDescriptionOutput struct{ BackupDescription backupDescription }

func (s *Service) describeBackup(c *sim.Call, in *backupInput) (*backupDescriptionOutput, error) {
	b, err := s.backup(c, in.BackupArn)
	if err != nil {
		return nil, err
	}
	return &backupDescriptionOutput{b.describe(s.world.Now())}, nil
}

func (s *Service) deleteBackup(c *sim.Call, in *backupInput) (*backupDescriptionOutput, error) {
	b, err := s.backup(c, in.BackupArn)
	if err != nil {
		return nil, err
	}
	now := s.world.Now()
	switch {
	case b.System:
		return nil, invalid("The backup %s is a system backup: it cannot be deleted, and expires by itself", in.BackupArn)
	case b.status(now) == "CREATING":
		return nil, beingMade(b)
	case s.restores(c.Account, b.ARN) > 0:
		return nil, sim.Errorf("BackupInUseException", "Backup is being used to restore table: %s", b.ARN)
	}
	r := s.regions.Load().In(c.Scope)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.backups, b.ARN)
	out := b.describe(now)
	out.BackupDetails.BackupStatus = "DELETED"
	return &backupDescriptionOutput{out}, nil
}

type listBackupsInput struct {
	TableName               string
	BackupType              string
	Limit                   *int
	ExclusiveStartBackupArn string
	TimeRangeLowerBound     *epoch
	TimeRangeUpperBound     *epoch
}

type listBackupsOutput struct {
	BackupSummaries        []backupSummary
	LastEvaluatedBackupArn string `json:",omitempty"`
}

func (s *Service) listBackups(c *sim.Call, in *listBackupsInput) (*listBackupsOutput, error) {
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", limit)
	}
	kind := cmp.Or(in.BackupType, "USER")
	if !slices.Contains([]string{"USER", "SYSTEM", "AWS_BACKUP", "ALL"}, kind) {
		return nil, constraint(kind, "backupType", "Member must satisfy enum value set: [USER, SYSTEM, AWS_BACKUP, ALL]")
	}
	if low, high := in.TimeRangeLowerBound, in.TimeRangeUpperBound; low != nil && high != nil && low.After(high.Time) {
		return nil, invalid("Time range lower bound must be less than or equal to upper bound")
	}
	if in.TableName != "" {
		name, err := tableName(c, in.TableName)
		if err != nil {
			return nil, err
		}
		in.TableName = name
	}
	all := s.backups(c)
	if at := slices.IndexFunc(all, func(b *backup) bool { return b.ARN == in.ExclusiveStartBackupArn }); at >= 0 {
		all = all[at+1:]
	}
	out, now := &listBackupsOutput{BackupSummaries: []backupSummary{}}, s.world.Now()
	for _, b := range all {
		if !in.wants(b) || kind != "ALL" && kind != b.kind() {
			continue
		}
		if len(out.BackupSummaries) == limit {
			out.LastEvaluatedBackupArn = out.BackupSummaries[limit-1].BackupArn
			break
		}
		out.BackupSummaries = append(out.BackupSummaries, b.summary(now))
	}
	return out, nil
}

// wants tells whether a backup is of the table and time that are asked for.
func (in *listBackupsInput) wants(b *backup) bool {
	return (in.TableName == "" || in.TableName == b.table.name) &&
		(in.TimeRangeLowerBound == nil || !b.CreatedAt.Before(in.TimeRangeLowerBound.Time)) &&
		(in.TimeRangeUpperBound == nil || b.CreatedAt.Before(in.TimeRangeUpperBound.Time))
}

type restoreFromBackupInput struct {
	restoreOverrides
	BackupArn string
}

func (s *Service) restoreTableFromBackup(c *sim.Call, in *restoreFromBackupInput) (*tableOutput, error) {
	if err := checkName("targetTableName", in.TargetTableName); err != nil {
		return nil, err
	}
	there, _, err := s.elsewhere(c, in.BackupArn)
	if err != nil {
		return nil, err
	}
	b, err := s.backup(there, in.BackupArn)
	if err != nil {
		return nil, err
	}
	switch {
	case b.status(s.world.Now()) == "CREATING":
		return nil, beingMade(b)
	case s.restores(c.Account, b.ARN) > 0: // one backup feeds one restore at a time
		return nil, sim.Errorf("BackupInUseException", "Backup is being used to restore another table: %s", b.ARN)
	}
	from := origin{Table: b.table.arn(), Backup: b.ARN, At: b.CreatedAt}
	return s.restore(c, &in.restoreOverrides, b.table.frozen(b.table.items.Clone()), from)
}

func beingMade(b *backup) error {
	return sim.Errorf("BackupInUseException", "Backup is being created: %s", b.ARN)
}

// beingBackedUp tells whether a backup of the table is being made.
func (s *Service) beingBackedUp(c *sim.Call, t *table) bool {
	now := s.world.Now()
	return slices.ContainsFunc(s.backups(c), func(b *backup) bool { return b.table.id == t.id && b.status(now) == "CREATING" })
}
