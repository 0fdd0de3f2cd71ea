package procedure

import "github.com/lifeboat-dr/lifeboat/internal/step"

// Data is a table, and how its data comes back.
type Data struct {
	Step     string             `json:"step"`
	Strategy step.TableStrategy `json:"strategy"`
	Why      string             `json:"why"`
}

// Data says of each table whose data was taken how it comes back, in the order of the steps.
func (p *Procedure) Data() []Data {
	out := []Data{}
	for _, s := range p.Steps {
		if cfg, ok := s.Config.(*step.TableConfig); ok {
			out = append(out, Data{s.ID, cfg.Strategy, cfg.Why})
		}
	}
	return out
}
