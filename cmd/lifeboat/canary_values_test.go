package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// values are all secret values, and what each of them is.
type values map[string]string

// add takes a value, and if it is a JSON object, each of its fields.
func (v values) add(t *testing.T, value, what string) {
	t.Helper()
	var fields map[string]string
	if json.Unmarshal([]byte(value), &fields) == nil {
		for k, field := range fields {
			v.add(t, field, what+", "+k)
		}
		return
	}
	if len(value) < 12 {
		t.Fatalf("%s is too short to be searched for", what)
	}
	v[value] = what
}

// read takes every version of every secret, every parameter and every API key that the sites of a cloud still give.
func (v values) read(t *testing.T, cloud *stage.Cloud) {
	t.Helper()
	for _, site := range [][2]string{{"111111111111", "eu-west-2"}, {"222222222222", "eu-west-1"}, {"333333333333", "eu-central-1"}} {
		c := at(t, cloud, site[0], site[1])
		if list, err := c.SecretsManager.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{}); err != nil {
			if site[0] == "111111111111" {
				continue // lost
			}
			t.Fatal(err)
		} else {
			for _, s := range list.SecretList {
				v.secret(t, c, *s.Name)
			}
		}
		parameters, err := c.SSM.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: new("/"), Recursive: new(true), WithDecryption: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parameters.Parameters {
			v.add(t, *p.Value, "parameter "+*p.Name)
		}
		keys, err := c.APIGateway.GetApiKeys(t.Context(), &apigateway.GetApiKeysInput{IncludeValues: new(true)})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys.Items {
			v.add(t, *k.Value, "API key "+*k.Name)
		}
	}
}

// secret takes every version of a secret.
func (v values) secret(t *testing.T, c *awscloud.Clients, name string) {
	t.Helper()
	list, err := c.SecretsManager.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: &name, IncludeDeprecated: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list.Versions {
		got, err := c.SecretsManager.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name, VersionId: x.VersionId})
		if err != nil {
			t.Fatal(err)
		}
		v.add(t, *got.SecretString, "secret "+name)
	}
}

// in names a value that stands in a text, and how it is spelt there; empty: none.
func (v values) in(text []byte) string {
	for value, what := range v {
		for how, s := range spellings(value) {
			if bytes.Contains(text, []byte(s)) {
				return what + " (" + how + ")"
			}
		}
	}
	return ""
}

// absent fails the test if any value stands in the text.
func (v values) absent(t *testing.T, where string, text []byte) {
	t.Helper()
	if found := v.in(text); found != "" {
		t.Errorf("%s: %s", where, found)
	}
}

// spellings are the ways in which a value may stand in a text. In base64 a value looks like one of three, as bytes come before it.
func spellings(value string) map[string]string {
	quoted, _ := json.Marshal(value) // a string is always JSON
	out := map[string]string{
		"plain": value, "quoted": strings.Trim(string(quoted), `"`), "in a query": url.QueryEscape(value), "in a path": url.PathEscape(value),
		"hexadecimal": hex.EncodeToString([]byte(value)), "HEXADECIMAL": strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	for ahead, name := range []string{"base64", "base64, second", "base64, third"} {
		whole := base64.RawStdEncoding.EncodeToString(append(make([]byte, ahead), value...))
		from, to := (ahead*8+5)/6, (ahead+len(value))*8/6 // what depends on the value alone
		out[name] = whole[from:to]
		out[name+", for URLs"] = strings.NewReplacer("+", "-", "/", "_").Replace(whole[from:to])
	}
	return out
}

// What a value looks like is found wherever it stands.
func TestValuesAreFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	v := values{}
	v.add(t, `{"password": "`+licence+`"}`, "secret")
	for i := range 4 {
		text := strings.Repeat("x", i) + licence + "yyy"
		for _, s := range []string{text, url.QueryEscape(text), hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text))} {
			if v.in([]byte("before "+s+" after")) == "" {
				t.Errorf("not found in %s", s)
			}
		}
	}
	if got := v.in([]byte("canary-licence")); got != "" {
		t.Errorf("found %s in a text that has a part of it", got)
	}
}
