package plan

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// Ref names something in the plan: kind.name, such as stack.blue, and for stack outputs the output.
type Ref struct {
	Kind   string // stack, image, secret, parameter, table, api_key, manual, command, verify, site
	Name   string
	Output string // of stack.NAME.outputs.OUTPUT; name, of table.NAME.name
	Range  diag.Range
}

// StepID is the identifier of the step that the reference names: kind/name.
func (r Ref) StepID() string { return r.Kind + "/" + r.Name }

// Expr is a value that may depend on what is only known during a run.
type Expr interface {
	// Refs are the stack outputs and the names of tables that the value needs.
	Refs() []Ref
	// Resolve computes the value. It fails when something that it needs is unknown: unknown is never an empty string.
	Resolve(Scope) (Value, error)
	// Range is where the expression stands in the user's text.
	Range() diag.Range
}

// ErrNoOutput is what Scope.Output wraps when a stack was left out of the run, or has no such output. An expression may
// provide for that with try(); any other error ends the resolving.
var ErrNoOutput = errors.New("the stack has no such output in this run")

// Scope is what a run knows when an expression is resolved.
type Scope struct {
	Site  *Site  // the site that is worked on: site.account, site.region, site.name
	Stack string // the stack that is worked on: stack.name
	// Output gives an output of a stack that has been applied. Nil where no outputs exist yet.
	Output func(stack, output string) (Value, error)
	// Table gives the name of the table that a run put in another's place; empty: none was. Nil where none can have been.
	Table func(table string) string
}

// Value is a JSON-like value: nil, bool, json.Number, string, []any or map[string]any. It may be secret.
type Value struct {
	v      any
	secret bool
}

// Of makes a plain value.
func Of(v any) Value { return Value{v: v} }

// OfSecret makes a value that must not be shown or stored.
func OfSecret(v any) Value { return Value{v: v, secret: true} }

// IsSecret tells whether the value must not be shown or stored.
func (v Value) IsSecret() bool { return v.secret }

// Reveal gives the content, secret or not. Call it only where the content leaves for its destination.
func (v Value) Reveal() any { return v.v }

// Text gives a scalar as terraform would print it in a string template, and anything else as JSON. Like Reveal,
// it gives the content of secrets too; the caller keeps the returned secret.Value closed.
func (v Value) Text() (secret.Value, error) {
	switch x := v.v.(type) {
	case nil:
		return secret.Value{}, fmt.Errorf("the value is null")
	case string:
		return secret.New(x), nil
	default:
		b, err := json.Marshal(x)
		if err != nil {
			return secret.Value{}, fmt.Errorf("value as JSON: %w", err)
		}
		return secret.New(string(b)), nil
	}
}

// String shows the value, or (secret).
func (v Value) String() string {
	if v.secret {
		return secret.Hidden
	}
	t, err := v.Text()
	if err != nil {
		return "null"
	}
	return t.Reveal()
}

// GoString is String: %#v must not show a secret either.
func (v Value) GoString() string { return v.String() }

// MarshalJSON writes the value, or "(secret)".
func (v Value) MarshalJSON() ([]byte, error) {
	if v.secret {
		return json.Marshal(secret.Hidden)
	}
	return json.Marshal(v.v)
}

// Literal is an Expr that is known already.
type Literal struct {
	Value Value
	At    diag.Range
}

// Refs is nil.
func (Literal) Refs() []Ref { return nil }

// Resolve gives the value.
func (l Literal) Resolve(Scope) (Value, error) { return l.Value, nil }

// Range is where the literal stands.
func (l Literal) Range() diag.Range { return l.At }

var _ Expr = Literal{}
