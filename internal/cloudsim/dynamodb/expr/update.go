package expr

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Update is a parsed UpdateExpression, or what NewUpdate made.
type Update struct {
	sets    []set
	removes []Path
	adds    []change
	deletes []change
	paths   []Path
	touched *Projection
}

type (
	set struct {
		path  Path
		value source
	}
	change struct {
		path  Path
		value item.Value
	}
)

// ParseUpdate parses an UpdateExpression.
func ParseUpdate(src string, scope *Scope) (*Update, error) {
	return parse("UpdateExpression", src, scope, func(p *parser) *Update {
		u := &updateParser{parser: p, out: &Update{}}
		seen := map[string]bool{}
		for first := true; !p.failed() && (first || p.peek().kind != end); first = false {
			u.section(seen)
		}
		if !p.failed() {
			p.checkPaths(u.out.paths)
		}
		u.out.touched = project(u.out.paths)
		return u.out
	})
}

// Names are the top-level attributes that the update changes.
func (u *Update) Names() []string { return u.touched.heads }

// Touched picks the parts of a document that the update changes.
func (u *Update) Touched(doc Document) item.Attrs { return u.touched.Pick(doc) }

type updateParser struct {
	*parser
	out *Update
}

func (u *updateParser) section(seen map[string]bool) {
	name := strings.ToUpper(u.peek().text)
	rule, ok := map[string]func(){"SET": u.set, "REMOVE": u.remove, "ADD": u.add, "DELETE": u.delete}[name]
	if !ok || u.peek().kind != word {
		u.unexpected()
		return
	}
	u.next()
	if seen[name] {
		u.problem(rankSection, "The %q section can only be used once in an update expression;", name)
	}
	seen[name] = true
	u.list(rule)
}

func (u *updateParser) target() Path {
	path := u.path()
	u.out.paths = append(u.out.paths, path)
	return path
}

func (u *updateParser) set() {
	path := u.target()
	u.expect("=")
	if u.failed() {
		return
	}
	u.out.sets = append(u.out.sets, set{path, u.sum()})
}

func (u *updateParser) remove() { u.out.removes = append(u.out.removes, u.target()) }

func (u *updateParser) add() {
	c := change{u.target(), u.literal()}
	if k := c.value.Kind; k != item.None && k != item.N && !k.IsSet() {
		u.wrongOperand("ADD", k)
	}
	u.out.adds = append(u.out.adds, c)
}

func (u *updateParser) delete() {
	c := change{u.target(), u.literal()}
	if k := c.value.Kind; k != item.None && !k.IsSet() {
		u.wrongOperand("DELETE", k)
	}
	u.out.deletes = append(u.out.deletes, c)
}

func (u *updateParser) wrongOperand(operator string, k item.Kind) {
	name := map[item.Kind]string{
		item.S: "STRING", item.N: "NUMBER", item.B: "BINARY", item.NULL: "NULL", item.BOOL: "BOOLEAN", item.L: "LIST", item.M: "MAP",
	}[k]
	u.problem(rankOperands, "Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND", operator, name, operator)
}

// sum parses an operand, or two with a sign between them.
func (u *updateParser) sum() source {
	if u.peek().text == "(" && u.peek().kind == symbol {
		u.next()
		inner := u.sum()
		u.expect(")")
		if _, whole := inner.(arithmetic); whole {
			return inner
		}
		return u.rest(inner)
	}
	return u.rest(u.operand())
}

func (u *updateParser) rest(left source) source {
	for _, sign := range []string{"+", "-"} {
		if !u.failed() && u.accept(sign) {
			out := arithmetic{left: left, right: u.operand(), sign: map[string]int{"+": 1, "-": -1}[sign]}
			u.checkLiterals(sign, item.N, out.left, out.right)
			return out
		}
	}
	return left
}

func (u *updateParser) checkLiterals(operator string, want item.Kind, operands ...source) {
	for _, o := range operands {
		if l, ok := o.(constant); ok && l.Kind != want && l.Kind != item.None {
			u.problem(rankType, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, l.Kind)
		}
	}
}

func (u *updateParser) operand() source {
	switch t := u.peek(); {
	case t.kind == valueRef:
		return constant{u.literal()}
	case t.kind == word && u.tokens[u.at+1].text == "(":
		return u.function()
	case u.accept("("):
		inner := u.operand()
		u.expect(")")
		return inner
	default:
		return reference{u.path()}
	}
}

func (u *updateParser) function() source {
	name := u.next().text
	u.expect("(")
	var args []source
	u.list(func() { args = append(args, u.operand()) })
	u.expect(")")
	switch {
	case u.failed():
	case conditionFunction(name):
		u.problem(rankFunction, "The function is not allowed in an update expression; function: %s", name)
	case name != "if_not_exists" && name != "list_append":
		u.problem(rankFunction, "Invalid function name; function: %s", name)
	case len(args) != 2:
		u.problem(rankOperands, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(args))
	case name == "list_append":
		u.checkLiterals(name, item.L, args...)
		return join{args[0], args[1]}
	default:
		path, ok := args[0].(reference)
		if !ok {
			u.problem(rankType, "Operator or function requires a document path; operator or function: %s", name)
		}
		return fallback{path, args[1]}
	}
	return constant{}
}

func conditionFunction(name string) bool {
	switch name {
	case "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size":
		return true
	}
	return false
}

// Assigns tells whether the update makes an item where there is none: not when all it does is to remove.
func (u *Update) Assigns() bool { return len(u.sets)+len(u.adds) > 0 || len(u.paths) == 0 }
