package item

import (
	"fmt"
	"strconv"
	"strings"
)

// Number writes a DynamoDB number in one way: digits without zeros at either end, and an exponent of ten. "1", "1.0" and "10e-1" are "1e0";
// zero is "0".
func Number(s string) (string, error) {
	if plain(s) {
		return whole(s), nil
	}
	rest, sign := s, ""
	switch {
	case strings.HasPrefix(rest, "-"):
		rest, sign = rest[1:], "-"
	case strings.HasPrefix(rest, "+"):
		rest = rest[1:]
	}
	mantissa, exponent, exponential := strings.Cut(strings.ToLower(rest), "e")
	exp := 0
	if exponential {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return "", notNumber(s)
		}
		exp = n
	}
	integer, fraction, _ := strings.Cut(mantissa, ".")
	digits := integer + fraction
	exp -= len(fraction)
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", notNumber(s)
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "0", nil
	}
	short := strings.TrimRight(digits, "0")
	return sign + short + "e" + strconv.Itoa(exp+len(digits)-len(short)), nil
}

func notNumber(s string) error { return fmt.Errorf("%q is not a number", s[:min(len(s), 40)]) }

// plain tells whether s is a whole number without sign or leading zero, as most are.
func plain(s string) bool {
	if s == "" || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func whole(s string) string {
	n := len(s)
	for n > 1 && s[n-1] == '0' {
		n--
	}
	return s[:n] + "e" + strconv.Itoa(len(s)-n)
}
