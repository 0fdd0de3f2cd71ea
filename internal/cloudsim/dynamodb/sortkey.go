package dynamodb

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// tests tells the test of the partition key from that of the sort key and checks both.
func (k *keys) tests(tests []expr.KeyTest) (hash, sort *expr.KeyTest, err error) {
	for i := range tests {
		switch tests[i].Name {
		case k.hash:
			hash = &tests[i]
		case k.sort:
			sort = &tests[i]
		}
	}
	switch {
	case hash == nil:
		return nil, nil, invalid("Query condition missed key schema element: %s", k.hash)
	case hash.Operator != "=":
		return nil, nil, invalid("Query key condition not supported")
	case len(tests) == 2 && k.sort == "":
		return nil, nil, invalid("Query key condition not supported")
	case len(tests) == 2 && sort == nil:
		return nil, nil, invalid("Query condition missed key schema element: %s", k.sort)
	}
	if err := checkTest(hash, k.hashKind); err != nil {
		return nil, nil, err
	}
	if sort != nil {
		if err := checkTest(sort, k.sortKind); err != nil {
			return nil, nil, err
		}
	}
	return hash, sort, nil
}

func checkTest(t *expr.KeyTest, kind item.Kind) error {
	if t.Operator == "begins_with" && kind == item.N {
		return invalidValue("Condition parameter type does not match schema type")
	}
	values := []item.Value{t.Value}
	if t.Operator == "BETWEEN" {
		values = append(values, t.High)
	}
	for _, v := range values {
		if v.Kind != kind {
			return invalidValue("Condition parameter type does not match schema type")
		}
		if v.Text == "" {
			return emptyKey(kind, t.Name)
		}
	}
	return nil
}

// sortRange is the range of places in a partition whose sort keys pass a test.
func sortRange(partition []byte, t *expr.KeyTest) (low, high string) {
	low, high = string(partition), after(partition)
	at := appendSort(slices.Clone(partition), t.Value.Text)
	if t.Operator == "begins_with" {
		return string(at), after(at)
	}
	at = appendSortEnd(at)
	switch t.Operator {
	case "=":
		return string(at), after(at)
	case "<":
		return low, string(at)
	case "<=":
		return low, after(at)
	case ">":
		return after(at), high
	case ">=":
		return string(at), high
	default: // BETWEEN
		return string(at), after(appendSortEnd(appendSort(slices.Clone(partition), t.High.Text)))
	}
}
