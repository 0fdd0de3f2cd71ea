package expr

import (
	"strings"
	"unicode/utf16"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// function parses name(operand, ...) and checks it as a function of conditions.
func (c *conditionParser) function() term {
	name := c.next().text
	c.expect("(")
	var args []operand
	c.list(func() { args = append(args, c.operand(c.primary())) })
	c.expect(")")
	if c.failed() {
		return term{operand: literal{}}
	}
	want, known := map[string]int{
		"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
	}[name]
	switch {
	case name == "if_not_exists" || name == "list_append":
		c.problem(rankFunction, "The function is not allowed in a condition expression; function: %s", name)
	case !known:
		c.problem(rankFunction, "Invalid function name; function: %s", name)
	case len(args) != want:
		c.problem(rankOperands, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(args))
	default:
		return c.call(name, args)
	}
	return term{condition: and{}, function: name}
}

func (c *conditionParser) call(name string, args []operand) term {
	c.checkDistinct(name, args[0], args[1:]...)
	out := term{function: name}
	switch name {
	case "attribute_exists", "attribute_not_exists":
		d, ok := args[0].(document)
		if !ok {
			c.problem(rankType, "Operator or function requires a document path; operator or function: %s", name)
		}
		out.condition = exists{d.path, name == "attribute_exists"}
	case "attribute_type":
		out.condition = typed{args[0], c.typeName(args[1])}
	case "begins_with":
		c.checkLiterals(name, args, func(k item.Kind) bool { return k == item.S || k == item.B })
		out.condition = begins{args[0], args[1]}
	case "contains":
		out.condition = contains{args[0], args[1]}
	case "size":
		c.checkLiterals(name, args, func(k item.Kind) bool { return k != item.N && k != item.BOOL && k != item.NULL })
		out.operand = size{args[0]}
	}
	return out
}

func (c *conditionParser) checkLiterals(name string, args []operand, allowed func(item.Kind) bool) {
	for _, a := range args {
		if l, ok := a.(literal); ok && l.Kind != item.None && !allowed(l.Kind) {
			c.wrongType(name, l.Kind)
		}
	}
}

// typeName takes the second operand of attribute_type.
func (c *conditionParser) typeName(o operand) item.Kind {
	l, ok := o.(literal)
	switch {
	case !ok:
		c.problem(rankType, "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	case l.Kind == item.None:
	case l.Kind != item.S:
		c.wrongType("attribute_type", l.Kind)
	case item.KindOf(l.Text) == item.None:
		c.problem(rankType, "Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", l.Text)
	}
	return item.KindOf(l.Text)
}

type (
	exists struct {
		path Path
		want bool
	}
	typed struct {
		value operand
		kind  item.Kind
	}
	begins   struct{ value, prefix operand }
	contains struct{ value, part operand }
)

func (e exists) holds(doc Document) bool {
	_, found := e.path.find(doc)
	return found == e.want
}

func (t typed) holds(doc Document) bool {
	v, ok := t.value.value(doc)
	return ok && v.Kind == t.kind
}

func (b begins) holds(doc Document) bool {
	v, ok1 := b.value.value(doc)
	prefix, ok2 := b.prefix.value(doc)
	return ok1 && ok2 && v.Kind == prefix.Kind && (v.Kind == item.S || v.Kind == item.B) && strings.HasPrefix(v.Text, prefix.Text)
}

func (c contains) holds(doc Document) bool {
	v, ok1 := c.value.value(doc)
	part, ok2 := c.part.value(doc)
	if !ok1 || !ok2 {
		return false
	}
	switch {
	case v.Kind == item.S || v.Kind == item.B:
		return v.Kind == part.Kind && strings.Contains(v.Text, part.Text)
	case v.Kind.IsSet():
		return v.Kind.Scalar() == part.Kind && len(item.Minus(item.Value{Kind: v.Kind, Set: []string{part.Text}}, v).Set) == 0
	default:
		for _, e := range v.List {
			if item.Equal(e, part) {
				return true
			}
		}
		return false
	}
}

// size is the operand size(path).
type size struct{ of operand }

func (s size) value(doc Document) (item.Value, bool) {
	v, ok := s.of.value(doc)
	n := 0
	switch {
	case !ok:
		return item.Value{}, false
	case v.Kind == item.S:
		n = len(utf16.Encode([]rune(v.Text))) // as Java counts
	case v.Kind == item.B:
		n = len(v.Text)
	case v.Kind.IsSet():
		n = len(v.Set)
	case v.Kind == item.L:
		n = len(v.List)
	case v.Kind == item.M:
		n = len(v.Map)
	default:
		return item.Value{}, false
	}
	return item.Int(n), true
}
