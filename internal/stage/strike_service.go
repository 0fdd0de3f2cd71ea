package stage

import (
	"context"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// strikeService takes what answers and works at a site: its REST APIs, functions, event source mappings and queues. What keeps data lives, and can be read.
func (s *Stage) strikeService(ctx context.Context, site *plan.Site) (string, error) {
	c, err := s.Sites.At(ctx, site)
	if err != nil {
		return "", err
	}
	l := &loot{}
	t := taker{c, l}
	for _, f := range []func(context.Context) error{t.apis, t.mappings, t.functions, t.queues} {
		if err := f(ctx); err != nil {
			return "", fmt.Errorf("at site %q: %w", site.Name, err)
		}
	}
	if words := l.words(); words != "" {
		return "gone: " + words + "; tables, buckets and images can be read", nil
	}
	return "", nil
}
