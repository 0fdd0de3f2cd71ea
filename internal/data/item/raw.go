package item

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Raw finds the item in a line such as {"Item":{...}}, and gives its text as it stands there, with its key attributes. Of the text only the form is
// looked at: Fields says whether every value is one.
func Raw(line []byte, name string, schema []string) (text []byte, key Item, err error) {
	d := &decoder{b: line}
	err = d.members(func(quoted []byte) error {
		if string(quoted[1:len(quoted)-1]) != name {
			return d.skip(0)
		}
		d.space()
		start := d.i
		err := d.key(schema, &key)
		text = line[start:d.i]
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("byte %d: %w", d.i, err)
	}
	return text, key, nil
}

// end is an error if something follows.
func (d *decoder) end() error {
	d.space()
	if d.i != len(d.b) {
		return errors.New("something follows the object")
	}
	return nil
}

// key passes over an item and reads only the attributes of the schema.
func (d *decoder) key(schema []string, key *Item) error {
	*key = make(Item, len(schema))
	return d.members(func(quoted []byte) error {
		if len(schema) == 0 {
			return d.skip(0)
		}
		name, err := unquote(quoted)
		if err != nil || !slices.Contains(schema, name) {
			return cmp.Or(err, d.skip(0))
		}
		v, err := d.value(0)
		(*key)[name] = v
		return err
	})
}
