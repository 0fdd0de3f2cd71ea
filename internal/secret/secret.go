// Package secret holds values that must never be shown.
//
// Promise: a Value prints as (secret) through fmt, encoding/json, encoding/xml, log/slog and text encoders. The only way
// to the content is Reveal, so that every use can be found by searching for that word.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden is what every printer shows instead of a secret.
const Hidden = "(secret)"

// Value is a secret string. The zero Value is the empty secret.
type Value struct{ s *string }

// New wraps s.
func New(s string) Value { return Value{s: &s} }

// Reveal gives the content. Call it only where the content leaves for its destination.
func (v Value) Reveal() string {
	if v.s == nil {
		return ""
	}
	return *v.s
}

// Empty tells whether there is no content.
func (v Value) Empty() bool { return v.Reveal() == "" }

// Equal compares contents.
func (v Value) Equal(o Value) bool { return v.Reveal() == o.Reveal() }

// String is Hidden.
func (Value) String() string { return Hidden }

// GoString is Hidden.
func (Value) GoString() string { return Hidden }

// Format writes Hidden for every verb.
func (Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// MarshalText is Hidden.
func (Value) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// MarshalJSON is Hidden as a JSON string.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Hidden + `"`), nil }

// LogValue is Hidden.
func (Value) LogValue() slog.Value { return slog.StringValue(Hidden) }

var (
	_ fmt.Formatter                              = Value{}
	_ fmt.GoStringer                             = Value{}
	_ slog.LogValuer                             = Value{}
	_ fmt.Stringer                               = Value{}
	_ interface{ MarshalJSON() ([]byte, error) } = Value{}
)
