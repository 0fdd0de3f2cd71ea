package journaltest_test

import (
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
)

// The fake log keeps the promises of the real ones.
func TestMemory(t *testing.T) {
	t.Parallel()
	journaltest.Log(t, func(*testing.T) journaltest.Place {
		m := journaltest.NewMemory()
		return journaltest.Place{Open: m.Open, Create: func(first journal.RunStarted) (journal.Log, error) {
			l, err := m.Open()
			if err == nil {
				_, err = l.Append(t.Context(), first)
			}
			return l, err
		}}
	})
}
