package scan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
)

// table has the items 0 to items-1 in pages of three, item i in segment i modulo their number.
type table struct {
	items int

	mu      sync.Mutex
	calls   int
	failing int // so many calls fail first
	why     error
	lax     bool // a read was not consistent
}

func order(i int) item.Item {
	return item.Item{"id": &types.AttributeValueMemberN{Value: strconv.Itoa(i)}}
}

func (t *table) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lax = t.lax || in.ConsistentRead == nil || !*in.ConsistentRead
	if t.calls++; t.calls <= t.failing {
		return nil, t.why
	}
	i := int(*in.Segment)
	if last, ok := in.ExclusiveStartKey["id"].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.Atoi(last.Value)
		i = n + int(*in.TotalSegments)
	}
	out := &dynamodb.ScanOutput{}
	for ; i < t.items && len(out.Items) < 3; i += int(*in.TotalSegments) {
		out.Items = append(out.Items, order(i))
		out.LastEvaluatedKey = order(i)
	}
	if i >= t.items {
		out.LastEvaluatedKey = nil
	}
	return out, nil
}

// Every item is given once, whatever the number of segments, and the sum is that of all.
func TestEachGivesEveryItemOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 7, 100} {
		var want item.Sum
		for i := range n {
			b, err := item.Append(nil, order(i))
			if err != nil {
				t.Fatal(err)
			}
			want.Add(item.HashOf(b))
		}
		for _, parts := range []int{0, 1, 3} {
			api := &table{items: n}
			var mu sync.Mutex
			seen := map[string]int{}
			err := scan.Table{API: api, Name: "t", Parts: parts}.Each(t.Context(), func(_ int, it item.Item) error {
				mu.Lock()
				defer mu.Unlock()
				seen[fmt.Sprint(it["id"].(*types.AttributeValueMemberN).Value)]++
				return nil
			})
			for id, times := range seen {
				if times != 1 {
					t.Errorf("item %s came %d times", id, times)
				}
			}
			if err != nil || len(seen) != n || api.lax {
				t.Errorf("%d items in %d parts: %d came, %v, some reads were lax: %v", n, parts, len(seen), err, api.lax)
			}
			if got, err := (scan.Table{API: api, Name: "t", Parts: parts}).Sum(t.Context()); err != nil || got != want {
				t.Errorf("%d items in %d parts: %v, %v", n, parts, got, err)
			}
		}
	}
}

// Reading goes on at any position that was given.
func TestReadGoesOn(t *testing.T) {
	t.Parallel()
	from := scan.Table{API: &table{items: 20}, Name: "t", Parts: 1}
	read := func(at load.Position, stop int) (ids []int, next []load.Position) {
		enough := errors.New("enough")
		err := from.Read(t.Context(), 0, at, func(p load.Page) error {
			for _, w := range p.Writes {
				n, _ := strconv.Atoi(w.PutRequest.Item["id"].(*types.AttributeValueMemberN).Value)
				ids = append(ids, n)
			}
			if next = append(next, p.Next); len(next) == stop {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			t.Fatal(err)
		}
		return ids, next
	}
	all, positions := read("", 0)
	for i, at := range positions[:len(positions)-1] {
		before, _ := read("", i+1)
		after, _ := read(at, 0)
		if got := slices.Concat(before, after); !slices.Equal(got, all) || len(all) != 20 {
			t.Errorf("after page %d: %v", i, got)
		}
	}
	if err := from.Read(t.Context(), 0, "nonsense", func(load.Page) error { return nil }); err == nil {
		t.Error("a position that is none was taken")
	}
}

// A call that may succeed later is made again; one that cannot ends the scan of all segments, with its error.
func TestErrors(t *testing.T) {
	t.Parallel()
	slow := &types.ProvisionedThroughputExceededException{}
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no", Fault: smithy.FaultClient}
	synctest.Test(t, func(t *testing.T) {
		got, err := scan.Table{API: &table{items: 50, failing: 20, why: slow}, Name: "t"}.Sum(t.Context())
		if err != nil || got.Count != 50 {
			t.Errorf("%v, %v", got, err)
		}
		begun := time.Now()
		if _, err = (scan.Table{API: &table{items: 50, failing: 1 << 30, why: slow}, Name: "t"}).Sum(t.Context()); !errors.Is(err, slow) || time.Since(begun) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		api := &table{items: 50, failing: 1, why: denied}
		if _, err = (scan.Table{API: api, Name: "t"}).Sum(t.Context()); !errors.Is(err, denied) {
			t.Errorf("%v", err)
		}
		stop := errors.New("stop")
		if err := (scan.Table{API: &table{items: 50}, Name: "t"}).Each(t.Context(), func(int, item.Item) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%v", err)
		}
	})
}
