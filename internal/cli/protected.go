package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
)

// protected is the result of protect: of an export "tables", of --verify "verified". docs/data-recovery.md says what the members mean.
type protected struct {
	Schema   string             `json:"schema"`
	Vault    string             `json:"vault"`
	Tables   []protectedTable   `json:"tables"`
	Verified []protect.Verified `json:"verified,omitempty"`
}

type protectedTable struct {
	Name string `json:"name"` // in the plan
	protect.Done
	Objective *float64 `json:"objective_s"` // null: the plan has none
	Met       *bool    `json:"met"`
}

// add takes a table's result. Copies that are not whole, or not there, are an error.
func (out *protected) add(name string, got Protected, verified bool, objective time.Duration) error {
	if verified {
		out.Verified = append(out.Verified, got.Verified)
		switch v := got.Verified; {
		case v.Chains == 0:
			return fmt.Errorf("table %q: the vault has no copy. `lifeboat protect` makes one", name)
		case len(v.Damaged) > 0:
			return fmt.Errorf("table %q: %d of %d chains cannot be used. Bring the files back from the bucket's versions, or begin a new chain: lifeboat protect --full", name, v.Chains-v.Whole, v.Chains)
		}
		return nil
	}
	t := protectedTable{Name: name, Done: got.Done}
	if objective > 0 {
		o := objective.Seconds()
		met := t.Age <= o
		t.Objective, t.Met = &o, &met
	}
	out.Tables = append(out.Tables, t)
	return nil
}

func (p *Program) showProtected(out protected) error {
	if p.format == "json" {
		return writeJSON(p.Stdout, out)
	}
	var b strings.Builder
	for _, t := range out.Tables {
		t.write(&b)
	}
	for _, v := range out.Verified {
		fmt.Fprintf(&b, "%s: %d of %d chains whole, read again; %d exports, %s\n", v.Table, v.Whole, v.Chains, v.Exports, protect.Size(v.Bytes))
		for _, d := range v.Damaged {
			fmt.Fprintf(&b, "  %s\n", d)
		}
		for i, e := range v.Extra {
			if i == 0 {
				b.WriteString("  in the bucket, and in no export of the catalogue (a recovery does not read it):\n")
			}
			fmt.Fprintf(&b, "    %s\n", e)
		}
	}
	if len(out.Tables) > 0 {
		fmt.Fprintf(&b, "What was written since then would be lost with site and region. The vault is %s.\n", out.Vault)
	}
	_, err := io.WriteString(p.Stdout, b.String())
	return err
}

func (t protectedTable) write(b *strings.Builder) {
	if f := t.Found; !f.To.IsZero() {
		fmt.Fprintf(b, "%s: the export of %s that an earlier run began is finished, read back, and counts.\n", t.Table, f.To.UTC().Format("2006-01-02 15:04:05 MST"))
	}
	what := "incremental export made and read back"
	switch {
	case t.Fresh:
		what = "nothing to do: the last export is younger than " + clock.Brief(protect.ShortestStep)
	case t.Export.Full:
		what = "full export made and read back"
	}
	fmt.Fprintf(b, "%s: %s.\n", t.Table, what)
	age := clock.Brief(time.Duration(max(0, t.Age)) * time.Second)
	fmt.Fprintf(b, "  recovery point: %s, %s ago", t.Until.UTC().Format("2006-01-02 15:04:05 MST"), age)
	if t.Objective != nil {
		fmt.Fprintf(b, "; the objective is %s: %s", clock.Brief(time.Duration(*t.Objective)*time.Second), map[bool]string{true: "met", false: "MISSED"}[*t.Met])
	}
	fmt.Fprintf(b, "\n  the vault has its %d items (digest %s); %d exports in %d chains, %s\n", t.Items, t.Digest, t.Exports, t.Chains, protect.Size(t.Bytes))
	for _, d := range t.Dropped {
		fmt.Fprintf(b, "  %s: the chain of %s to %s, %d exports, %s\n", map[bool]string{true: "deleted", false: "not needed any more"}[d.Deleted],
			d.From.UTC().Format(time.DateTime), d.Until.UTC().Format(time.DateTime), d.Exports, protect.Size(d.Bytes))
	}
}
