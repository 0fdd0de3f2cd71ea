package dynamodb

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // the manifest has MD5 sums
	"encoding/base64"
	"iter"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// size is the size of all items in bytes.
func (c *content) size() int {
	n := 0
	for _, i := range c.items.From("") {
		n += i.Size()
	}
	for _, d := range c.changes {
		n += d.old.Size() + d.now.Size()
	}
	return n
}

// part is a named item of a line.
type part struct {
	name string
	item item.Item
}

// lines gives the parts of each line whose place is from low to before high.
func (c *content) lines(low, high string) iter.Seq[[]part] {
	return func(yield func([]part) bool) {
		for place, i := range c.items.From(low) {
			if place >= high || !yield([]part{{"Item", i}}) {
				return
			}
		}
		for _, d := range c.changes {
			if d.place >= low && d.place < high && !yield(c.parts(&d)) {
				return
			}
		}
	}
}

// parts are those of "Incremental export output": the operation shows in which images there are.
func (c *content) parts(d *difference) []part {
	some := d.now
	if some == "" {
		some = d.old
	}
	micros, err := item.ParseNumber(strconv.FormatInt(d.at/1000, 10))
	if err != nil {
		micros = "" // cannot be: a whole number of 16 digits
	}
	out := []part{
		{"Metadata", item.New(item.Attrs{{Name: "WriteTimestampMicros", Value: item.Value{Kind: item.N, Text: micros}}})},
		{"Keys", some.Only(c.keys.names())},
	}
	if d.now != "" {
		out = append(out, part{"NewImage", d.now})
	}
	if d.old != "" && !d.newOnly {
		out = append(out, part{"OldImage", d.old})
	}
	return out
}

// appendJSON appends a line of DynamoDB JSON.
func appendJSON(dst []byte, parts []part) []byte {
	for i, p := range parts {
		dst = append(dst, "{,"[min(i, 1)], '"')
		dst = append(dst, p.name...)
		dst = append(dst, '"', ':')
		dst = p.item.AppendJSON(dst)
	}
	return append(dst, '}', '\n')
}

// appendIon appends a line of Ion; one of several parts is a Record.
func appendIon(dst []byte, parts []part) []byte {
	dst = append(dst, "$ion_1_0 "...)
	if len(parts) > 1 {
		dst = append(dst, "{Record:"...)
	}
	for i, p := range parts {
		dst = append(dst, "{,"[min(i, 1)])
		dst = append(dst, p.name...)
		dst = append(dst, ':')
		dst = p.item.AppendIon(dst)
	}
	if len(parts) > 1 {
		dst = append(dst, '}')
	}
	return append(dst, '}', '\n')
}

// pack writes the lines of one partition as a data file, through a writer that is used again, and counts them.
func (c *content) pack(z *gzip.Writer, partition int, line func(dst []byte, parts []part) []byte) (data []byte, lines int, err error) {
	var b bytes.Buffer
	z.Reset(&b)
	var buf []byte
	for parts := range c.lines(segmentStart(partition, partitions), segmentStart(partition+1, partitions)) {
		buf = line(buf[:0], parts)
		lines++
		if _, err := z.Write(buf); err != nil {
			return nil, 0, err
		}
	}
	err = z.Close()
	return b.Bytes(), lines, err
}

func md5Text(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // the manifest has MD5 sums
	return base64.StdEncoding.EncodeToString(sum[:])
}
