package dynamodbtest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"
)

// modelKey is a key in the model: a partition and a sort key.
type modelKey struct {
	p string
	s int
}

func (k modelKey) row() row { return row{"p": k.p, "s": k.s} }

// testModel: any sequence of operations on few keys leaves the table, and an index of it, as the same operations leave
// a map.
func (b *bench) testModel(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N", global: map[string]string{"byv": "v:N s:N"}})
	rapid.Check(t, func(rt *rapid.T) {
		m := &modelRun{t: t, b: b, run: fmt.Sprintf("run%d-", serial.Add(1)), items: map[modelKey]row{}}
		rt.Repeat(map[string]func(*rapid.T){
			"put": m.put, "delete": m.delete, "add": m.add, "put if new": m.putIfNew, "query": m.query, "get": m.get, "index": m.index,
		})
	})
}

// modelRun is one sequence of operations. Its partitions are its own, for the table is shared by all sequences.
type modelRun struct {
	t     *testing.T
	b     *bench
	run   string
	items map[modelKey]row
}

func (m *modelRun) key(t *rapid.T) modelKey {
	return modelKey{m.run + rapid.SampledFrom([]string{"a", "b"}).Draw(t, "p"), rapid.IntRange(-3, 3).Draw(t, "s")}
}

func (m *modelRun) check(t *rapid.T, err error, refused bool) {
	t.Helper()
	if _, isRefusal := errorAs[interface {
		error
		ErrorCode() string
	}](err); (err != nil) != refused || refused && !isRefusal {
		t.Fatalf("error %v, want one: %v", err, refused)
	}
}

func (m *modelRun) put(t *rapid.T) {
	k, v := m.key(t), rapid.IntRange(0, 2).Draw(t, "v")
	r := k.row().with("v", v)
	_, err := m.b.PutItem(m.t.Context(), &dynamodb.PutItemInput{TableName: &m.b.table, Item: r.attrs()})
	m.check(t, err, false)
	m.items[k] = r
}

func (m *modelRun) putIfNew(t *rapid.T) {
	k := m.key(t)
	_, err := m.b.PutItem(m.t.Context(), &dynamodb.PutItemInput{TableName: &m.b.table, Item: k.row().attrs(), ConditionExpression: aws.String("attribute_not_exists(p)")})
	_, exists := m.items[k]
	m.check(t, err, exists)
	if !exists {
		m.items[k] = k.row()
	}
}

func (m *modelRun) delete(t *rapid.T) {
	k := m.key(t)
	_, err := m.b.DeleteItem(m.t.Context(), &dynamodb.DeleteItemInput{TableName: &m.b.table, Key: k.row().attrs()})
	m.check(t, err, false)
	delete(m.items, k)
}

func (m *modelRun) add(t *rapid.T) {
	k, n := m.key(t), rapid.IntRange(-2, 2).Draw(t, "n")
	_, err := m.b.UpdateItem(m.t.Context(), m.b.update(k.row(), "ADD v :a", n))
	m.check(t, err, false)
	old, _ := m.items[k]["v"].(int)
	m.items[k] = k.row().with("v", old+n)
}

func (m *modelRun) get(t *rapid.T) {
	k := m.key(t)
	if got, wanted := m.b.get(m.t, k.row()), m.items[k]; !equal(got, wanted) {
		t.Fatalf("item %v is %v, want %v", k, got, wanted)
	}
}

func (m *modelRun) query(t *rapid.T) {
	k := m.key(t)
	forward := rapid.Bool().Draw(t, "forward")
	in := m.b.queryOf("p = :a AND s >= :b", k.p, k.s)
	in.ScanIndexForward = &forward
	out, err := m.b.Query(m.t.Context(), in)
	m.check(t, err, false)
	var wanted []row
	for s := k.s; s <= 3; s++ {
		if r, ok := m.items[modelKey{k.p, s}]; ok {
			wanted = append(wanted, r)
		}
	}
	if !forward {
		slices.Reverse(wanted)
	}
	if got := rowsOf(out.Items); !slices.EqualFunc(got, wanted, equal) {
		t.Fatalf("query from %v: %v, want %v", k, got, wanted)
	}
}

// index compares the items of this run that the index has under one value.
func (m *modelRun) index(t *rapid.T) {
	v := rapid.IntRange(-2, 4).Draw(t, "v")
	in := m.b.queryOf("v = :a", v, m.run)
	in.IndexName, in.FilterExpression = aws.String("byv"), aws.String("begins_with(p, :b)")
	out, err := m.b.Query(m.t.Context(), in)
	m.check(t, err, false)
	wanted := 0
	for _, r := range m.items {
		if r["v"] == v {
			wanted++
		}
	}
	if len(out.Items) != wanted {
		t.Fatalf("the index has %d items with v = %d, want %d", len(out.Items), v, wanted)
	}
}

func equal(a, b row) bool { return maps.Equal(a, b) && (a == nil) == (b == nil) }
