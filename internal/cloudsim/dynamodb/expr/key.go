package expr

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// KeyTest is one test of a KeyConditionExpression: an attribute, an operator (=, <, <=, >, >=, BETWEEN or begins_with)
// and its one value, or the two of BETWEEN.
type KeyTest struct {
	Name     string
	Operator string
	Value    item.Value
	High     item.Value
}

// ParseKeyCondition parses a KeyConditionExpression into its tests, one or two of different attributes. Whether they
// fit a table's keys is the caller's to check.
func ParseKeyCondition(src string, scope *Scope) ([]KeyTest, error) {
	c, err := ParseCondition("KeyConditionExpression", src, scope)
	if err != nil {
		return nil, err
	}
	var tests []KeyTest
	if err := flatten(c.root, &tests); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, t := range tests {
		if seen[t.Name] {
			return nil, item.Refuse("KeyConditionExpressions must only contain one condition per key")
		}
		seen[t.Name] = true
	}
	if len(tests) > 2 {
		return nil, item.Refuse("Conditions can be of length 1 or 2 only")
	}
	return tests, nil
}

func flatten(c condition, out *[]KeyTest) error {
	refused := ""
	switch c := c.(type) {
	case and:
		for _, part := range c {
			if err := flatten(part, out); err != nil {
				return err
			}
		}
		return nil
	case compare:
		if c.operator != "<>" {
			return keyTest(out, c.operator, c.left, c.right)
		}
		refused = "<>"
	case between:
		return keyTest(out, "BETWEEN", c.value, c.low, c.high)
	case begins:
		return keyTest(out, "begins_with", c.value, c.prefix)
	case or:
		refused = "OR"
	case not:
		refused = "NOT"
	case in:
		refused = "IN"
	case exists:
		refused = map[bool]string{true: "attribute_exists", false: "attribute_not_exists"}[c.want]
	case typed:
		refused = "attribute_type"
	case contains:
		refused = "contains"
	}
	return item.Refuse("Invalid operator used in KeyConditionExpression: %s", refused)
}

func keyTest(out *[]KeyTest, operator string, operands ...operand) error {
	t := KeyTest{Operator: operator}
	var values []item.Value
	for _, o := range operands {
		switch o := o.(type) {
		case document:
			switch {
			case len(o.path) > 1:
				return item.Refuse("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", o.path[0].Name)
			case t.Name != "":
				return item.Refuse("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
			}
			t.Name = o.path[0].Name
		case literal:
			values = append(values, o.Value)
		case size:
			return item.Refuse("KeyConditionExpressions cannot contain nested operations")
		}
	}
	if _, first := operands[0].(document); !first {
		if t.Name == "" {
			return item.Refuse("Invalid condition in KeyConditionExpression: No key attribute specified")
		}
		t.Operator = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[operator]
		if t.Operator == "" {
			return item.Refuse("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", operator)
		}
	}
	t.Value = values[0]
	if len(values) > 1 {
		t.High = values[1]
	}
	*out = append(*out, t)
	return nil
}
