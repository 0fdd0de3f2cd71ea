package dynamodbtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An update changes what its paths name and nothing else, reading everything from the item as it was.
func (b *bench) testUpdates(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	for _, c := range []struct {
		expression string
		values     []any
		change     row // attributes after the update; gone is an attribute that is not there
	}{
		{"SET n = :a", []any{"text"}, row{"n": "text"}},
		{"SET q = n, n = :a", []any{1}, row{"q": 5, "n": 1}},
		{"SET n = n + :a", []any{num("0.1")}, row{"n": num("5.1")}},
		{"SET n = :a - n", []any{1}, row{"n": -4}},
		{"SET n = (n - :a)", []any{num("1e-20")}, row{"n": num("4.99999999999999999999")}},
		{"SET n = if_not_exists(q, :a) + :a", []any{1}, row{"n": 2}},
		{"SET q = if_not_exists(n, :a)", []any{1}, row{"q": 5}},
		{"SET l = list_append(l, :a)", []any{[]any{3, "x"}}, row{"l": []any{0, 1, 2, 3, "x"}}},
		{"SET l = list_append(:a, l)", []any{[]any{3}}, row{"l": []any{3, 0, 1, 2}}},
		{"SET q = list_append(if_not_exists(q, :a), l)", []any{[]any{}}, row{"q": []any{0, 1, 2}}},
		{"SET m.x = :a, m.w = :a", []any{1}, row{"m": row{"x": 1, "w": 1, "z": []any{"q"}, "n": 5}}},
		{"SET m.z[0] = :a", []any{row{"deep": 1}}, row{"m": row{"x": "y", "z": []any{row{"deep": 1}}, "n": 5}}},
		{"SET l[1] = :a", []any{"one"}, row{"l": []any{0, "one", 2}}},
		{"SET l[10] = :a, l[5] = :b", []any{"A", "B"}, row{"l": []any{0, 1, 2, "B", "A"}}},
		{"SET l[1] = :a REMOVE l[0]", []any{"A"}, row{"l": []any{"A", 2}}},
		{"SET q = l, l[0] = :a", []any{9}, row{"q": []any{0, 1, 2}, "l": []any{9, 1, 2}}},
		{"REMOVE n, m.x, l[0], l[2], q", nil, row{"n": gone, "m": row{"z": []any{"q"}, "n": 5}, "l": []any{1}}},
		{"REMOVE l[7], m.nothing", nil, row{}},
		{"ADD n :a", []any{-7}, row{"n": -2}},
		{"ADD q :a", []any{3}, row{"q": 3}},
		{"ADD m.k :a", []any{3}, row{"m": row{"x": "y", "z": []any{"q"}, "n": 5, "k": 3}}},
		{"ADD ss :a", []any{set{"c", "a"}}, row{"ss": set{"a", "b", "c"}}},
		{"ADD q :a", []any{numSet{"1"}}, row{"q": numSet{"1"}}},
		{"DELETE ss :a", []any{set{"b", "z"}}, row{"ss": set{"a"}}},
		{"DELETE ss :a", []any{set{"b", "a"}}, row{"ss": gone}},
		{"DELETE q :a", []any{set{"b"}}, row{}},
		{"set n = :a remove str add l2 :a delete ss :b", []any{1, set{"a"}}, row{"n": 1, "str": gone, "l2": 1, "ss": set{"b"}}},
		{"SET #n = :a, #m.#x = :a", []any{1}, row{"name": 1, "m": row{"x": 1, "z": []any{"q"}, "n": 5}}},
	} {
		b.put(t, sample())
		in := b.update(row{"p": "a"}, c.expression, c.values...)
		in.ExpressionAttributeNames = namesIn(c.expression)
		if _, err := b.UpdateItem(t.Context(), in); err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		wanted := sample()
		for k, v := range c.change {
			if wanted[k] = v; v == gone {
				delete(wanted, k)
			}
		}
		want(t, c.expression, b.get(t, row{"p": "a"}), wanted)
	}
	if _, err := b.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &b.table, Key: row{"p": "bare"}.attrs()}); err != nil {
		t.Errorf("an update of nothing: %v", err)
	}
	want(t, "an update of nothing makes the item", b.get(t, row{"p": "bare"}), row{"p": "bare"})
	if _, err := b.UpdateItem(t.Context(), b.update(row{"p": "new"}, "SET x = :a ADD y :a", 1)); err != nil {
		t.Errorf("an update of an item that is not there: %v", err)
	}
	want(t, "an update makes the item", b.get(t, row{"p": "new"}), row{"p": "new", "x": 1, "y": 1})
}

const gone = "(gone)"

// An update that is malformed, or does not fit the item, is refused in AWS's words and changes nothing.
func (b *bench) testUpdateErrors(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, sample())
	for _, c := range []struct {
		expression string
		values     []any
		texts      []string
	}{
		{"", nil, []string{"Invalid UpdateExpression: The expression can not be empty;"}},
		{"n = :a", []any{1}, []string{`Syntax error; token: "n", near: "n ="`}},
		{"SET n :a", []any{1}, []string{`Syntax error; token: ":a", near: "n :a"`}},
		{"SET n = :a,", []any{1}, []string{`Syntax error; token: "<EOF>", near: ","`}},
		{"SET n = :a foo", []any{1}, []string{`Syntax error; token: "foo", near: ":a foo"`}},
		{"SET n = n + :a + :a", []any{1}, []string{`Syntax error; token: "+", near: ":a + :a"`}},
		{"SET n = (n + :a) + :a", []any{1}, []string{`Syntax error; token: "+", near: ") + :a"`}},
		{"SET n = if_not_exists(q, n + :a)", []any{1}, []string{`Syntax error; token: "+", near: "n + :a"`}},
		{"ADD n n", nil, []string{`Syntax error; token: "n", near: "n n"`}},
		{"SET n = $a", nil, []string{`Syntax error; token: "$", near: "= $a"`}},
		{"SET n = :a SET str = :a", []any{1}, []string{`The "SET" section can only be used once in an update expression;`}},
		{"SET n = :a, n = :a", []any{1}, []string{"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]"}},
		{"SET m.x = :a REMOVE m", []any{1}, []string{"path one: [m, x], path two: [m]"}},
		{"SET m.x = :a, m[1] = :a", []any{1}, []string{"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, x], path two: [m, [1]]"}},
		{"SET p = :a", []any{"b"}, []string{"Cannot update attribute p. This attribute is part of the key"}},
		{"REMOVE p", nil, []string{"Cannot update attribute p. This attribute is part of the key"}},
		{"SET name = :a", []any{1}, []string{"Attribute name is a reserved keyword; reserved keyword: name"}},
		{"SET n = size(l)", nil, []string{"The function is not allowed in an update expression; function: size"}},
		{"SET n = foo(l)", nil, []string{"Invalid function name; function: foo"}},
		{"SET n = if_not_exists(:a, :a)", []any{1}, []string{"Operator or function requires a document path; operator or function: if_not_exists"}},
		{"SET n = :a + :b", []any{1, "x"}, []string{"Incorrect operand type for operator or function; operator or function: +, operand type: S"}},
		{"SET n = list_append(l, :a)", []any{1}, []string{"Incorrect operand type for operator or function; operator or function: list_append, operand type: N"}},
		{"ADD n :a", []any{"x"}, []string{"Incorrect operand type for operator or function; operator: ADD, operand type: STRING"}},
		{"DELETE ss :a", []any{1}, []string{"Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER"}},
		{"SET n = q", nil, []string{"The provided expression refers to an attribute that does not exist in the item"}},
		{"SET n = str + :a", []any{1}, []string{"An operand in the update expression has an incorrect data type"}},
		{"SET n = list_append(str, :a)", []any{[]any{}}, []string{"An operand in the update expression has an incorrect data type"}},
		{"ADD str :a", []any{1}, []string{"An operand in the update expression has an incorrect data type"}},
		{"ADD ss :a", []any{numSet{"1"}}, []string{"An operand in the update expression has an incorrect data type"}},
		{"DELETE n :a", []any{set{"a"}}, []string{"An operand in the update expression has an incorrect data type"}},
		{"SET q.r = :a", []any{1}, []string{"The document path provided in the update expression is invalid for update"}},
		{"SET str.r = :a", []any{1}, []string{"The document path provided in the update expression is invalid for update"}},
		{"SET m[0] = :a", []any{1}, []string{"The document path provided in the update expression is invalid for update"}},
		{"REMOVE q.r", nil, []string{"The document path provided in the update expression is invalid for update"}},
		{"REMOVE l[0].x", nil, []string{"The document path provided in the update expression is invalid for update"}},
		{"DELETE q.r :a", []any{set{"a"}}, []string{"The document path provided in the update expression is invalid for update"}},
		{"SET n = n + :a", []any{num("1e50")}, []string{"more than 38 significant digits", "precision up to 38 digits"}},
		{"SET n = :a + :a", []any{num("9e125")}, []string{"Number overflow"}},
	} {
		_, err := b.UpdateItem(t.Context(), b.update(row{"p": "a"}, c.expression, c.values...))
		wantError(t, c.expression, err, validation, c.texts...)
	}
	want(t, "after refusals", b.get(t, row{"p": "a"}), sample())
}

// Each ReturnValues returns what it says; a failed condition returns the item when asked.
func (b *bench) testReturnValues(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	start := row{"p": "a", "x": 1, "y": 1}
	for mode, wanted := range map[types.ReturnValue]row{
		"": nil, types.ReturnValueNone: nil, types.ReturnValueAllOld: start, types.ReturnValueAllNew: {"p": "a", "x": 2, "z": 2},
		types.ReturnValueUpdatedOld: {"x": 1, "y": 1}, types.ReturnValueUpdatedNew: {"x": 2, "z": 2},
	} {
		b.put(t, start)
		in := b.update(row{"p": "a"}, "SET x = :a, z = :a REMOVE y", 2)
		in.ReturnValues = mode
		out, err := b.UpdateItem(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "update returns "+string(mode), rowOf(out.Attributes), wanted)
	}
	b.put(t, start)
	put := &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "a"}.attrs(), ReturnValues: types.ReturnValueAllOld}
	out, err := b.PutItem(t.Context(), put)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "put returns ALL_OLD", rowOf(out.Attributes), start)
	put.ReturnValues = types.ReturnValueAllNew
	_, err = b.PutItem(t.Context(), put)
	wantError(t, "put can not return ALL_NEW", err, validation)
	del := &dynamodb.DeleteItemInput{TableName: &b.table, Key: row{"p": "a"}.attrs(), ReturnValues: types.ReturnValueAllOld}
	for _, wanted := range []row{{"p": "a"}, nil} {
		out, err := b.DeleteItem(t.Context(), del)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "delete returns ALL_OLD", rowOf(out.Attributes), wanted)
	}
	b.put(t, start)
	in := b.update(row{"p": "a"}, "SET x = :a", 2)
	in.ConditionExpression = aws.String("attribute_not_exists(p)")
	in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	_, err = b.UpdateItem(t.Context(), in)
	failed, ok := errorAs[*types.ConditionalCheckFailedException](err)
	if !ok {
		t.Fatalf("a failed condition: %v", err)
	}
	want(t, "a failed condition returns the item", rowOf(failed.Item), start)
}

// A projection picks paths; what is not there is left out.
func (b *bench) testProjection(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, sample())
	for expression, wanted := range map[string]row{
		"n, str":              {"n": 5, "str": "héllo😀"},
		"q":                   {},
		"m.x, m.q, l[1]":      {"m": row{"x": "y"}, "l": []any{1}},
		"l[2], l[0], m.z[0]":  {"l": []any{0, 2}, "m": row{"z": []any{"q"}}},
		"#n, #m.#x, m.n":      {"name": "reserved", "m": row{"x": "y", "n": 5}},
		"l[9], m.z[3], str.x": {},
	} {
		out, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: row{"p": "a"}.attrs(), ProjectionExpression: &expression, ExpressionAttributeNames: namesIn(expression)})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		want(t, expression, rowOf(out.Item), wanted)
	}
	for expression, text := range map[string]string{
		"": "Invalid ProjectionExpression: The expression can not be empty;", "n, name": "reserved keyword: name", "n,": `Syntax error; token: "<EOF>", near: ","`,
		"n, n": "Two document paths overlap with each other", "m.x, m": "path one: [m, x], path two: [m]", "m.x, m[0]": "Two document paths conflict with each other", "size(n)": `Syntax error; token: "("`,
	} {
		_, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: row{"p": "a"}.attrs(), ProjectionExpression: &expression})
		wantError(t, expression, err, validation, text)
	}
}

// AttributeUpdates, the older form of an update, do what they name.
func (b *bench) testAttributeUpdates(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, sample())
	in := &dynamodb.UpdateItemInput{TableName: &b.table, Key: row{"p": "a"}.attrs(), AttributeUpdates: map[string]types.AttributeValueUpdate{
		"str": {Action: types.AttributeActionPut, Value: value("new")}, "n": {Action: types.AttributeActionAdd, Value: value(2)},
		"ss": {Action: types.AttributeActionDelete, Value: value(set{"a"})}, "bin": {Action: types.AttributeActionDelete}, "other": {Action: types.AttributeActionPut, Value: value(1)},
	}}
	if _, err := b.UpdateItem(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	wanted := sample().with("str", "new").with("n", 7).with("ss", set{"b"}).with("other", 1)
	delete(wanted, "bin")
	want(t, "after it", b.get(t, row{"p": "a"}), wanted)
	in.UpdateExpression = aws.String("REMOVE n")
	_, err := b.UpdateItem(t.Context(), in)
	wantError(t, "with an expression", err, validation, "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}")
	in.UpdateExpression, in.AttributeUpdates = nil, map[string]types.AttributeValueUpdate{"n": {Action: types.AttributeActionPut}}
	_, err = b.UpdateItem(t.Context(), in)
	wantError(t, "nothing to put", err, validation, "Only DELETE action is allowed when no attribute value is specified")
}
