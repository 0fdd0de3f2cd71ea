package dynamodb

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

type stateWriter struct {
	w     *bufio.Writer
	buf   []byte
	begun bool
	err   error
}

func (w *stateWriter) section(v section) {
	b, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	w.write(b)
}

func (w *stateWriter) write(b []byte) {
	separator := ",\n"
	if !w.begun {
		separator = "["
	}
	w.begun = true
	_, _ = w.w.WriteString(separator) // the writer keeps its first error for Flush
	_, _ = w.w.Write(b)
}

func (w *stateWriter) table(t *table) {
	def := t.def
	if t.journal != nil {
		def.Recovery.Lost = t.journal.lost
	}
	of := section{Account: t.scope.Account, Region: t.scope.Region, Table: &def}
	for _, s := range t.streams {
		of.Streams = append(of.Streams, s.streamDefinition)
	}
	w.section(of)
	if t.def.Loading {
		return // its import begins anew
	}
	w.items(t.items)
	if t.journal != nil {
		for c := range t.journal.all() {
			w.change(c)
		}
	}
	for n, s := range t.streams {
		for i := range s.records {
			w.record(n, &s.records[i])
		}
	}
}

func (w *stateWriter) record(of int, r *record) {
	saved := savedRecord{Stream: of, Seq: r.seq, At: r.at, Expired: r.expired}
	if r.old != "" {
		saved.Old = r.old.AppendJSON(nil)
	}
	if r.now != "" {
		saved.Now = r.now.AppendJSON(nil)
	}
	w.section(section{Record: &saved})
}

func (w *stateWriter) items(items ordered.Map[item.Item]) {
	for _, i := range items.From("") {
		w.buf = append(w.buf[:0], `{"item":`...)
		w.buf = i.AppendJSON(w.buf)
		w.buf = append(w.buf, '}')
		w.write(w.buf)
	}
}

func (w *stateWriter) change(c change) {
	w.buf = append(w.buf[:0], `{"change":{"at":`...)
	w.buf = strconv.AppendInt(w.buf, c.at, 10)
	if c.old == "" {
		w.buf = append(w.buf, `,"place":"`...)
		w.buf = base64.StdEncoding.AppendEncode(w.buf, []byte(c.place))
		w.buf = append(w.buf, '"')
	} else {
		w.buf = append(w.buf, `,"old":`...)
		w.buf = c.old.AppendJSON(w.buf)
	}
	w.buf = append(w.buf, "}}"...)
	w.write(w.buf)
}

func (w *stateWriter) end() error {
	if !w.begun {
		_, _ = w.w.WriteString("[")
	}
	_, _ = w.w.WriteString("]\n")
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("save DynamoDB: %w", err)
	}
	return w.err
}
