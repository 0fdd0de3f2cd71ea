package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Quote writes s as a string literal of HCL, in which nothing is a template.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// VarFile writes values (as plan.Value.Reveal gives them) as the text of a .tfvars file. It holds secrets: it goes to a command's
// standard input and nowhere else.
func VarFile(values map[string]any) ([]byte, error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		b.WriteString(name + " = ")
		if err := writeValue(&b, values[name]); err != nil {
			return nil, fmt.Errorf("variable %q: %w", name, err)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String()), nil
}

func writeValue(b *strings.Builder, v any) error {
	switch x := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(x))
	case json.Number:
		b.WriteString(x.String())
	case string:
		b.WriteString(Quote(x))
	case []any:
		b.WriteByte('[')
		for _, e := range x {
			if err := writeValue(b, e); err != nil {
				return err
			}
			b.WriteString(", ")
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for _, k := range slices.Sorted(maps.Keys(x)) {
			// A parenthesised key is an expression; a bare quoted one may be read as a name.
			b.WriteString("(" + Quote(k) + ") = ")
			if err := writeValue(b, x[k]); err != nil {
				return err
			}
			b.WriteString(", ")
		}
		b.WriteByte('}')
	default:
		return fmt.Errorf("a value of Go type %T is not JSON-like", v)
	}
	return nil
}
