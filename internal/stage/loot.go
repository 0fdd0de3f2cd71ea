package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// loot counts what a disaster took, by the word for one of it. What an earlier try took that was cut off is not in it.
type loot struct {
	mu    sync.Mutex
	kinds []string // in the order in which they were first taken
	n     map[string]int
}

func (l *loot) add(kind string, n int) {
	if n == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == nil {
		l.n = map[string]int{}
	}
	if _, ok := l.n[kind]; !ok {
		l.kinds = append(l.kinds, kind)
	}
	l.n[kind] += n
}

// words are such as "2 queues, 1 lock table".
func (l *loot) words() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, kind := range l.kinds {
		out = append(out, many(l.n[kind], kind))
	}
	return strings.Join(out, ", ")
}

// sorted puts the kinds into an order that does not depend on which region answered first.
func (l *loot) sorted() *loot {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kinds = slices.Sorted(maps.Keys(l.n))
	return l
}

// many counts the noun that a phrase begins with: "image of app" becomes "2 images of app".
func many(n int, phrase string) string {
	if n == 1 {
		return "1 " + phrase
	}
	noun, rest, _ := strings.Cut(phrase, " of ")
	if rest != "" {
		rest = " of " + rest
	}
	if things, in, ok := strings.Cut(noun, " in its "); ok {
		noun, rest = things, " in their "+in+rest
	}
	if things, doing, ok := strings.Cut(noun, " pending "); ok {
		noun, rest = things, " pending "+doing+rest
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "e") {
		return fmt.Sprintf("%d %sies%s", n, stem, rest)
	}
	return fmt.Sprintf("%d %ss%s", n, noun, rest)
}

// gone tells whether a deletion failed because somebody was faster: an earlier try that was cut off, or AWS itself.
func gone(err error) bool {
	switch code := awscloud.Code(err); code {
	case "ResourceNotFoundException", "ResourceInUseException", "NotFoundException", "RepositoryNotFoundException", "NoSuchBucket",
		"KMSInvalidStateException", "QueueDoesNotExist", "ParameterNotFound":
		return true
	default:
		return strings.HasSuffix(code, "NonExistentQueue")
	}
}

// take deletes things one by one, and counts them.
func take[T any](ctx context.Context, l *loot, kind string, list func(context.Context) ([]T, error), remove func(context.Context, T) error) error {
	things, err := list(ctx)
	if err != nil {
		return fmt.Errorf("list every %s: %w", kind, err)
	}
	for _, x := range things {
		switch err := remove(ctx, x); {
		case err == nil:
			l.add(kind, 1)
		case !gone(err):
			return fmt.Errorf("delete a %s: %w", kind, err)
		}
	}
	return nil
}
