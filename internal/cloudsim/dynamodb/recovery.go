package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// latestBehind is how far the latest restorable time is behind now ("Point-in-time recovery").
const latestBehind = 5 * time.Minute

// recovery is a table's point-in-time recovery setting.
type recovery struct {
	Enabled bool      `json:"enabled"`
	Since   time.Time `json:"since,omitzero"` // when it was switched on, last
	Days    int       `json:"days,omitempty"`
	Lost    time.Time `json:"lost,omitzero"` // the newest change that the journal has no more; in the saved state only
}

type recoveryInput struct {
	TableName                        string
	PointInTimeRecoverySpecification struct {
		PointInTimeRecoveryEnabled bool
		RecoveryPeriodInDays       *int
	}
}

type continuousBackups struct {
	ContinuousBackupsDescription struct {
		ContinuousBackupsStatus        string
		PointInTimeRecoveryDescription struct {
			PointInTimeRecoveryStatus  string
			RecoveryPeriodInDays       int    `json:",omitempty"`
			EarliestRestorableDateTime *epoch `json:",omitempty"`
			LatestRestorableDateTime   *epoch `json:",omitempty"`
		}
	}
}

func (s *Service) updateContinuousBackups(c *sim.Call, in *recoveryInput) (*continuousBackups, error) {
	spec := in.PointInTimeRecoverySpecification
	days := 35
	if spec.RecoveryPeriodInDays != nil {
		days = *spec.RecoveryPeriodInDays
	}
	if days < 1 || days > 35 {
		return nil, invalidValue("RecoveryPeriodInDays must be between 1 and 35")
	}
	t, err := s.forBackup(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := s.world.Now()
	if status, _ := t.status(now); status == "CREATING" {
		return nil, sim.Errorf("ContinuousBackupsUnavailableException", "Backups are being enabled for the table: %s. Please retry later", t.def.Name)
	}
	switch {
	case !spec.PointInTimeRecoveryEnabled:
		t.def.Recovery, t.journal = recovery{}, nil
	case t.def.Recovery.Enabled:
		t.def.Recovery.Days, t.journal.keep = days, keep(days)
	default:
		t.def.Recovery = recovery{Enabled: true, Since: now, Days: days}
		t.journal = s.newJournal(&t.def.Recovery)
	}
	return t.continuousBackups(now), nil
}

func (s *Service) describeContinuousBackups(c *sim.Call, in *tableInput) (*continuousBackups, error) {
	t, err := s.forBackup(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.continuousBackups(s.world.Now()), nil
}

// forBackup gives a table for a call of the backup family, whose error has its own code.
func (s *Service) forBackup(c *sim.Call, given string) (*table, error) {
	name, err := tableName(c, given)
	if err != nil {
		return nil, err
	}
	if t := s.findSettled(c, name); t != nil {
		return t, nil
	}
	return nil, noTable(name)
}

func (t *table) continuousBackups(now time.Time) *continuousBackups {
	out := &continuousBackups{}
	out.ContinuousBackupsDescription.ContinuousBackupsStatus = "ENABLED"
	d := &out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	d.PointInTimeRecoveryStatus = "DISABLED"
	if earliest, latest, err := t.window(now); err == nil {
		d.PointInTimeRecoveryStatus, d.RecoveryPeriodInDays = "ENABLED", t.def.Recovery.Days
		d.EarliestRestorableDateTime, d.LatestRestorableDateTime = when(earliest), when(latest)
	}
	return out
}

// window is the range of instants to which the table can be restored: since recovery was switched on, for as many days as were
// asked for, and no longer than the journal has room. It is an error while recovery is off.
func (t *table) window(now time.Time) (earliest, latest time.Time, err error) {
	r := t.def.Recovery
	if !r.Enabled {
		return earliest, latest, sim.Errorf("PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled for table '%s'", t.name)
	}
	earliest, latest = now.Add(-keep(r.Days)), now.Add(-latestBehind)
	if earliest.Before(r.Since) {
		earliest = r.Since
	}
	if lost := t.journal.lost; !lost.Before(earliest) {
		earliest = lost.Truncate(time.Second).Add(time.Second)
	}
	if latest.Before(earliest) {
		latest = earliest
	}
	return earliest, latest, nil
}

func (s *Service) newJournal(r *recovery) *journal {
	return &journal{keep: keep(r.Days), limit: s.JournalLimit, lost: r.Lost}
}

func keep(days int) time.Duration { return time.Duration(days) * 24 * time.Hour }
