package dynamodb

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"io"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// lines reads items of DynamoDB JSON or Ion, one a line; empty lines are passed over.
func (f source) lines(r io.Reader) func() (item.Attrs, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 1<<16), maxLine)
	parse := itemOfJSON
	if f.in.InputFormat == "ION" {
		parse = itemOfIon
	}
	return func() (item.Attrs, error) {
		for lines.Scan() {
			if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
				return parse(string(line))
			}
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
}

var errNoItem = errors.New("the line has no Item")

func itemOfJSON(line string) (attrs item.Attrs, err error) {
	r := wire.NewReader(line)
	r.Object(func(name string) {
		if name == "Item" {
			attrs = item.ReadAttrs(r)
			return
		}
		r.Skip()
	})
	r.End()
	if r.Err() == nil && attrs == nil {
		return nil, errNoItem
	}
	return attrs, r.Err()
}

func itemOfIon(line string) (item.Attrs, error) {
	whole, err := item.ReadIon(line)
	if err != nil {
		return nil, err
	}
	v, ok := whole.Get("Item")
	if !ok || v.Kind != item.M {
		return nil, errNoItem
	}
	return v.Map, nil
}

// rows reads items of CSV. Columns are strings, but those of keys, which have the types of the table ("Amazon S3 import formats").
func (f source) rows(t *table, r io.Reader) func() (item.Attrs, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	var header []string
	if o := f.in.InputFormatOptions; o != nil && o.Csv != nil {
		header = o.Csv.HeaderList
		if o.Csv.Delimiter != "" {
			rows.Comma = rune(o.Csv.Delimiter[0])
		}
	}
	return func() (item.Attrs, error) {
		row, err := rows.Read()
		if err == nil && header == nil {
			header = slices.Clone(row)
			row, err = rows.Read()
		}
		switch {
		case err != nil:
			return nil, err
		case len(row) != len(header):
			return nil, csv.ErrFieldCount
		}
		attrs := item.Attrs{}
		for i, text := range row {
			v, err := t.column(header[i], text)
			if err != nil {
				return nil, err
			}
			attrs = attrs.Put(header[i], v)
		}
		return attrs, nil
	}
}

func (t *table) column(name, text string) (item.Value, error) {
	switch kind := t.def.kind(name); kind {
	case item.N:
		n, err := item.ParseNumber(text)
		return item.Value{Kind: kind, Text: n}, err
	case item.B:
		b, err := base64.StdEncoding.DecodeString(text)
		return item.Value{Kind: kind, Text: string(b)}, err
	default:
		return item.Value{Kind: item.S, Text: text}, nil
	}
}
