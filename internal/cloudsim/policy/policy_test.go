package policy_test

import (
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
)

// A policy lets in whom it names, to do what it names, on what it names, and nobody else.
func TestAllows(t *testing.T) {
	t.Parallel()
	const account, other = "111111111111", "222222222222"
	for _, test := range []struct {
		what, text string
		want       bool
	}{
		{"no policy", "", false},
		{"the account's number", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}}`, true},
		{"a role of the account", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:role/r"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/dir/?"]}]}`, true},
		{"everybody, on the resource that has it", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}`, true},
		{"another account", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + other + `"},"Action":"*","Resource":"*"}]}`, false},
		{"another action", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Put*","Resource":"*"}]}`, false},
		{"another resource", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b"}]}`, false},
		{"a service", `{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"*","Resource":"*"}]}`, false},
		{"a refusal", `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`, false},
		{"brackets are no pattern", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b/dir/[a-z]"}]}`, false},
	} {
		if got := policy.Allows(test.text, account, "s3:GetObject", "arn:aws:s3:::b/dir/k"); got != test.want {
			t.Errorf("%s: %v", test.what, got)
		}
	}
}
