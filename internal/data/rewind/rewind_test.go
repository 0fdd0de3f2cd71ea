package rewind_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/rewind"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
)

// memory is tables in memory: pages of three items, segments by the hash of the key.
type memory struct {
	mu     sync.Mutex
	tables map[string]map[string]string // table, id to value
	writes int
}

func text(v types.AttributeValue) string {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return s.Value
}

func (m *memory) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := &dynamodb.ScanOutput{}
	for _, id := range slices.Sorted(maps.Keys(m.tables[*in.TableName])) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(id))
		if int32(h.Sum32()%uint32(*in.TotalSegments)) != *in.Segment || id <= text(in.ExclusiveStartKey["id"]) && in.ExclusiveStartKey != nil {
			continue
		}
		key := item.Item{"id": &types.AttributeValueMemberS{Value: id}}
		if len(out.Items) == 3 {
			out.LastEvaluatedKey = item.Only(out.Items[2], []string{"id"})
			return out, nil
		}
		key["v"] = &types.AttributeValueMemberS{Value: m.tables[*in.TableName][id]}
		out.Items = append(out.Items, key)
	}
	return out, nil
}

func (m *memory) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, writes := range in.RequestItems {
		for _, w := range writes {
			m.writes++
			if w.DeleteRequest != nil {
				delete(m.tables[name], text(w.DeleteRequest.Key["id"]))
			} else {
				m.tables[name][text(w.PutRequest.Item["id"])] = text(w.PutRequest.Item["v"])
			}
		}
	}
	return &dynamodb.BatchWriteItemOutput{}, nil
}

func (*memory) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	panic("every batch is valid")
}

func (*memory) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	panic("every batch is valid")
}

// Whatever happened to a table, a rewind makes it equal to the good one, writes no more than what differs, and has counted that before.
func TestRewindMakesEqual(t *testing.T) {
	t.Parallel()
	id := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 40).Draw(t, "id")) })
	content := rapid.MapOf(id, rapid.SampledFrom([]string{"a", "b"}))
	rapid.Check(t, func(t *rapid.T) {
		good, live := content.Draw(t, "good"), content.Draw(t, "live")
		m := &memory{tables: map[string]map[string]string{"good": maps.Clone(good), "live": maps.Clone(live)}}
		table := func(name string) scan.Table { return scan.Table{API: m, Name: name, Parts: 3} }
		c, err := rewind.Compare(context.Background(), table("good"), table("live"), []string{"id"})
		if err != nil {
			t.Fatal(err)
		}
		differ := 0
		for k := range union(good, live) {
			a, inGood := good[k]
			if b, inLive := live[k]; inGood != inLive || a != b {
				differ++
			}
		}
		if c.Writes() != int64(differ) || c.Same != int64(len(union(good, live))-differ) || c.Good.Count != int64(len(good)) {
			t.Fatalf("%+v, but %d differ", c, differ)
		}
		if (c.Good == c.Live) != (differ == 0) {
			t.Fatalf("sums %v and %v, but %d differ", c.Good, c.Live, differ)
		}
		if _, err := load.Run(context.Background(), load.Config{Source: c.Source([]string{"id"}), API: m, Table: "live"}); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(m.tables["live"], good) || m.writes != differ {
			t.Fatalf("%v after %d writes, want %v after %d", m.tables["live"], m.writes, good, differ)
		}
	})
}

func union(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
