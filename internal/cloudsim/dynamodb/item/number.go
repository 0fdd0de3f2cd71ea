package item

import (
	"math/big"
	"strconv"
	"strings"
)

// The bounds of a number: "Supported data types" in the DynamoDB developer guide.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// A number is kept as bytes whose order is the order of numbers, and of which each number has exactly one form:
// zero is one byte; else a byte for sign and exponent (base 100), then a byte for each two digits without trailing
// zeros. A negative number's bytes are complemented and end with one that is larger than any digit.
const (
	zero         = "\x80"
	positive     = 0xc1
	negative     = 0x3e
	negativeStop = 102
)

// ParseNumber gives the stored form of a decimal text. Errors are worded as AWS words them.
func ParseNumber(text string) (string, error) {
	d, ok := scanDecimal(text)
	switch {
	case !ok && text == "":
		return "", Refuse("The parameter cannot be converted to a numeric value")
	case !ok:
		return "", Refuse("The parameter cannot be converted to a numeric value: %s", text)
	case len(d.digits) == 0:
		return zero, nil
	case d.exponent > maxExponent:
		return "", Refuse("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case d.exponent < minExponent:
		return "", Refuse("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(d.digits) > maxDigits:
		return "", Refuse("Attempting to store more than 38 significant digits in a Number")
	}
	return d.encode(), nil
}

// decimal is d.ddd x 10^exponent, without leading and trailing zeros; zero has no digits.
type decimal struct {
	minus    bool
	digits   string
	exponent int
}

// scanDecimal reads [sign] digits [. digits] [e [sign] digits].
func scanDecimal(text string) (decimal, bool) {
	var d decimal
	if text != "" && (text[0] == '-' || text[0] == '+') {
		d.minus = text[0] == '-'
		text = text[1:]
	}
	mantissa, power := text, 0
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		n, err := strconv.Atoi(text[at+1:])
		if err != nil || n > 1<<20 || n < -1<<20 {
			return d, false
		}
		mantissa, power = text[:at], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return d, false
	}
	significant := strings.TrimLeft(digits, "0")
	d.exponent = power + len(whole) - 1 - (len(digits) - len(significant))
	d.digits = strings.TrimRight(significant, "0")
	return d, true
}

func (d decimal) encode() string {
	digits := d.digits
	if d.exponent&1 == 0 { // pairs start at even powers of ten
		digits = "0" + digits
	}
	if len(digits)&1 == 1 {
		digits += "0"
	}
	var buf [maxDigits/2 + 3]byte
	out := append(buf[:0], byte(positive+d.exponent>>1)) //nolint:gosec // 0x80 to 0xff
	if d.minus {
		out[0] = byte(negative - d.exponent>>1) //nolint:gosec // 0 to 0x7f
	}
	for i := 0; i < len(digits); i += 2 {
		pair := (digits[i]-'0')*10 + digits[i+1] - '0'
		if d.minus {
			out = append(out, 101-pair)
		} else {
			out = append(out, 1+pair)
		}
	}
	if d.minus {
		out = append(out, negativeStop)
	}
	return string(out)
}

func decodeNumber(n string) decimal {
	if n == zero {
		return decimal{}
	}
	var d decimal
	var buf [maxDigits + 2]byte
	digits := buf[:0]
	d.minus = n[0] < zero[0]
	pairs, e := n[1:], int(n[0])-positive
	if d.minus {
		pairs, e = n[1:len(n)-1], negative-int(n[0])
	}
	for i := range len(pairs) {
		pair := pairs[i] - 1
		if d.minus {
			pair = 101 - pairs[i]
		}
		digits = append(digits, '0'+pair/10, '0'+pair%10)
	}
	d.exponent = 2*e + 1
	text := string(digits)
	if text[0] == '0' {
		text = text[1:]
		d.exponent--
	}
	d.digits = strings.TrimRight(text, "0")
	return d
}

// AppendNumber appends the plain decimal text of a stored number, without an exponent, as AWS returns it.
func AppendNumber(dst []byte, n string) []byte {
	d := decodeNumber(n)
	if d.digits == "" {
		return append(dst, '0')
	}
	if d.minus {
		dst = append(dst, '-')
	}
	whole := d.exponent + 1
	switch {
	case whole <= 0:
		dst = append(dst, '0', '.')
		dst = appendZeros(dst, -whole)
		return append(dst, d.digits...)
	case whole >= len(d.digits):
		dst = append(dst, d.digits...)
		return appendZeros(dst, whole-len(d.digits))
	default:
		dst = append(dst, d.digits[:whole]...)
		dst = append(dst, '.')
		return append(dst, d.digits[whole:]...)
	}
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// AddNumbers adds stored numbers exactly; a negative sign subtracts b. It fails where ParseNumber would.
func AddNumbers(a, b string, sign int) (string, error) {
	x, y := decodeNumber(a), decodeNumber(b)
	lowest := min(x.lowest(), y.lowest())
	left, right := x.scaled(lowest), y.scaled(lowest)
	if sign < 0 {
		right.Neg(right)
	}
	return ParseNumber(left.Add(left, right).String() + "e" + strconv.Itoa(lowest))
}

// lowest is the power of ten of the last digit.
func (d decimal) lowest() int {
	if d.digits == "" {
		return 0
	}
	return d.exponent - len(d.digits) + 1
}

// scaled is the number in units of 10^lowest.
func (d decimal) scaled(lowest int) *big.Int {
	n := new(big.Int)
	if d.digits == "" {
		return n
	}
	text := append([]byte(d.digits), appendZeros(nil, d.lowest()-lowest)...)
	n.SetString(string(text), 10)
	if d.minus {
		n.Neg(n)
	}
	return n
}

// Int is the number n.
func Int(n int) Value {
	text, err := ParseNumber(strconv.Itoa(n))
	if err != nil {
		panic(err) // no int has more than 38 digits
	}
	return Value{Kind: N, Text: text}
}
