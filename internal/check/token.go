package check

import (
	"regexp"
	"strings"
	"sync"
)

// tokenKind is what sort of place a piece of text names.
type tokenKind uint8

const (
	regionToken   tokenKind = iota // eu-west-2
	accountToken                   // 111111111111
	arnToken                       // arn:aws:sqs:eu-west-2:111111111111:queue
	zoneToken                      // eu-west-2a
	endpointToken                  // sqs.eu-west-2.amazonaws.com
	registryToken                  // 111111111111.dkr.ecr.eu-west-2.amazonaws.com
	idToken                        // vpc-0a1b..., ami-..., Z0123..., AROA..., eu-west-2_Ab1...
)

// token is a piece of a text that names a place.
type token struct {
	kind            tokenKind
	start, end      int
	text            string
	account, region bool // what it ties the text to
	partition       bool // an ARN of the partition aws
}

const (
	regionWord = `(?:af|ap|ca|cn|eu|il|me|mx|sa|us-gov|us-iso|us-isob|us)-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-[1-9]`
	hole       = "\x00" // stands for what is not known, in a text that is looked through
)

// places matches everything that can name a place; the first alternative that fits wins. It is only compiled where a tree has such words.
var places = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // constant
	return regexp.MustCompile(`(?P<registry>(?:[0-9]{12}|\x00)\.dkr\.ecr\.(?:` + regionWord + `|\x00)\.amazonaws\.com[^\s"']*)` +
		`|(?P<arn>arn:(?:aws[a-z-]*|\x00):[a-z0-9-]+:[^:\s"']*:[^:\s"']*:[^\s"',\]]*)` +
		`|(?P<endpoint>(?:https?://)?[A-Za-z0-9.\x00-]*\b` + regionWord + `\.(?:[a-z-]+\.)*(?:amazonaws\.com|amazon\.com|on\.aws|api\.aws)(?:\.cn)?[^\s"']*)` +
		`|(?P<zone>\b` + regionWord + `[a-f]\b)` +
		`|(?P<region>\b` + regionWord + `\b)` +
		`|(?P<id>\b(?:ami|vpc|subnet|sg|eni|rtb|igw|nat|vpce|tgw|acl|eipalloc|pcx|fs|lt)-[0-9a-f]{8}(?:[0-9a-f]{9})?\b|^Z[0-9A-Z]{9,30}$|\bmrk-[0-9a-f]{32}\b|\b` + regionWord + `_[0-9A-Za-z]{9}\b|\bA(?:GPA|IDA|ROA|NPA)[0-9A-Z]{17}\b)` +
		`|(?P<account>^[0-9]{12}$)`)
})

var regions = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // constant
	return regexp.MustCompile(`\b` + regionWord + `\b`)
})

// scan finds the places that a text names. Holes in it are \x00. No place has a space or a quote in it, so that each word is looked at alone.
func scan(text string) []token {
	var out []token
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && !ends(text[end]) {
			end++
		}
		if word := text[start:end]; worthScanning(word) {
			out = scanWord(out, text, start, end)
		}
		start = end
	}
	return out
}

// ends tells of what separates words.
func ends(c byte) bool {
	return c <= '\'' && (c == ' ' || c >= '\t' && c <= '\r' && c != '\v' || c == '"' || c == '\'')
}

func scanWord(out []token, text string, start, end int) []token {
	if group := wholeWord(text[start:end]); group != "" {
		if k := (token{start: start, end: end, text: text[start:end]}); k.classify(group, text) {
			out = append(out, k)
		}
		return out
	}
	names := places().SubexpNames()
	for _, m := range places().FindAllStringSubmatchIndex(text[start:end], -1) {
		for g := 1; g < len(names); g++ {
			if m[2*g] < 0 {
				continue
			}
			k := token{start: start + m[2*g], end: start + m[2*g+1]}
			k.text = text[k.start:k.end]
			if alone := k.text == text; k.classify(names[g], text) && (alone || !onlyAlone(names[g], k.text)) {
				out = append(out, k)
			}
			break
		}
	}
	return out
}

// wholeWord is the group of places that matches a word as a whole, for the words that are most of what is found; empty: places has to tell.
func wholeWord(word string) string {
	if wholeRegion(word) {
		return "region"
	}
	rest, ok := strings.CutPrefix(word, "arn:")
	if !ok || strings.ContainsAny(rest, ",]") {
		return ""
	}
	partition, rest, _ := strings.Cut(rest, ":")
	service, rest, _ := strings.Cut(rest, ":")
	others, aws := strings.CutPrefix(partition, "aws")
	if partition != hole && (!aws || strings.Trim(others, lower+"-") != "") || service == "" || strings.Trim(service, lower+"0123456789-") != "" || strings.Count(rest, ":") < 2 {
		return ""
	}
	return "arn"
}

const lower = "abcdefghijklmnopqrstuvwxyz"

// onlyAlone tells of numbers and ids that mean something only where they are the whole text.
func onlyAlone(group, text string) bool {
	return group == "account" || group == "id" && text[0] == 'Z'
}

// worthScanning is a cheap look before the expensive one: most texts name no place.
func worthScanning(text string) bool {
	digits := 0
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' {
			if digits++; digits >= 8 || i > 1 && text[i-1] == '-' && direction(text[:i-1]) {
				return true
			}
			continue
		}
		digits = 0
		if (c == 'Z' || c == 'A' && len(text) > 20) && i == 0 || c == ':' && i >= 3 && text[i-3:i] == "arn" || c == '-' && hex8(text[i+1:]) {
			return true
		}
	}
	return false
}

// direction tells whether a text ends as a region does before its number.
func direction(s string) bool {
	switch s[len(s)-1] {
	case 't':
		return strings.HasSuffix(s, "east") || strings.HasSuffix(s, "west")
	case 'h':
		return strings.HasSuffix(s, "north") || strings.HasSuffix(s, "south")
	case 'l':
		return strings.HasSuffix(s, "central")
	}
	return false
}

func hex8(s string) bool {
	return len(s) >= 8 && strings.Trim(s[:8], "0123456789abcdef") == ""
}

// classify says what the token ties its text to, and whether it is one at all.
func (k *token) classify(group, text string) bool {
	switch group {
	case "registry":
		k.kind = registryToken
		host, _, _ := strings.Cut(k.text, "/")
		k.account, k.region = host[0] != hole[0], !strings.Contains(host, "ecr."+hole)
	case "arn":
		k.kind = arnToken
		f := strings.SplitN(k.text, ":", 6)
		k.region = wholeRegion(f[3])
		k.account = isAccount(f[4]) && !publisher(f[4])
		k.partition = f[1] == "aws"
		return k.region || k.account || k.partition
	case "endpoint":
		k.kind, k.region, k.account = endpointToken, true, accountInPath(k.text)
	case "zone":
		k.kind, k.region = zoneToken, true
		return alone(text, k.start, k.end)
	case "region":
		k.kind, k.region = regionToken, true
		return alone(text, k.start, k.end)
	case "id":
		k.kind, k.region, k.account = idToken, true, true
		switch k.text[0] {
		case 'a':
			k.account = !strings.HasPrefix(k.text, "ami-")
		case 'A', 'm': // of a principal, which is the same in every region; of a key that may have replicas there
			k.region = false
		}
	case "account":
		k.kind, k.account = accountToken, !publisher(k.text)
	}
	return k.region || k.account
}

// alone tells whether a region stands by itself, rather than as a part of a longer name.
func alone(text string, start, end int) bool {
	joins := func(c byte) bool {
		return c == '-' || c == '_' || c == hole[0] || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return (start == 0 || !joins(text[start-1])) && (end == len(text) || !joins(text[end]))
}

// wholeRegion tells whether a text is a region, as regionWord says it.
func wholeRegion(s string) bool {
	i := strings.LastIndexByte(s, '-')
	if i < 0 || len(s) != i+2 || s[i+1] < '1' || s[i+1] > '9' {
		return false
	}
	j := strings.LastIndexByte(s[:i], '-')
	if j < 0 {
		return false
	}
	switch s[:j] {
	case "af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us-gov", "us-iso", "us-isob", "us":
	default:
		return false
	}
	switch s[j+1 : i] {
	case "central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest":
		return true
	}
	return false
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// accountInPath tells whether a URL holds an account, as those of queues do.
func accountInPath(url string) bool {
	for part := range strings.SplitSeq(url, "/") {
		if isAccount(part) {
			return true
		}
	}
	return false
}

// publisher tells whether an account belongs to AWS or to a known publisher, so that it is the same for everybody: Lambda Insights,
// the extension for parameters and secrets in London, Powertools, Amazon Linux, ECS, Windows, Canonical, Red Hat, Debian.
func publisher(account string) bool {
	switch account {
	case "580247275435", "133256977650", "017000801446", "137112412989", "591542846629", "099720109477", "309956199498", "136693071363", "801119661308", "000000000000":
		return true
	}
	return false
}
