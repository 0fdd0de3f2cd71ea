package expr

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// maxIn bounds the operands of IN ("Quotas in Amazon DynamoDB").
const maxIn = 100

// Condition is a parsed ConditionExpression or FilterExpression.
type Condition struct {
	root  condition
	heads []string
}

// ParseCondition parses a condition. What is the request's member, which begins every message.
func ParseCondition(what, src string, scope *Scope) (*Condition, error) {
	return parse(what, src, scope, func(p *parser) *Condition {
		c := &conditionParser{parser: p}
		return &Condition{root: c.condition(c.or()), heads: c.heads}
	})
}

// Match tells whether the condition holds for a document. A nil condition always holds.
func (c *Condition) Match(doc Document) bool { return c == nil || c.root.holds(doc) }

// Names are the top-level attributes that the condition looks at.
func (c *Condition) Names() []string { return c.heads }

// term is what a rule of the grammar gave: a condition or an operand; both may stand in parentheses.
type term struct {
	condition condition
	operand   operand
	function  string // the function that made it
	parens    bool
}

type conditionParser struct {
	*parser
	heads []string
}

// condition takes a term that must be a condition.
func (c *conditionParser) condition(t term) condition {
	switch {
	case t.condition != nil:
		return t.condition
	case t.function != "":
		c.misused(t.function)
	default:
		c.unexpected()
	}
	return and{}
}

// operand takes a term that must be an operand.
func (c *conditionParser) operand(t term) operand {
	switch {
	case t.operand != nil:
		return t.operand
	case t.function != "":
		c.misused(t.function)
	default:
		c.unexpected()
	}
	return literal{}
}

func (c *conditionParser) misused(function string) {
	c.problem(rankMisuse, "The function is not allowed to be used this way in an expression; function: %s", function)
}

func (c *conditionParser) or() term {
	left := c.and()
	for !c.failed() && c.accept("OR") {
		left = term{condition: or{c.condition(left), c.condition(c.and())}}
	}
	return left
}

func (c *conditionParser) and() term {
	left := c.not()
	for !c.failed() && c.accept("AND") {
		left = term{condition: and{c.condition(left), c.condition(c.not())}}
	}
	return left
}

func (c *conditionParser) not() term {
	if c.accept("NOT") {
		return term{condition: not{c.condition(c.not())}}
	}
	return c.comparison()
}

func (c *conditionParser) comparison() term {
	left := c.primary()
	if c.failed() {
		return left
	}
	t := c.peek()
	switch {
	case t.kind == symbol && slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, t.text):
		c.at++
		return c.compare(t.text, c.operand(left), c.operand(c.primary()))
	case c.accept("BETWEEN"):
		b := between{value: c.operand(left), low: c.operand(c.primary())}
		c.expect("AND")
		if !c.failed() {
			b.high = c.operand(c.primary())
			c.checkBounds(b)
		}
		return term{condition: b}
	case c.accept("IN"):
		return c.in(c.operand(left))
	default:
		return left
	}
}

func (c *conditionParser) compare(operator string, left, right operand) term {
	c.checkDistinct(operator, left, right)
	if operator != "=" && operator != "<>" {
		for _, o := range []operand{left, right} {
			if l, ok := o.(literal); ok && !ordered(l.Kind) && l.Kind != item.None {
				c.wrongType(operator, l.Kind)
			}
		}
	}
	return term{condition: compare{operator, left, right}}
}

func ordered(k item.Kind) bool { return k == item.S || k == item.N || k == item.B }

func (c *conditionParser) wrongType(operator string, k item.Kind) {
	c.problem(rankType, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, k)
}

// checkDistinct refuses an operator whose operands are one path.
func (c *conditionParser) checkDistinct(operator string, first operand, rest ...operand) {
	a, ok := first.(document)
	if !ok {
		return
	}
	for _, o := range rest {
		if b, ok := o.(document); ok && slices.Equal(a.path, b.path) {
			c.problem(rankDistinct, "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", operator, a.path)
		}
	}
}

func (c *conditionParser) checkBounds(b between) {
	low, ok1 := b.low.(literal)
	high, ok2 := b.high.(literal)
	if !ok1 || !ok2 || low.Kind == item.None || high.Kind == item.None {
		return
	}
	rule := ""
	order, ok := item.Compare(low.Value, high.Value)
	switch {
	case !ordered(low.Kind):
		c.wrongType("BETWEEN", low.Kind)
	case !ordered(high.Kind):
		c.wrongType("BETWEEN", high.Kind)
	case !ok:
		rule = "same data type for lower and upper bounds"
	case order > 0:
		rule = "upper bound to be greater than or equal to lower bound"
	}
	if rule != "" {
		c.problem(rankType, "The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s", rule, show(low.Value), show(high.Value))
	}
}

// show prints a scalar as AWS does in messages: {N:5}
func show(v item.Value) string {
	text := v.Text
	if v.Kind == item.N {
		text = string(item.AppendNumber(nil, text))
	}
	return "{" + v.Kind.String() + ":" + text + "}"
}

func (c *conditionParser) in(value operand) term {
	n := in{value: value}
	c.expect("(")
	if !c.failed() {
		c.list(func() { n.list = append(n.list, c.operand(c.primary())) })
		c.expect(")")
	}
	if len(n.list) > maxIn {
		c.problem(rankOperands, "The IN operator is provided with too many operands; number of operands: %d", len(n.list))
	}
	return term{condition: n}
}

func (c *conditionParser) primary() term {
	t := c.peek()
	switch {
	case c.accept("("):
		inner := c.or()
		c.expect(")")
		if inner.parens {
			c.problem(rankParens, "The expression has redundant parentheses;")
		}
		inner.parens = true
		return inner
	case t.kind == valueRef:
		return term{operand: literal{c.literal()}}
	case t.kind == word && keyword(t.text):
		c.unexpected()
		return term{operand: literal{}}
	case t.kind == word && c.tokens[c.at+1].text == "(":
		return c.function()
	default:
		path := c.path()
		c.heads = append(c.heads, path[0].Name)
		return term{operand: document{path}}
	}
}

func keyword(s string) bool {
	return slices.ContainsFunc([]string{"AND", "OR", "NOT", "BETWEEN", "IN"}, func(k string) bool { return strings.EqualFold(s, k) })
}
