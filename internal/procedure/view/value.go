package view

import (
	"fmt"
	"strings"
)

// values says what becomes of each value that Terraform only reads. What is at the site already stays.
func values(b *strings.Builder, d Document, width int) {
	if len(d.Values) == 0 {
		return
	}
	b.WriteString("Values, where the site has none:\n")
	for _, v := range d.Values {
		paragraph(b, "  ", fmt.Sprintf("%s: %s", v.Step, v.Words()), width)
	}
	b.WriteByte('\n')
}
