package findgood

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
)

// Query reads a filter: a DynamoDB filter expression (Amazon DynamoDB Developer Guide, "Filter expressions"), in which values are written as they
// are ("text", 3, true, false, null) and names need no #, reserved words neither. A name with other characters stands in backquotes.
// What DynamoDB then makes of it is its own business.
func Query(text string) (scan.Filter, error) {
	q := &query{names: map[string]string{}, f: scan.Filter{Names: map[string]string{}, Values: map[string]types.AttributeValue{}}}
	rest := text
	for rest != "" {
		n, err := q.token(rest)
		if err != nil {
			return scan.Filter{}, fmt.Errorf("query, character %d: %w", len(text)-len(rest)+1, err)
		}
		rest = rest[n:]
	}
	q.f.Expression = strings.TrimSpace(q.out.String())
	if q.f.Expression == "" {
		return scan.Filter{}, fmt.Errorf("the query is empty")
	}
	if len(q.f.Names) == 0 {
		q.f.Names = nil
	}
	if len(q.f.Values) == 0 {
		q.f.Values = nil
	}
	return q.f, nil
}

type query struct {
	out   strings.Builder
	names map[string]string // name to placeholder
	f     scan.Filter
}

// token reads one token and gives its length.
func (q *query) token(s string) (int, error) {
	c := s[0]
	switch {
	case c == '"' || c == '\'':
		return q.text(s, c)
	case c == '`':
		end := strings.IndexByte(s[1:], '`')
		if end <= 0 {
			return 0, fmt.Errorf("a name in backquotes does not end")
		}
		q.name(s[1 : 1+end])
		return end + 2, nil
	case c == '[': // the index of a list
		index := regexp.MustCompile(`^\[[0-9]+\]`).FindString(s)
		if index == "" {
			return 0, fmt.Errorf("[ wants a number and ] behind it")
		}
		q.out.WriteString(index)
		return len(index), nil
	case c == '-' || c >= '0' && c <= '9':
		number := regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?`).FindString(s)
		if number == "" {
			return 0, fmt.Errorf("- wants a number behind it")
		}
		q.value(&types.AttributeValueMemberN{Value: number})
		return len(number), nil
	case strings.IndexByte(" \t\n(),.=<>", c) >= 0:
		q.out.WriteByte(c)
		return 1, nil
	}
	word := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*`).FindString(s)
	if word == "" {
		return 0, fmt.Errorf("%q has no place in a query", s[:1])
	}
	q.word(word, strings.HasPrefix(strings.TrimLeft(s[len(word):], " \t\n"), "("))
	return len(word), nil
}

// text reads a string. A backslash lets the next character be itself.
func (q *query) text(s string, quote byte) (int, error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote:
			q.value(&types.AttributeValueMemberS{Value: b.String()})
			return i + 1, nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return 0, fmt.Errorf("a text in quotes does not end")
}

// word is a word of the language, a value, a function, or else a name.
func (q *query) word(w string, called bool) {
	switch strings.ToUpper(w) {
	case "AND", "OR", "NOT", "IN", "BETWEEN":
		q.out.WriteString(w)
		return
	}
	switch {
	case w == "true" || w == "false":
		q.value(&types.AttributeValueMemberBOOL{Value: w == "true"})
	case w == "null":
		q.value(&types.AttributeValueMemberNULL{Value: true})
	case called:
		q.out.WriteString(w)
	default:
		q.name(w)
	}
}

func (q *query) name(n string) {
	p, ok := q.names[n]
	if !ok {
		p = "#n" + strconv.Itoa(len(q.names))
		q.names[n], q.f.Names[p] = p, n
	}
	q.out.WriteString(p)
}

func (q *query) value(v types.AttributeValue) {
	p := ":v" + strconv.Itoa(len(q.f.Values))
	q.f.Values[p] = v
	q.out.WriteString(p)
}
