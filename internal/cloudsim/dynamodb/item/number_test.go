package item_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// decimals draws the text of a number that DynamoDB takes.
func decimals() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(t, "digits")
		point := rapid.IntRange(0, len(digits)).Draw(t, "point")
		text := digits[:point] + "." + digits[point:]
		text = rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "sign") + text
		if rapid.Bool().Draw(t, "has exponent") {
			text += "e" + rapid.StringMatching(`[+-]?[0-8]?[0-9]`).Draw(t, "exponent")
		}
		return text
	})
}

func rat(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("no number: %s", text)
	}
	return r
}

func stored(t *rapid.T, text string) string {
	n, err := item.ParseNumber(text)
	if err != nil {
		t.Fatalf("ParseNumber(%s): %v", text, err)
	}
	return n
}

// Stored numbers are exact, have one form each, order by their bytes, and are no longer than AWS counts.
func TestNumbersAreExactAndOrdered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimals().Draw(t, "x"), decimals().Draw(t, "y")
		if rapid.IntRange(0, 3).Draw(t, "near") == 0 {
			y = x + "0"
			if strings.Contains(x, "e") {
				y = x
			}
		}
		a, b := stored(t, x), stored(t, y)
		if got, want := strings.Compare(a, b), rat(t, x).Cmp(rat(t, y)); got != want {
			t.Errorf("%s against %s: %d, want %d", x, y, got, want)
		}
		text := string(item.AppendNumber(nil, a))
		if rat(t, text).Cmp(rat(t, x)) != 0 || strings.ContainsAny(text, "eE+") {
			t.Errorf("%s comes back as %s", x, text)
		}
		if again := stored(t, text); again != a {
			t.Errorf("%s and %s have different forms", x, text)
		}
		if len(a) > 22 {
			t.Errorf("%s takes %d bytes", x, len(a))
		}
	})
}

// Sums and differences are exact, or refused where they do not fit 38 digits.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimals().Draw(t, "x"), decimals().Draw(t, "y")
		sign := rapid.SampledFrom([]int{1, -1}).Draw(t, "sign")
		b := rat(t, y)
		if sign < 0 {
			b.Neg(b)
		}
		want := new(big.Rat).Add(rat(t, x), b)
		got, err := item.AddNumbers(stored(t, x), stored(t, y), sign)
		if err != nil {
			if fits(want) {
				t.Errorf("%s and %s: %v, but the result %s fits", x, y, err, want.FloatString(10))
			}
			return
		}
		if rat(t, string(item.AppendNumber(nil, got))).Cmp(want) != 0 {
			t.Errorf("%s and %s give %s, want %s", x, y, item.AppendNumber(nil, got), want)
		}
	})
}

// fits tells whether a number has at most 38 significant digits and a magnitude in range.
func fits(r *big.Rat) bool {
	text := strings.TrimLeft(strings.Replace(r.FloatString(300), ".", "", 1), "-0")
	return len(strings.TrimRight(text, "0")) <= 38 && r.Cmp(rat2("1e126")) < 0
}

func rat2(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}
