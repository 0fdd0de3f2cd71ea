package diag

import "strings"

// Closest gives the known word that the user most likely meant, or the empty string when none is near. Differences of case, - and _ count little.
func Closest(word string, known []string) string {
	best, least := "", 0
	for _, k := range known {
		d := distance(fold(word), fold(k))
		if d <= (min(len(word), len(k))+2)/4 && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// DidYouMean is a hint that names the Closest word in quotes, or else lists what is known.
func DidYouMean(word string, known []string) string {
	if c := Closest(word, known); c != "" {
		return `Did you mean "` + c + `"?`
	}
	if len(known) == 0 || len(known) > 20 {
		return ""
	}
	return "Known here: " + strings.Join(known, ", ") + "."
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// distance is the optimal string alignment distance: insert, delete, replace, swap neighbours. Long words are cut, so that hostile text costs little.
func distance(a, b string) int {
	const longest = 64
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), longest)], y[:min(len(y), longest)]
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
