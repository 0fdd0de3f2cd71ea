package dynamodb

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// The sizes of a capacity unit ("DynamoDB throughput capacity").
const (
	readUnit  = 4 << 10
	writeUnit = 1 << 10
)

// usage adds up what a call consumed of one table.
type usage struct {
	table  *table
	write  bool
	factor float64 // 2 in a transaction
	own    float64
	of     map[*index]float64
}

func (u *usage) add(x *index, units float64) {
	if x == nil {
		u.own += units
		return
	}
	if u.of == nil {
		u.of = map[*index]float64{}
	}
	u.of[x] += units
}

// readUnits is what reading that many bytes costs; nothing found costs as much as the smallest item.
func readUnits(bytes int, consistent bool) float64 {
	units := float64(max(1, (bytes+readUnit-1)/readUnit))
	if !consistent {
		units /= 2
	}
	return units
}

func writeUnits(bytes int) float64 { return float64(max(1, (bytes+writeUnit-1)/writeUnit)) }

// wrote counts a write: of the larger of both items in the table, and of each index entry that it changes.
func (u *usage) wrote(place string, old, now item.Item) {
	u.write = true
	u.add(nil, writeUnits(max(old.Size(), now.Size())))
	for _, x := range u.table.indexes {
		was, isThere := x.place(place, old)
		is, belongs := x.place(place, now)
		before, after := old.SizeOf(x.projected), now.SizeOf(x.projected)
		switch {
		case isThere && belongs && was == is:
			if x.view(old) != x.view(now) {
				u.add(x, writeUnits(max(before, after)))
			}
			continue
		case isThere:
			u.add(x, writeUnits(before))
		}
		if belongs {
			u.add(x, writeUnits(after))
		}
	}
}

type capacity struct {
	CapacityUnits      float64
	ReadCapacityUnits  *float64 `json:",omitempty"`
	WriteCapacityUnits *float64 `json:",omitempty"`
}

type consumedCapacity struct {
	TableName string
	capacity
	Table                  *capacity           `json:",omitempty"`
	LocalSecondaryIndexes  map[string]capacity `json:",omitempty"`
	GlobalSecondaryIndexes map[string]capacity `json:",omitempty"`
}

// consumed is the ConsumedCapacity that the caller asked for with TOTAL or INDEXES.
func (u *usage) consumed(level string) consumedCapacity {
	total := u.own
	for _, n := range u.of {
		total += n
	}
	out := consumedCapacity{TableName: u.table.name, capacity: u.capacity(total)}
	if level != "INDEXES" {
		return out
	}
	own := u.capacity(u.own)
	out.Table = &own
	for x, n := range u.of {
		group := &out.LocalSecondaryIndexes
		if x.global {
			group = &out.GlobalSecondaryIndexes
		}
		if *group == nil {
			*group = map[string]capacity{}
		}
		(*group)[x.name] = u.capacity(n)
	}
	return out
}

// capacity gives units; those of transactions say which kind they are.
func (u *usage) capacity(units float64) capacity {
	if u.factor == 0 {
		return capacity{CapacityUnits: units}
	}
	units *= u.factor
	out := capacity{CapacityUnits: units}
	if u.write {
		out.WriteCapacityUnits = &units
	} else {
		out.ReadCapacityUnits = &units
	}
	return out
}

func (in *request) wantsCapacity() bool {
	return in.ReturnCapacity == "TOTAL" || in.ReturnCapacity == "INDEXES"
}
