package dynamodb

import (
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

// answer builds a JSON object member by member.
type answer struct{ buf []byte }

// member begins a member; the caller appends its value to buf.
func (a *answer) member(name string) {
	if len(a.buf) == 0 {
		a.buf = append(a.buf, '{')
	} else {
		a.buf = append(a.buf, ',')
	}
	a.buf = wire.AppendString(a.buf, name)
	a.buf = append(a.buf, ':')
}

func (a *answer) item(name string, i item.Item) {
	a.member(name)
	a.buf = i.AppendJSON(a.buf)
}

func (a *answer) attrs(name string, attrs item.Attrs) { a.item(name, item.New(attrs)) }

func (a *answer) int(name string, n int) {
	a.member(name)
	a.buf = strconv.AppendInt(a.buf, int64(n), 10)
}

func (a *answer) any(name string, v any) {
	a.member(name)
	a.buf = wire.AppendAny(a.buf, v)
}

// items begins a list; each appends its elements through the function it is given.
func (a *answer) list(name string, each func(element func())) {
	a.member(name)
	a.buf = append(a.buf, '[')
	first := true
	each(func() {
		if !first {
			a.buf = append(a.buf, ',')
		}
		first = false
	})
	a.buf = append(a.buf, ']')
}

// end gives the object.
func (a *answer) end() []byte {
	if len(a.buf) == 0 {
		return []byte("{}")
	}
	return append(a.buf, '}')
}
