package check

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestScanByWords keeps the promise that a text that is looked through word by word names the same places as one that is looked through whole.
func TestScanByWords(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom([]string{
		" ", "\t", "\n", "\"", "'", hole, "-", ".", ":", "/", ",", "]", "x", "Z", "arn:aws:", "arn:aws-cn:sqs:", "eu-west-2", "us-gov-east-1", "a", "b", "111111111111", "12345678", "0123456789ABCDEF",
		".dkr.ecr.", ".amazonaws.com", "arn:aws:sqs:eu-west-2:111111111111:queue", "arn:" + hole + ":s3:::bucket", "arn:aws:iam::111111111111:role/a,b", "https://sqs.", "ami-", "vpc-0a1b2c3d", "sqs:", "queue", "Z0123456789", "\v", "é",
	})
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(r, "pieces"), "")
		if got, want := scan(text), scanWhole(text); !reflect.DeepEqual(got, want) {
			r.Fatalf("%q: %+v, and as a whole %+v", text, got, want)
		}
	})
}

func scanWhole(text string) []token {
	names := places().SubexpNames()
	var out []token
	for _, m := range places().FindAllStringSubmatchIndex(text, -1) {
		for g := 1; g < len(names); g++ {
			if m[2*g] < 0 {
				continue
			}
			k := token{start: m[2*g], end: m[2*g+1], text: text[m[2*g]:m[2*g+1]]}
			if k.classify(names[g], text) {
				out = append(out, k)
			}
			break
		}
	}
	return out
}
