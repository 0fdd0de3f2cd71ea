package expr

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// The ways in which an update does not fit an item, in AWS's words.
const (
	errPath    = item.RefusalError("The document path provided in the update expression is invalid for update")
	errMissing = item.RefusalError("The provided expression refers to an attribute that does not exist in the item")
	errType    = item.RefusalError("An operand in the update expression has an incorrect data type")
)

// source is what a SET assigns: it has a value in an item, or an error.
type source interface {
	from(doc Document) (item.Value, error)
}

type (
	constant  struct{ item.Value }
	reference struct{ path Path }
	// fallback is if_not_exists.
	fallback struct {
		path      reference
		otherwise source
	}
	// join is list_append.
	join       struct{ left, right source }
	arithmetic struct {
		left, right source
		sign        int
	}
)

func (c constant) from(Document) (item.Value, error) { return c.Value, nil }

func (r reference) from(doc Document) (item.Value, error) {
	v, ok := r.path.find(doc)
	if !ok {
		return v, errMissing
	}
	return v, nil
}

func (f fallback) from(doc Document) (item.Value, error) {
	if v, ok := f.path.path.find(doc); ok {
		return v, nil
	}
	return f.otherwise.from(doc)
}

// both evaluates two operands that must be of one type.
func both(doc Document, a, b source, kind item.Kind) (left, right item.Value, err error) {
	if left, err = a.from(doc); err != nil {
		return
	}
	if right, err = b.from(doc); err != nil {
		return
	}
	if left.Kind != kind || right.Kind != kind {
		err = errType
	}
	return
}

func (j join) from(doc Document) (item.Value, error) {
	left, right, err := both(doc, j.left, j.right, item.L)
	if err != nil {
		return item.Value{}, err
	}
	list := make([]item.Value, 0, len(left.List)+len(right.List))
	return item.Value{Kind: item.L, List: append(append(list, left.List...), right.List...)}, nil
}

func (a arithmetic) from(doc Document) (item.Value, error) {
	left, right, err := both(doc, a.left, a.right, item.N)
	if err != nil {
		return item.Value{}, err
	}
	text, err := item.AddNumbers(left.Text, right.Text, a.sign)
	return item.Value{Kind: item.N, Text: text}, err
}
