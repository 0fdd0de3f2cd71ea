package statebackend

import "testing"

// The promise: only a statement that denies everybody everything without TLS counts; anything narrower gets ours beside it.
func TestTLSOnly(t *testing.T) {
	t.Parallel()
	const head, tail = `{"Version":"2012-10-17","Statement":[`, `]}`
	const res = `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`
	for text, want := range map[string]bool{
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                                          true,
		`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:*"],` + res + `,"Condition":{"Bool":{"aws:SecureTransport":false}}}`:                                  true,
		`{"Effect":"Allow","Principal":"*","Action":"s3:*",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                                         false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                                  false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                        false,
		`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"s3:*",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`: false,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*",` + res + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`:                                           false,
	} {
		p, err := parsePolicy(head + text + tail)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.tlsOnly("b"); got != want {
			t.Errorf("tlsOnly = %v for %s", got, text)
		}
		merged, err := p.withTLSOnly("b")
		if err != nil {
			t.Fatal(err)
		}
		if p, err = parsePolicy(merged); err != nil || !p.tlsOnly("b") || len(p.Statement) != 2 {
			t.Errorf("merged: %v, %s", err, merged)
		}
	}
}
