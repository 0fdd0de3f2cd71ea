package report

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// RecoveryPoint is how much of the newest data is lost: from the instant that the oldest of the tables is of, until the disaster. In a drill
// both are of the drill cloud's clock. Met is null without an objective or a measurement.
type RecoveryPoint struct {
	ObjectiveS *float64 `json:"objective_s"`
	MeasuredS  *float64 `json:"measured_s"`
	Met        *bool    `json:"met"`
}

// Data is what came back of one table.
type Data struct {
	Step      string     `json:"step"`
	Table     string     `json:"table"`
	Strategy  string     `json:"strategy"` // load, import, restore, rewind, swap, empty
	Instant   *time.Time `json:"instant"`  // what the data is of
	Expected  int64      `json:"items_expected"`
	Recovered int64      `json:"items_recovered"`
	Lost      *int64     `json:"items_lost"`  // null where nobody knows: only a drill knows what was written
	Wrong     *int64     `json:"items_wrong"` // there, but not as they were last; null likewise
	Refused   int64      `json:"items_refused"`
	Digest    bool       `json:"digest_match"`
	// Adopted tells whether the table was brought back before its stack, which took it into its state; PlanEmpty, whether a plan made after that
	// leaves the table as it is. Null where the stack is not done, or made the table.
	Adopted   bool  `json:"adopted"`
	PlanEmpty *bool `json:"plan_empty"`
}

// outputAdopted is the output of a stack that says of each table which was brought back before it, by address, whether its plan is empty.
const outputAdopted = "lifeboat.adopted"

// adopted looks in the table's stack for the proof that it adopted the table.
func (d *Data) adopted(s *journal.State, stack, address string) {
	for _, t := range s.Steps {
		var proof map[string]bool
		if t.Spec.Kind != step.Stack || t.Spec.ID != "stack/"+stack || json.Unmarshal(t.Outputs[outputAdopted], &proof) != nil {
			continue
		}
		if empty, ok := proof[address]; ok && d.Instant != nil {
			d.Adopted, d.PlanEmpty = true, &empty
		}
	}
}

// dataOf reads what the table steps found out.
func dataOf(s *journal.State) []Data {
	out := []Data{}
	for _, t := range s.Steps {
		raw, ok := t.Outputs["data"]
		if !ok || t.Spec.Kind != step.Table {
			continue
		}
		d, at := Data{}, struct {
			Stack   string `json:"stack"`
			Address string `json:"address"`
		}{}
		if json.Unmarshal(raw, &d) == nil && json.Unmarshal(raw, &at) == nil {
			d.Step = t.Spec.ID
			d.adopted(s, at.Stack, at.Address)
			out = append(out, d)
		}
	}
	return out
}

func recoveryPoint(s *journal.State) *RecoveryPoint {
	data := dataOf(s)
	if len(data) == 0 && !slices.ContainsFunc(s.Steps, func(t *journal.Step) bool { return t.Spec.Kind == step.Table && t.Status != journal.StatusSkipped }) {
		return nil // no table's data was taken
	}
	p := &RecoveryPoint{}
	if s.Facts.RecoveryPoint > 0 {
		o := s.Facts.RecoveryPoint.Seconds()
		p.ObjectiveS = &o
	}
	var oldest time.Time
	for _, d := range data {
		if d.Instant == nil {
			return p // of one table nobody knows
		}
		if oldest.IsZero() || d.Instant.Before(oldest) {
			oldest = *d.Instant
		}
	}
	if oldest.IsZero() {
		return p
	}
	m := max(0, s.DisasterThere().Sub(oldest).Seconds())
	p.MeasuredS = &m
	if p.ObjectiveS != nil {
		met := m <= *p.ObjectiveS
		p.Met = &met
	}
	return p
}

// PointText is the recovery point in words; empty where no data was taken.
func PointText(d Document) string {
	p := d.Objectives.RecoveryPoint
	if p == nil {
		return ""
	}
	text := "not measured"
	if p.MeasuredS != nil {
		text = span(seconds(*p.MeasuredS)) + " of data"
		if d.Simulated {
			text += ", on the drill cloud's clock"
		}
	}
	if p.ObjectiveS != nil {
		text += ", objective " + span(seconds(*p.ObjectiveS))
	}
	switch {
	case p.Met == nil:
	case *p.Met:
		text += ": met"
	default:
		text += ": MISSED by " + span(seconds(*p.MeasuredS-*p.ObjectiveS))
	}
	return text
}
