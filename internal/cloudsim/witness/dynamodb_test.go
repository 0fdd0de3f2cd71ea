package witness

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestExpressionsAgree: any item, condition and update leave the same item and the same error in the drill cloud and in DynamoDB Local.
func TestExpressionsAgree(t *testing.T) {
	t.Parallel()
	local := simtest.DynamoDBLocal(t)
	cloud, err := cloudsim.New(cloudsim.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(cloud)
	t.Cleanup(srv.Close)
	ours, theirs := tableAt(t, srv.URL), tableAt(t, local)
	serial := 0
	rapid.Check(t, func(rt *rapid.T) {
		serial++
		e := &expressions{t: rt, values: map[string]types.AttributeValue{}}
		item := e.item(fmt.Sprint(serial))
		in := &dynamodb.UpdateItemInput{TableName: aws.String("items"), Key: map[string]types.AttributeValue{"id": item["id"]}, ReturnValues: types.ReturnValueAllNew}
		in.UpdateExpression = aws.String(e.update())
		if rapid.Bool().Draw(rt, "conditional") {
			in.ConditionExpression = aws.String(e.condition(2))
		}
		if len(e.values) > 0 {
			in.ExpressionAttributeValues = e.values
		}
		a, b := changed(t, ours, item, in), changed(t, theirs, item, in)
		if diff := cmp.Diff(b, a); diff != "" {
			rt.Fatalf("item %v\nSET %s\nIF %s\nvalues %v\n(-DynamoDB Local +ours)\n%s", shown(item), *in.UpdateExpression, aws.ToString(in.ConditionExpression), shown(e.values), diff)
		}
	})
}

func tableAt(t *testing.T, url string) *dynamodb.Client {
	t.Helper()
	c := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider(account, account, ""), Retryer: aws.NopRetryer{}})
	if _, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("items"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	}); err != nil {
		t.Fatal(err)
	}
	w := dynamodb.NewTableExistsWaiter(c, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second })
	if err := w.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("items")}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return c
}

// changed puts an item, updates it, and gives the error's code, what the update returned, and the item that is there then.
func changed(t *testing.T, c *dynamodb.Client, item map[string]types.AttributeValue, in *dynamodb.UpdateItemInput) []string {
	t.Helper()
	if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: in.TableName, Item: item}); err != nil {
		t.Fatal(err)
	}
	out, err := c.UpdateItem(t.Context(), in)
	code := "none"
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code, out = api.ErrorCode(), &dynamodb.UpdateItemOutput{}
	} else if err != nil {
		t.Fatal(err)
	}
	got, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: in.TableName, Key: in.Key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return []string{code, shown(out.Attributes), shown(got.Item)}
}

// shown writes attributes in one way.
func shown(item map[string]types.AttributeValue) string {
	var parts []string
	for _, name := range sortedKeys(item) {
		parts = append(parts, name+"="+shownValue(item[name]))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func shownValue(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%q", v.Value)
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberNULL:
		return "null"
	case *types.AttributeValueMemberSS:
		return fmt.Sprintf("set%q", slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberM:
		return shown(v.Value)
	case *types.AttributeValueMemberL:
		var parts []string
		for _, e := range v.Value {
			parts = append(parts, shownValue(e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprintf("%T", v)
}

// expressions draws items and expressions about them; the values that it names are in values.
type expressions struct {
	t      *rapid.T
	values map[string]types.AttributeValue
}

func (e *expressions) one(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(e.t, label)
}

// item has some of the attributes that paths name.
func (e *expressions) item(id string) map[string]types.AttributeValue {
	out := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
	for _, name := range []string{"a", "b", "m", "l"} {
		if kind := e.one("kind of "+name, "none", "S", "N", "BOOL", "NULL", "SS", "M", "L"); kind != "none" {
			out[name] = e.draw(kind, 2)
		}
	}
	return out
}

// draw makes a value of a kind, at most so deep.
func (e *expressions) draw(kind string, depth int) types.AttributeValue {
	inner := func() types.AttributeValue {
		if depth == 0 {
			return e.draw(e.one("kind", "S", "N"), 0)
		}
		return e.draw(e.one("kind", "S", "N", "SS", "M", "L"), depth-1)
	}
	switch kind {
	case "S":
		return &types.AttributeValueMemberS{Value: e.one("text", "x", "xy", "y", "")}
	case "N":
		return &types.AttributeValueMemberN{Value: e.one("number", "0", "1", "2", "-1", "1.5", "100000000000000000000")}
	case "BOOL":
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(e.t, "bool")}
	case "SS":
		return &types.AttributeValueMemberSS{Value: []string{e.one("element", "x", "y"), "z"}}
	case "M":
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": inner(), "y": inner()}}
	case "L":
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{inner(), inner()}}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

func (e *expressions) path() string {
	return e.one("path", "a", "b", "m", "l", "m.x", "m.y", "m.x.x", "l[0]", "l[1]", "l[7]", "m.y[0]")
}

// value names a value of one of the kinds.
func (e *expressions) value(kinds ...string) string {
	name := fmt.Sprintf(":v%d", len(e.values))
	e.values[name] = e.draw(e.one("kind", kinds...), 1)
	return name
}

func (e *expressions) any() string {
	return e.value("S", "N", "BOOL", "NULL", "SS", "M", "L")
}

// update has each of its four clauses at most once, as the grammar wants it.
func (e *expressions) update() string {
	var clauses []string
	for _, clause := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"SET", "REMOVE", "ADD", "DELETE"}), 1, 2, rapid.ID[string]).Draw(e.t, "clauses") {
		var actions []string
		for range rapid.IntRange(1, 2).Draw(e.t, "actions") {
			actions = append(actions, e.action(clause))
		}
		clauses = append(clauses, clause+" "+strings.Join(actions, ", "))
	}
	return strings.Join(clauses, " ")
}

func (e *expressions) action(clause string) string {
	switch clause {
	case "REMOVE":
		return e.path()
	case "ADD":
		return e.path() + " " + e.value("N", "N", "SS", "S")
	case "DELETE":
		return e.path() + " " + e.value("SS", "SS", "N")
	}
	return e.path() + " = " + rapid.SampledFrom([]func() string{
		e.any,
		e.path,
		func() string { return e.operand() + " " + e.one("sign", "+", "-") + " " + e.operand() },
		func() string { return "if_not_exists(" + e.path() + ", " + e.any() + ")" },
		func() string { return "list_append(" + e.path() + ", " + e.value("L", "L", "S") + ")" },
	}).Draw(e.t, "set")()
}

func (e *expressions) operand() string {
	if rapid.Bool().Draw(e.t, "path") {
		return e.path()
	}
	return e.value("N", "N", "S")
}

func (e *expressions) condition(depth int) string {
	kinds := []string{"compare", "exists", "type", "begins", "contains", "size", "between", "in"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not")
	}
	switch kind := e.one("condition", kinds...); kind {
	case "exists":
		return e.one("exists", "attribute_exists", "attribute_not_exists") + "(" + e.path() + ")"
	case "type":
		name := fmt.Sprintf(":v%d", len(e.values))
		e.values[name] = &types.AttributeValueMemberS{Value: e.one("type", "S", "N", "M", "L", "SS", "NULL", "BOOL")}
		return "attribute_type(" + e.path() + ", " + name + ")"
	case "begins":
		return "begins_with(" + e.path() + ", " + e.value("S") + ")"
	case "contains":
		return "contains(" + e.path() + ", " + e.value("S", "N", "M") + ")"
	case "size":
		return "size(" + e.path() + ") " + e.one("compare", "=", "<", ">") + " " + e.value("N")
	case "between":
		return e.path() + " BETWEEN " + e.value("N") + " AND " + e.value("N")
	case "in":
		return e.path() + " IN (" + e.any() + ", " + e.any() + ")"
	case "and", "or":
		return "(" + e.condition(depth-1) + ") " + strings.ToUpper(kind) + " (" + e.condition(depth-1) + ")"
	case "not":
		return "NOT " + e.condition(depth-1)
	}
	return e.path() + " " + e.one("compare", "=", "<>", "<", "<=", ">", ">=") + " " + rapid.SampledFrom([]func() string{e.any, e.path}).Draw(e.t, "with")()
}
