package dynamodb

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// request is the input of an operation on items, or a part of a batch or transaction: the union of their members,
// which mean the same everywhere. What an operation does not know, its callers leave out and it ignores.
type request struct {
	TableName, IndexName string
	Key, Item, StartKey  item.Attrs
	Condition            *string
	Update               *string
	Filter               *string
	KeyCondition         *string
	Projection           *string
	Updates              []expr.AttributeUpdate
	scope                expr.Scope

	ReturnValues    string
	ReturnCapacity  string
	ReturnMetrics   string
	ReturnOnFailure string
	Select          string
	Token           string

	Consistent bool
	Backward   bool
	Limit      *int
	Segment    *int
	Total      *int
}

// parse reads a body whose members f consumes; what f does not know it skips.
func parse(body string, f func(r *wire.Reader, name string)) error {
	r := wire.NewReader(body)
	r.Object(func(name string) { f(r, name) })
	r.End()
	return asInvalid(r.Err())
}

// asInvalid makes the answer of an error in the text or the values of a request.
func asInvalid(err error) error {
	var syntax *wire.SyntaxError
	var done *sim.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &done):
		return done
	case errors.As(err, &syntax):
		return sim.Errorf("SerializationException", "%v", err)
	default:
		return invalid("%v", err)
	}
}

func newRequest(body string) (*request, error) {
	in := &request{}
	return in, parse(body, in.member)
}

// member reads one member.
func (in *request) member(r *wire.Reader, name string) {
	if r.Null() {
		return
	}
	if text := in.text(name); text != nil {
		*text = r.String()
		return
	}
	if expression := in.expression(name); expression != nil {
		text := r.String()
		*expression = &text
		return
	}
	if number := in.number(name); number != nil {
		n := r.Int()
		*number = &n
		return
	}
	switch name {
	case "Key":
		in.Key = item.ReadAttrs(r)
	case "Item":
		in.Item = item.ReadAttrs(r)
	case "ExclusiveStartKey":
		in.StartKey = item.ReadAttrs(r)
	case "ExpressionAttributeNames":
		in.scope.Names = map[string]string{}
		r.Object(func(k string) { in.scope.Names[k] = r.String() })
	case "ExpressionAttributeValues":
		in.values(r)
	case "ConsistentRead":
		in.Consistent = r.Bool()
	case "ScanIndexForward":
		in.Backward = !r.Bool()
	case "AttributeUpdates":
		in.Updates = readUpdates(r)
	case "AttributesToGet", "Expected", "ConditionalOperator", "KeyConditions", "QueryFilter", "ScanFilter":
		r.Fail(invalid("the drill cloud does not implement the legacy parameter %s; use an expression", name))
	default:
		r.Skip()
	}
}

func (in *request) text(name string) *string {
	switch name {
	case "TableName":
		return &in.TableName
	case "IndexName":
		return &in.IndexName
	case "ReturnValues":
		return &in.ReturnValues
	case "ReturnConsumedCapacity":
		return &in.ReturnCapacity
	case "ReturnItemCollectionMetrics":
		return &in.ReturnMetrics
	case "ReturnValuesOnConditionCheckFailure":
		return &in.ReturnOnFailure
	case "Select":
		return &in.Select
	case "ClientRequestToken":
		return &in.Token
	}
	return nil
}

func (in *request) expression(name string) **string {
	switch name {
	case "ConditionExpression":
		return &in.Condition
	case "UpdateExpression":
		return &in.Update
	case "FilterExpression":
		return &in.Filter
	case "KeyConditionExpression":
		return &in.KeyCondition
	case "ProjectionExpression":
		return &in.Projection
	}
	return nil
}

func (in *request) number(name string) **int {
	switch name {
	case "Limit":
		return &in.Limit
	case "Segment":
		return &in.Segment
	case "TotalSegments":
		return &in.Total
	}
	return nil
}

// values reads ExpressionAttributeValues, whose errors name the value.
func (in *request) values(r *wire.Reader) {
	in.scope.Values = item.Attrs{}
	r.Object(func(k string) {
		v := item.ReadValue(r)
		r.Explain(func(err error) error {
			return fmt.Errorf("ExpressionAttributeValues contains invalid value: %w for key %s", err, k)
		})
		in.scope.Values = in.scope.Values.Put(k, v)
	})
}

func readUpdates(r *wire.Reader) []expr.AttributeUpdate {
	updates := []expr.AttributeUpdate{}
	r.Object(func(name string) {
		a := expr.AttributeUpdate{Name: name}
		r.Object(func(member string) {
			switch {
			case r.Null():
			case member == "Action":
				a.Action = r.String()
			case member == "Value":
				v := item.ReadValue(r)
				a.Value = &v
			default:
				r.Skip()
			}
		})
		updates = append(updates, a)
	})
	return updates
}

// check refuses options that are out of their ranges.
func (in *request) check() error {
	for _, o := range []struct {
		member, value string
		allowed       []string
	}{
		{"returnConsumedCapacity", in.ReturnCapacity, []string{"INDEXES", "TOTAL", "NONE"}},
		{"returnItemCollectionMetrics", in.ReturnMetrics, []string{"SIZE", "NONE"}},
		{"returnValuesOnConditionCheckFailure", in.ReturnOnFailure, []string{"ALL_OLD", "NONE"}},
		{"returnValues", in.ReturnValues, []string{"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}},
		{"select", in.Select, []string{"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"}},
	} {
		if o.value != "" && !slices.Contains(o.allowed, o.value) {
			return constraint(o.value, o.member, "Member must satisfy enum value set: ["+strings.Join(o.allowed, ", ")+"]")
		}
	}
	return nil
}

// checkScope refuses placeholders without an expression to use them, and forgets empty ones. WithValues are the
// expressions that may use values; member names one of them for the message.
func (in *request) checkScope(member string, withValues ...*string) error {
	has := slices.ContainsFunc(withValues, func(s *string) bool { return s != nil })
	if !has && len(in.scope.Values) == 0 {
		in.scope.Values = nil
	}
	if !has && in.Projection == nil && len(in.scope.Names) == 0 {
		in.scope.Names = nil
	}
	switch {
	case in.scope.Names != nil && !has && in.Projection == nil:
		return invalid("ExpressionAttributeNames can only be specified when using expressions")
	case in.scope.Values != nil && !has:
		return invalid("ExpressionAttributeValues can only be specified when using expressions: %s is null", member)
	}
	return asInvalid(in.scope.Check())
}

// projection parses the ProjectionExpression, if there is one.
func (in *request) projection() (*expr.Projection, error) {
	if in.Projection == nil {
		return nil, nil //nolint:nilnil // no projection is a projection of all
	}
	p, err := expr.ParseProjection(*in.Projection, &in.scope)
	return p, asInvalid(err)
}

// condition parses a condition, if there is one.
func (in *request) condition(what string, src *string) (*expr.Condition, error) {
	if src == nil {
		return nil, nil //nolint:nilnil // no condition always holds
	}
	c, err := expr.ParseCondition(what, *src, &in.scope)
	return c, asInvalid(err)
}
