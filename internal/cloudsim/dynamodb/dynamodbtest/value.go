package dynamodbtest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// row is an item in plain Go: string is S, int and num are N, []byte is B, bool is BOOL, nil is NULL, []any is L,
// row is M, and set, numSet and binSet are the sets.
type row map[string]any

type (
	num    string
	set    []string
	numSet []string
	binSet []string
)

func (r row) attrs() map[string]types.AttributeValue {
	out := map[string]types.AttributeValue{}
	for name, v := range r {
		out[name] = value(v)
	}
	return out
}

// with is the row with another attribute.
func (r row) with(name string, v any) row {
	out := row{name: v}
	for k, old := range r {
		if k != name {
			out[k] = old
		}
	}
	return out
}

func value(v any) types.AttributeValue {
	switch v := v.(type) {
	case types.AttributeValue:
		return v
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case int:
		return &types.AttributeValueMemberN{Value: strconv.Itoa(v)}
	case num:
		return &types.AttributeValueMemberN{Value: string(v)}
	case []byte:
		return &types.AttributeValueMemberB{Value: v}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}
	case set:
		return &types.AttributeValueMemberSS{Value: v}
	case numSet:
		return &types.AttributeValueMemberNS{Value: v}
	case binSet:
		out := &types.AttributeValueMemberBS{}
		for _, e := range v {
			out.Value = append(out.Value, []byte(e))
		}
		return out
	case []any:
		out := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for _, e := range v {
			out.Value = append(out.Value, value(e))
		}
		return out
	case row:
		return &types.AttributeValueMemberM{Value: v.attrs()}
	default:
		panic(fmt.Sprintf("no attribute value for %T", v))
	}
}

// rowOf is the reverse of attrs. Whole numbers become int; sets are sorted, for they have no order.
func rowOf(attrs map[string]types.AttributeValue) row {
	if attrs == nil {
		return nil
	}
	out := row{}
	for name, v := range attrs {
		out[name] = plain(v)
	}
	return out
}

func rowsOf(items []map[string]types.AttributeValue) []row {
	var out []row
	for _, i := range items {
		out = append(out, rowOf(i))
	}
	return out
}

func plain(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		if n, err := strconv.Atoi(v.Value); err == nil && strconv.Itoa(n) == v.Value {
			return n
		}
		return num(v.Value)
	case *types.AttributeValueMemberB:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberSS:
		return set(slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberNS:
		return numSet(slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberBS:
		var out binSet
		for _, e := range v.Value {
			out = append(out, string(e))
		}
		slices.Sort(out)
		return out
	case *types.AttributeValueMemberL:
		out := []any{}
		for _, e := range v.Value {
			out = append(out, plain(e))
		}
		return out
	case *types.AttributeValueMemberM:
		return rowOf(v.Value)
	default:
		panic(fmt.Sprintf("an attribute value of type %T", v))
	}
}
