package dynamodbtest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// sample is the item that conditions and updates are tried on.
func sample() row {
	return row{
		"p": "a", "n": 5, "m5": num("-5.5"), "str": "héllo😀", "bin": []byte("bytes"), "yes": true, "nothing": nil,
		"l": []any{0, 1, 2}, "m": row{"x": "y", "z": []any{"q"}, "n": 5}, "ss": set{"a", "b"}, "ns": numSet{"1", "2"}, "name": "reserved", "a.b": "dotted",
	}
}

// A write happens exactly when its condition holds.
func (b *bench) testConditions(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	for _, c := range []struct {
		expression string
		values     []any
		holds      bool
	}{
		{"n = :a", []any{5}, true},
		{"n = :a", []any{num("5.0")}, true},
		{"n = :a", []any{"5"}, false},
		{":a = n", []any{5}, true},
		{"n <> :a", []any{"5"}, true},
		{"q <> :a", []any{5}, true},
		{"q <> r", nil, true},
		{"q = r", nil, false},
		{"NOT q = r", nil, true},
		{"n < :a", []any{10}, true},
		{"n < :a", []any{"9"}, false},
		{"m5 < :a", []any{num("-5.4")}, true},
		{"m5 >= :a", []any{num("-5.50")}, true},
		{"str > :a", []any{"h"}, true},
		{"bin <= :a", []any{[]byte("bytes")}, true},
		{"yes = :a", []any{true}, true},
		{"nothing = :a", []any{nil}, true},
		{"ss = :a", []any{set{"b", "a"}}, true},
		{"l = :a", []any{[]any{0, 1, 2}}, true},
		{"l = :a", []any{[]any{0, 2, 1}}, false},
		{"m = :a", []any{row{"z": []any{"q"}, "x": "y", "n": 5}}, true},
		{"m.n = n", nil, true},
		{"l[1] = :a", []any{1}, true},
		{"l[7] = :a", []any{1}, false},
		{"m.z[0] = :a AND m . x = :b", []any{"q", "y"}, true},
		{"m.x[0] = :a", []any{"y"}, false},
		{"n BETWEEN :a AND :b", []any{5, 6}, true},
		{"n BETWEEN :a AND :b AND n = :a", []any{5, 6}, true},
		{"n between :a and :b", []any{6, 7}, false},
		{":a BETWEEN m5 AND n", []any{0}, true},
		{"q BETWEEN :a AND :b", []any{5, 6}, false},
		{"n IN (:a, :b)", []any{4, 5}, true},
		{"n in (:a)", []any{4}, false},
		{"str IN (:a, m.x)", []any{"y"}, false},
		{"attribute_exists(n) and attribute_not_exists(m.q)", nil, true},
		{"attribute_exists(nothing)", nil, true},
		{"attribute_exists(l[3])", nil, false},
		{"attribute_type(m, :a)", []any{"M"}, true},
		{"attribute_type(nothing, :a)", []any{"NULL"}, true},
		{"attribute_type(q, :a)", []any{"S"}, false},
		{"begins_with(str, :a)", []any{"hé"}, true},
		{"begins_with(bin, :a)", []any{[]byte("by")}, true},
		{"begins_with(n, :a)", []any{"5"}, false},
		{"contains(str, :a)", []any{"llo"}, true},
		{"contains(str, :a)", []any{5}, false},
		{"contains(ss, :a)", []any{"a"}, true},
		{"contains(ns, :a)", []any{num("2.0")}, true},
		{"contains(ss, :a)", []any{1}, false},
		{"contains(l, :a)", []any{1}, true},
		{"contains(m, :a)", []any{"x"}, false},
		{"contains(:a, m.x)", []any{"xyz"}, true},
		{"size(str) = :a", []any{7}, true},
		{"size(bin) = :a", []any{5}, true},
		{"size(l) = size(m)", nil, true},
		{"size(ss) < :a", []any{3}, true},
		{"size(n) = :a", []any{1}, false},
		{"size(q) = :a", []any{0}, false},
		{"n = :a OR n = :b AND q = :a", []any{5, 6}, true},
		{"(n = :a OR n = :b) AND q = :a", []any{5, 6}, false},
		{"NOT n = :a OR n = :a", []any{5}, true},
		{"NOT (n = :a OR n = :a)", []any{5}, false},
		{"NOT NOT n = :a", []any{5}, true},
		{"(n) = (:a)", []any{5}, true},
		{"#n = :a", []any{"reserved"}, true},
		{"#m.#x = :a", []any{"y"}, true},
		{"#dot = :a", []any{"dotted"}, true},
	} {
		b.put(t, sample())
		in := b.update(row{"p": "a"}, "SET done = :done", c.values...)
		if in.ExpressionAttributeValues == nil {
			in.ExpressionAttributeValues = map[string]types.AttributeValue{}
		}
		in.ExpressionAttributeValues[":done"] = value(true)
		in.ConditionExpression, in.ExpressionAttributeNames = &c.expression, namesIn(c.expression)
		_, err := b.UpdateItem(t.Context(), in)
		if c.holds && err != nil {
			t.Errorf("%s %v: %v", c.expression, c.values, err)
		}
		if !c.holds {
			wantError(t, c.expression, err, conditional, "The conditional request failed")
		}
		if got := b.get(t, row{"p": "a"})["done"]; (got == true) != c.holds {
			t.Errorf("%s %v: written: %v, want %v", c.expression, c.values, got, c.holds)
		}
	}
	put := func(key, condition string) error {
		_, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": key}.attrs(), ConditionExpression: &condition})
		return err
	}
	// The lock of a Terraform state is taken and given back like this.
	if err := put("lock", "attribute_not_exists(p)"); err != nil {
		t.Errorf("take a free lock: %v", err)
	}
	wantError(t, "take a taken lock", put("lock", "attribute_not_exists(p)"), conditional)
	for _, wantErr := range []bool{false, true} {
		_, err := b.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &b.table, Key: row{"p": "lock"}.attrs(), ConditionExpression: aws.String("attribute_exists(p)")})
		if (err != nil) != wantErr {
			t.Errorf("give the lock back: %v", err)
		}
	}
}

// namesIn gives the names that the suite's expressions use.
func namesIn(expression string) map[string]string {
	var out map[string]string
	for k, v := range map[string]string{"#n": "name", "#m": "m", "#x": "x", "#dot": "a.b"} {
		if strings.Contains(expression, k) {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}

// A malformed condition is refused in AWS's words, whatever the item.
func (b *bench) testConditionErrors(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	for _, c := range []struct {
		expression string
		values     []any
		text       string
	}{
		{"", nil, "Invalid ConditionExpression: The expression can not be empty;"},
		{"n = = :a", []any{1}, `Syntax error; token: "=", near: "= = :a"`},
		{"n = :a AND", []any{1}, `Syntax error; token: "<EOF>", near: "AND"`},
		{"AND n = :a", []any{1}, `Syntax error; token: "AND", near: "AND n"`},
		{"n = :a)", []any{1}, `Syntax error; token: ")", near: ":a)"`},
		{"n", nil, `Syntax error; token: "<EOF>", near: "n"`},
		{"n = 5", nil, `Syntax error; token: "5", near: "= 5"`},
		{"n ! :a", []any{1}, `Syntax error; token: "!", near: "n ! :a"`},
		{"n + :a = :a", []any{1}, `Syntax error; token: "+", near: "n + :a"`},
		{"_n = :a", []any{1}, `Syntax error; token: "_", near: "_n"`},
		{"l[-1] = :a", []any{1}, `Syntax error; token: "-", near: "[-1"`},
		{"n IN ()", nil, `Syntax error; token: ")", near: "()"`},
		{"n IN :a", []any{1}, `Syntax error; token: ":a", near: "IN :a"`},
		{"between = :a", []any{1}, `Syntax error; token: "between", near: "between ="`},
		{"attribute_exists n", nil, `Syntax error; token: "n", near: "attribute_exists n"`},
		{"((n = :a))", []any{1}, "The expression has redundant parentheses;"},
		{"n = n", nil, "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]"},
		{"begins_with(m.x, m.x)", nil, "operator: begins_with, first operand: [m, x]"},
		{"n < :a", []any{true}, "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"},
		{"n BETWEEN :a AND :b", []any{2, 1}, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
		{"n BETWEEN :a AND :b", []any{1, "2"}, "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:2}"},
		{"attribute_exists(:a)", []any{1}, "Operator or function requires a document path; operator or function: attribute_exists"},
		{"attribute_exists(n, l)", nil, "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"},
		{"attribute_type(n, :a)", []any{"Q"}, "Invalid attribute type name found; type: Q, valid types: {"},
		{"attribute_type(n, :a)", []any{1}, "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"},
		{"begins_with(str, :a)", []any{1}, "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"},
		{"size(:a) = :a", []any{1}, "Incorrect operand type for operator or function; operator or function: size, operand type: N"},
		{"size(str)", nil, "The function is not allowed to be used this way in an expression; function: size"},
		{"n = begins_with(str, :a)", []any{"x"}, "The function is not allowed to be used this way in an expression; function: begins_with"},
		{"foo(n)", nil, "Invalid function name; function: foo"},
		{"if_not_exists(n, :a)", []any{1}, "The function is not allowed in a condition expression; function: if_not_exists"},
		{"list_append(n, :a) = :a", []any{1}, "The function is not allowed in a condition expression; function: list_append"},
		{"name = :a", []any{1}, "Attribute name is a reserved keyword; reserved keyword: name"},
		{"m.Status = :a", []any{1}, "Attribute name is a reserved keyword; reserved keyword: Status"},
		{"n = :z", nil, "An expression attribute value used in expression is not defined; attribute value: :z"},
		{"#z = :a", []any{1}, "An expression attribute name used in the document path is not defined; attribute name: #z"},
		{"n IN (" + strings.Repeat(":a, ", 100) + ":a)", []any{1}, "The IN operator is provided with too many operands; number of operands: 101"},
		{"n = :a" + strings.Repeat(" ", 4096), []any{1}, "Expression size has exceeded the maximum allowed size"},
	} {
		in := &dynamodb.DeleteItemInput{TableName: &b.table, Key: row{"p": "a"}.attrs(), ConditionExpression: &c.expression, ExpressionAttributeValues: named(c.values)}
		_, err := b.DeleteItem(t.Context(), in)
		wantError(t, c.expression, err, validation, c.text)
	}
}

// Placeholders must be well named, defined and used.
func (b *bench) testPlaceholders(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	for _, c := range []struct {
		what, condition string
		names           map[string]string
		values          map[string]types.AttributeValue
		text            string
	}{
		{"unused name", "n = :a", map[string]string{"#a": "x"}, named([]any{1}), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		{"unused value", "attribute_exists(n)", nil, named([]any{1}), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"},
		{"name without #", "n = :a", map[string]string{"a": "x"}, named([]any{1}), `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{"value without :", "n = :a", nil, map[string]types.AttributeValue{"a": value(1)}, `ExpressionAttributeValues contains invalid key: Syntax error; key: "a"`},
		{"no names", "n = :a", map[string]string{}, named([]any{1}), "ExpressionAttributeNames must not be empty"},
		{"no values", "attribute_exists(n)", nil, map[string]types.AttributeValue{}, "ExpressionAttributeValues must not be empty"},
		{"names without expression", "", map[string]string{"#a": "x"}, nil, "ExpressionAttributeNames can only be specified when using expressions"},
		{"values without expression", "", nil, named([]any{1}), "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
		{"bad value", "n = :a", nil, named([]any{set{}}), "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :a"},
	} {
		in := &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "a"}.attrs(), ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values}
		if c.condition != "" {
			in.ConditionExpression = &c.condition
		}
		_, err := b.PutItem(t.Context(), in)
		wantError(t, c.what, err, validation, c.text)
	}
}
