package item

import (
	"bytes"
	"maps"
	"slices"
)

// Differ names the attributes in which two items differ, in order.
func Differ(a, b Item) ([]string, error) {
	both := Item{}
	maps.Copy(both, a)
	maps.Copy(both, b)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		x, err := Append(nil, Only(a, []string{name}))
		if err != nil {
			return nil, err
		}
		y, err := Append(nil, Only(b, []string{name}))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(x, y) {
			out = append(out, name)
		}
	}
	return out, nil
}
