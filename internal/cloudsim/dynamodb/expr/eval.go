package expr

import "github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"

// condition is a node that is true or false for a document.
type condition interface{ holds(doc Document) bool }

// operand is a node that has a value in a document, or has none.
type operand interface {
	value(doc Document) (item.Value, bool)
}

type (
	literal  struct{ item.Value }
	document struct{ path Path }
)

func (l literal) value(Document) (item.Value, bool)      { return l.Value, true }
func (d document) value(doc Document) (item.Value, bool) { return d.path.find(doc) }

type (
	and     []condition
	or      []condition
	not     struct{ condition }
	compare struct {
		operator    string
		left, right operand
	}
	between struct{ value, low, high operand }
	in      struct {
		value operand
		list  []operand
	}
)

func (a and) holds(doc Document) bool {
	for _, c := range a {
		if !c.holds(doc) {
			return false
		}
	}
	return true
}

func (o or) holds(doc Document) bool {
	for _, c := range o {
		if c.holds(doc) {
			return true
		}
	}
	return false
}

func (n not) holds(doc Document) bool { return !n.condition.holds(doc) }

func (c compare) holds(doc Document) bool {
	a, ok1 := c.left.value(doc)
	b, ok2 := c.right.value(doc)
	if c.operator == "<>" {
		return !ok1 || !ok2 || !item.Equal(a, b)
	}
	if !ok1 || !ok2 {
		return false
	}
	if c.operator == "=" {
		return item.Equal(a, b)
	}
	order, ok := item.Compare(a, b)
	return ok && satisfies(order, c.operator)
}

func satisfies(order int, operator string) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}

func (b between) holds(doc Document) bool {
	return compare{">=", b.value, b.low}.holds(doc) && compare{"<=", b.value, b.high}.holds(doc)
}

func (n in) holds(doc Document) bool {
	for _, o := range n.list {
		if (compare{"=", n.value, o}).holds(doc) {
			return true
		}
	}
	return false
}
