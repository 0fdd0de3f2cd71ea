package stage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// A table is written once: one of which the ledger in the drill's folder says that it is written, by this drill or before its snapshot was taken, is
// left alone. Snapshots keep exactly those ledgers. Writing into this table would fail, for nothing made it.
func TestWhatIsWrittenIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	c, p := cloudtest.New(t), cloudtest.Plan()
	s := &stage.Stage{Cloud: &stage.Cloud{Endpoint: c.URL}, Sites: c.Clients(nil), Dir: t.TempDir(), Tell: func(string) {}}
	p.Tables = []*plan.Table{{Block: plan.Block{Name: "orders"}, Table: cloudtest.Text("orders")}}
	if err := s.Fill(t.Context(), p, cloudtest.Primary()); err == nil {
		t.Fatal("a table that is not there was written")
	}
	for _, name := range stage.Written(p) {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Fill(t.Context(), p, cloudtest.Primary()); err != nil {
		t.Errorf("it was written, though its ledger is there: %v", err)
	}
}
