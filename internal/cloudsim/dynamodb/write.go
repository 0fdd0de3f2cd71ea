package dynamodb

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type writeKind uint8

const (
	put writeKind = iota
	update
	remove
	check // a ConditionCheck of a transaction
)

// write is one write of an item on its way: parsed, bound to its table, decided, done. A single write, a batch and a
// transaction take the same way.
type write struct {
	kind      writeKind
	in        *request
	table     *table
	condition *expr.Condition
	change    *expr.Update

	place string
	old   item.Item
	attrs item.Attrs // the item as it will be; none when it is removed
	now   item.Item
}

// newWrite checks all that can be checked without the table.
func newWrite(kind writeKind, in *request) (*write, error) {
	w := &write{kind: kind, in: in}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := w.checkMembers(); err != nil {
		return nil, err
	}
	member, expressions := "ConditionExpression", []*string{in.Condition}
	if kind == update {
		member, expressions = "UpdateExpression", append(expressions, in.Update)
	}
	if err := in.checkScope(member, expressions...); err != nil {
		return nil, err
	}
	var err error
	switch {
	case kind == update && in.Update != nil:
		w.change, err = expr.ParseUpdate(*in.Update, &in.scope)
	case kind == update && in.Updates != nil:
		w.change, err = expr.NewUpdate(in.Updates)
	}
	if err != nil {
		return nil, asInvalid(err)
	}
	if w.condition, err = in.condition("ConditionExpression", in.Condition); err != nil {
		return nil, err
	}
	return w, asInvalid(in.scope.Unused())
}

func (w *write) checkMembers() error {
	switch {
	case w.kind == put && w.in.Item == nil:
		return constraint("", "item", "Member must not be null")
	case w.kind != put && w.in.Key == nil:
		return constraint("", "key", "Member must not be null")
	case w.in.Updates != nil && (w.in.Update != nil || w.in.Condition != nil):
		return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {%s}", w.expressions())
	case w.kind == check && w.in.Condition == nil:
		return constraint("", "conditionExpression", "Member must not be null")
	case w.kind != update && w.in.ReturnValues != "" && w.in.ReturnValues != "NONE" && w.in.ReturnValues != "ALL_OLD":
		return invalid("Return values set to invalid value")
	}
	return nil
}

func (w *write) expressions() string {
	names := []string{}
	if w.in.Update != nil {
		names = append(names, "UpdateExpression")
	}
	if w.in.Condition != nil {
		names = append(names, "ConditionExpression")
	}
	return strings.Join(names, ", ")
}

// bind checks the write against its table, which is locked.
func (w *write) bind(t *table) error {
	w.table = t
	doc := w.in.Key
	if w.kind == put {
		doc = w.in.Item
		if err := t.keys.check(doc); err != nil {
			return err
		}
		if err := t.checkItem(doc, "Item size has exceeded the maximum allowed size"); err != nil {
			return err
		}
	} else if err := t.keys.checkKey(doc); err != nil {
		return err
	}
	if w.change != nil {
		for _, part := range t.keys.parts() {
			if slices.Contains(w.change.Names(), part.name) {
				return invalidValue("Cannot update attribute %s. This attribute is part of the key", part.name)
			}
		}
	}
	w.place = t.place(doc)
	return nil
}

// checkItem refuses an item that is too large or has index keys that are not as declared.
func (t *table) checkItem(attrs item.Attrs, tooLarge string) error {
	if attrs.Size() > maxItemSize {
		return invalid("%s", tooLarge)
	}
	for _, x := range t.indexes {
		for _, part := range x.keys.parts() {
			v, ok := attrs.Get(part.name)
			switch {
			case !ok:
			case v.Kind != part.kind:
				return invalidValue("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", part.name, part.kind, v.Kind, x.name)
			case v.Text == "":
				return emptyIndexKey(v.Kind, x.name, part.name)
			case len(v.Text) > map[bool]int{false: maxHashKey, true: maxSortKey}[part.sort]:
				return invalidValue("Size of the index key %s has exceeded the maximum size limit. IndexName: %s", part.name, x.name)
			}
		}
	}
	return nil
}

// decide reads the item, checks the condition and works out the item as it will be. The table is locked.
func (w *write) decide() error {
	w.old, _ = w.table.items.Get(w.place)
	if !w.condition.Match(w.old) {
		e := sim.Errorf("ConditionalCheckFailedException", "The conditional request failed")
		if w.in.ReturnOnFailure == "ALL_OLD" && w.old != "" {
			e.Extra = map[string]any{"Item": json.RawMessage(w.old.AppendJSON(nil))}
		}
		return e
	}
	switch w.kind {
	case put:
		w.attrs = w.in.Item
	case update:
		return w.updated()
	case remove, check:
	}
	return nil
}

func (w *write) updated() error {
	if w.change == nil {
		w.attrs = w.old.Attrs()
	} else {
		var err error
		if w.attrs, err = w.change.Apply(w.old); err != nil {
			return asInvalid(err)
		}
		if w.old == "" && len(w.attrs) == 0 && !w.change.Assigns() {
			return nil // removing from an item that is not there does not make one
		}
	}
	for _, a := range w.in.Key {
		w.attrs = w.attrs.Put(a.Name, a.Value)
	}
	return w.table.checkItem(w.attrs, "Item size to update has exceeded the maximum allowed size")
}

// commit does what was decided. The table is locked, and was so when now was read.
func (w *write) commit(now time.Time) {
	if w.kind != check {
		w.now = w.table.replace(now, w.place, w.old, w.attrs)
	}
}

// returned are the attributes that ReturnValues asks for; none are no attributes.
func (w *write) returned() item.Item {
	switch w.in.ReturnValues {
	case "ALL_OLD":
		return w.old
	case "ALL_NEW":
		return w.now
	case "UPDATED_OLD":
		return w.touched(w.old)
	case "UPDATED_NEW":
		return w.touched(w.now)
	default:
		return ""
	}
}

func (w *write) touched(i item.Item) item.Item {
	if w.change == nil || i == "" {
		return ""
	}
	return item.New(w.change.Touched(i))
}

// metrics is the ItemCollectionMetrics of a table with local indexes, which alone have item collections.
func (w *write) metrics() json.RawMessage {
	if w.in.ReturnMetrics != "SIZE" || !slices.ContainsFunc(w.table.indexes, func(x *index) bool { return !x.global }) {
		return nil
	}
	doc := w.in.Key
	if w.kind == put {
		doc = w.in.Item
	}
	hash, _ := doc.Get(w.table.keys.hash)
	var a answer
	a.attrs("ItemCollectionKey", item.Attrs{{Name: w.table.keys.hash, Value: hash}})
	a.any("SizeEstimateRangeGB", [2]int{0, 1})
	return a.end()
}

// single answers PutItem, UpdateItem and DeleteItem.
func (s *Service) single(c *sim.Call, kind writeKind, body string) ([]byte, error) {
	in, err := newRequest(body)
	if err != nil {
		return nil, err
	}
	w, err := newWrite(kind, in)
	if err != nil {
		return nil, err
	}
	t, err := s.forData(c, in.TableName)
	if err != nil {
		return nil, err
	}
	u := usage{table: t}
	if err := s.perform(t, w, &u); err != nil {
		return nil, err
	}
	var a answer
	if i := w.returned(); i != "" {
		a.item("Attributes", i)
	}
	if in.wantsCapacity() {
		a.any("ConsumedCapacity", u.consumed(in.ReturnCapacity))
	}
	if m := w.metrics(); m != nil {
		a.any("ItemCollectionMetrics", m)
	}
	return a.end(), nil
}

// perform does one write under the table's lock.
func (s *Service) perform(t *table, w *write, u *usage) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := w.bind(t); err != nil {
		return err
	}
	if err := w.decide(); err != nil {
		return err
	}
	w.commit(s.world.Now())
	if w.in.wantsCapacity() {
		u.wrote(w.place, w.old, w.now)
	}
	return nil
}

func (s *Service) putItem(c *sim.Call, body string) ([]byte, error) { return s.single(c, put, body) }

func (s *Service) updateItem(c *sim.Call, body string) ([]byte, error) {
	return s.single(c, update, body)
}

func (s *Service) deleteItem(c *sim.Call, body string) ([]byte, error) {
	return s.single(c, remove, body)
}
