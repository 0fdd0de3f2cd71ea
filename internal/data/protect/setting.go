package protect

import (
	"context"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
)

// settings records what the table is besides its items: a recovery makes it again from this. What the caller may not read does not stop an export.
func (c Config) settings(ctx context.Context) error {
	if c.Settings == nil {
		return nil
	}
	s, err := setting.Read(ctx, c.Settings, c.Table, c.Clock.Now())
	if err != nil {
		return fmt.Errorf("read the settings of table %s: %w", c.Table, err)
	}
	if len(s.Unknown) > 0 {
		c.Tell(fmt.Sprintf("table %s: not recorded: %s", c.Table, strings.Join(s.Unknown, ", ")))
	}
	if err := s.Keep(ctx, c.Vault, c.Writer, c.Place); err != nil {
		return c.unread(err)
	}
	return nil
}
