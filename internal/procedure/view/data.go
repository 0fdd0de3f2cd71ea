package view

import (
	"fmt"
	"strings"
)

// data says how the data of each table comes back, and why so.
func data(b *strings.Builder, d Document, width int) {
	if len(d.Data) == 0 {
		return
	}
	b.WriteString("Data of tables:\n")
	for _, t := range d.Data {
		paragraph(b, "  ", fmt.Sprintf("%s: %s, %s", t.Step, t.Strategy, t.Why), width)
	}
	b.WriteByte('\n')
}
