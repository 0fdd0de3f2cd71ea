package item

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendIon appends the item as a struct of Amazon Ion's text form, in the mapping of "DynamoDB table export output format": numbers are
// decimals, binary values blobs, sets annotated lists.
func (i Item) AppendIon(dst []byte) []byte {
	c := cursor(i)
	return c.appendStruct(dst)
}

func (c *cursor) appendStruct(dst []byte) []byte {
	dst = append(dst, '{')
	for first := true; *c != ""; first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = AppendIonSymbol(dst, c.text())
		dst = append(dst, ':')
		dst = c.appendIon(dst)
	}
	return append(dst, '}')
}

func (c *cursor) appendIon(dst []byte) []byte {
	kind := Kind(c.byte())
	switch kind {
	case S, N, B:
		return appendIonScalar(dst, kind, c.text())
	case BOOL:
		return strconv.AppendBool(dst, c.byte() == 1)
	case NULL:
		return append(dst, "null"...)
	case M:
		elements := c.block()
		return elements.appendStruct(dst)
	case SS, NS, BS, L:
		if kind.IsSet() {
			dst = append(dst, "$dynamodb_"+kind.String()+"::"...)
		}
		dst = append(dst, '[')
		elements := c.block()
		for first := true; elements != ""; first = false {
			if !first {
				dst = append(dst, ',')
			}
			if kind == L {
				dst = elements.appendIon(dst)
			} else {
				dst = appendIonScalar(dst, kind.Scalar(), elements.text())
			}
		}
		return append(dst, ']')
	case None:
	}
	return dst
}

func appendIonScalar(dst []byte, kind Kind, text string) []byte {
	switch kind {
	case N:
		return appendIonDecimal(dst, decodeNumber(text))
	case B:
		dst = append(dst, "{{"...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(text))
		return append(dst, "}}"...)
	default:
		return appendIonText(dst, '"', text)
	}
}

// appendIonDecimal writes 103. and 6d2 and 19.99, as in the document's example.
func appendIonDecimal(dst []byte, d decimal) []byte {
	if d.digits == "" {
		return append(dst, "0."...)
	}
	if d.minus {
		dst = append(dst, '-')
	}
	power := d.exponent - len(d.digits) + 1 // of ten, that the digits are multiplied with
	switch point := len(d.digits) + power; {
	case power == 0:
		return append(append(dst, d.digits...), '.')
	case power < 0 && point > 0:
		return append(append(append(dst, d.digits[:point]...), '.'), d.digits[point:]...)
	default:
		return strconv.AppendInt(append(append(dst, d.digits...), 'd'), int64(power), 10)
	}
}

// AppendIonSymbol appends a field name, in quotes where Ion needs them.
func AppendIonSymbol(dst []byte, name string) []byte {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	switch {
	case !plain, name[0] >= '0' && name[0] <= '9', name[0] == '$' && strings.Trim(name[1:], "0123456789") == "":
		return appendIonText(dst, '\'', name)
	case name == "null", name == "true", name == "false", name == "nan":
		return appendIonText(dst, '\'', name)
	}
	return append(dst, name...)
}

func appendIonText(dst []byte, quote byte, s string) []byte {
	dst = append(dst, quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r)) //nolint:gosec // ASCII
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r < ' ' || r == 0x7f:
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'x', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, quote)
}
