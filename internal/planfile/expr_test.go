package planfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// variables is a plan whose stack "app" has the given variables.
func variables(text string) map[string]string {
	return with("stack \"app\" {\n path = \"application\"\n variables = {\n" + text + "\n}\n}\n")
}

// TestFunctions keeps the promise that functions mean what Terraform's mean.
func TestFunctions(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`format("%s-%03d", "a", 7)`:                 `a-007`,
		`formatlist("%s!", ["a", "b"])`:             `["a!","b!"]`,
		`join(",", ["a", "b"])`:                     `a,b`,
		`split(",", "a,b")`:                         `["a","b"]`,
		`lower("ABC")`:                              `abc`,
		`upper("abc")`:                              `ABC`,
		`title("abc def")`:                          `Abc Def`,
		`trim("--a--", "-")`:                        `a`,
		`trimprefix("live-a", "live-")`:             `a`,
		`trimsuffix("a.txt", ".txt")`:               `a`,
		`trimspace(" a\n")`:                         `a`,
		`replace("a.b.c", ".", "-")`:                `a-b-c`,
		`replace("eu-west-2", "/[^a-z]/", "")`:      `euwest`,
		`regex("[0-9]+", "ab12")`:                   `12`,
		`substr("hello", 1, 3)`:                     `ell`,
		`jsonencode({ a = [1, true, null] })`:       `{"a":[1,true,null]}`,
		`jsondecode("{\"a\":1}").a`:                 `1`,
		`concat(["a"], ["b"])`:                      `["a","b"]`,
		`merge({ a = 1 }, { a = 2, b = 3 })`:        `{"a":2,"b":3}`,
		`lookup({ a = "x" }, "b", "none")`:          `none`,
		`keys({ b = 1, a = 2 })`:                    `["a","b"]`,
		`values({ b = 1, a = 2 })`:                  `[2,1]`,
		`contains(["a"], "a")`:                      `true`,
		`length("日本")`:                              `2`,
		`length([1, 2, 3])`:                         `3`,
		`element(["a", "b"], 3)`:                    `b`,
		`flatten([["a"], ["b", ["c"]]])`:            `["a","b","c"]`,
		`distinct(["a", "a"])`:                      `["a"]`,
		`sort(toset(["b", "a", "b"]))`:              `["a","b"]`,
		`tolist(toset(["a"]))[0]`:                   `a`,
		`tomap({ a = "b" })["a"]`:                   `b`,
		`tostring(1.5)`:                             `1.5`,
		`tonumber("3") + 1`:                         `4`,
		`tobool("true")`:                            `true`,
		`coalesce("", "a")`:                         `a`,
		`try(jsondecode("{").a, "none")`:            `none`,
		`can(jsondecode("{"))`:                      `false`,
		`max(1, 3) - min(1, 3) + abs(-1)`:           `3`,
		`ceil(1.2) * 10 + floor(1.8)`:               `21`,
		`base64encode("a")`:                         `YQ==`,
		`base64decode("YQ==")`:                      `a`,
		`sha256("a")`:                               `ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb`,
		`file("notes/a.txt")`:                       `text`,
		`file("./notes/../notes/a.txt")`:            `text`,
		`env("HOME")`:                               `/home/me`,
		`env("NOBODY", "none")`:                     `none`,
		`timestamp()`:                               `2026-11-23T04:05:06Z`,
		`timeadd(timestamp(), "-10m")`:              `2026-11-23T03:55:06Z`,
		`formatdate("DD MMM", timestamp())`:         `23 Nov`,
		`[for s in ["a", "b"] : upper(s)]`:          `["A","B"]`,
		`"${site.vault.region}/${site.region}"`:     `eu-central-1/eu-west-1`,
		`"${stack.name} in ${site.account}"`:        `app in 222222222222`,
		`stack.shared.outputs.url`:                  `url of shared`,
		`"${stack["shared"].outputs["url"]}!"`:      `url of shared!`,
		`true ? "a" : stack.shared.outputs.url`:     `a`,
		`[for x in ["q"] : stack.shared.outputs.x]`: `["x of shared"]`,
	}
	var text strings.Builder
	names := map[string]string{}
	for src := range cases {
		names[src] = fmt.Sprintf("v%d", len(names))
		fmt.Fprintf(&text, "%s = %s\n", names[src], src)
	}
	files := variables(text.String())
	files["notes/a.txt"] = "text"
	o := options(files)
	o.Env = proc.Env{"HOME": "/home/me"}
	p := mustLoad(t, o)
	for src, want := range cases {
		if got := resolved(t, p, p.Stacks[0].Variables[names[src]], "app").String(); got != want {
			t.Errorf("%s = %s, want %s", src, got, want)
		}
	}
}

// TestRefused keeps the promise that what cannot be known or read fails when the plan is loaded.
func TestRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`env("NOBODY")`:                `the environment has no NOBODY`,
		`file("../secret")`:            `outside the plan's folder`,
		`file("/etc/passwd")`:          `outside the plan's folder`,
		`file("nowhere.txt")`:          `file does not exist`,
		`file("binary")`:               `not text`,
		`base64decode("/w==")`:         `not text`,
		`1e99999999`:                   `out of range`,
		`upper(null)`:                  `must not be null`,
		`1 / 0`:                        `out of range`,
		`tonumber(site.name)`:          `This happens at site "primary"`,
		`{ a = 1 }.b`:                  `Unsupported attribute`,
		`site[var.x].region`:           `Incomplete reference`,
		`stack.shared.outputs[0]`:      `only values are its outputs`,
		`[for s in stack : s.outputs]`: `Incomplete reference`,
	}
	for src, want := range cases {
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			files := variables("v = " + src)
			files["binary"] = "\xff"
			p, s, diags := Load(options(files))
			got := strings.Join(strings.Fields(shown(t, diags, s)), " ")
			if p != nil || !strings.Contains(got, want) {
				t.Errorf("want %q in:\n%s", want, shown(t, diags, s))
			}
		})
	}
}

// TestSecretsStaySecret keeps promise 4: what is computed from a secret is secret, and no message quotes one.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	files := variables(`
 plain  = "x"
 given  = "token=${var.token}"
 parts  = { a = [var.token] }
 output = upper(stack.shared.outputs.password)
 json   = jsondecode(stack.shared.outputs.password)
 pick   = "${{ hunter2 = "a" }[stack.shared.outputs.password]}"
 marked = sensitive("x")
`)
	files["more.lifeboat.hcl"] = `variable "token" { sensitive = true }`
	o := options(files)
	o.Vars = []string{"token=hunter2"}
	p := mustLoad(t, o)
	scope := plan.Scope{Site: p.Site("standby"), Stack: "app", Output: func(string, string) (plan.Value, error) { return plan.OfSecret("pass-word"), nil }}
	for name, x := range p.Stacks[0].Variables {
		v, err := x.Resolve(scope)
		switch name {
		case "json", "pick":
			if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "pass-word") || strings.Contains(fmt.Sprint(details(err)), "pass") {
				t.Errorf("%s: %v %v", name, err, details(err))
			}
		case "plain":
			if err != nil || v.IsSecret() {
				t.Errorf("plain: %v %v", v, err)
			}
		default:
			if err != nil || !v.IsSecret() {
				t.Errorf("%s is not secret: %v %v", name, v, err)
			}
		}
	}
}

func details(err error) diag.List {
	l, _ := diag.FromError(err)
	return l
}

// TestUnknownIsAnError keeps the promise that a value that cannot be computed is never empty.
func TestUnknownIsAnError(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, options(variables(`
 output = stack.shared.outputs.url
 maybe  = try(stack.shared.outputs.url, "none")
 local  = try(local.url, "none")
 here   = site.region
 name   = stack.name
 nested = { a = [stack.shared.outputs.url] }
}
}
locals {
 url = "${stack.shared.outputs.url}/x"
}
stack "env" {
 path = "application"
 env = {
  URL = stack.shared.outputs.url
`)))
	site, broken := p.Site("standby"), errors.New("connection reset")
	gone := func(string, string) (plan.Value, error) {
		return plan.Value{}, fmt.Errorf("left out: %w", plan.ErrNoOutput)
	}
	fails := func(string, string) (plan.Value, error) { return plan.Value{}, broken }
	null := func(string, string) (plan.Value, error) { return plan.Of(nil), nil }
	odd := func(string, string) (plan.Value, error) { return plan.Of(struct{}{}), nil }
	cases := []struct {
		name  string
		scope plan.Scope
		want  string // of the value, or of the error after "error: "
	}{
		{"output", plan.Scope{Site: site, Stack: "app"}, "error: lifeboat.hcl:5:11: Output \"url\" of stack \"shared\" is not known"},
		{"output", plan.Scope{Site: site, Stack: "app", Output: fails}, "error: lifeboat.hcl:5:11: Output \"url\" of stack \"shared\" is not known"},
		{"output", plan.Scope{Site: site, Stack: "app", Output: gone}, "error: lifeboat.hcl:5:11: Output \"url\" of stack \"shared\" is not known"},
		{"output", plan.Scope{Site: site, Stack: "app", Output: odd}, "error: lifeboat.hcl:5:11: Output \"url\" of stack \"shared\" is not known"},
		{"output", plan.Scope{Site: site, Stack: "app", Output: null}, "null"},
		{"nested", plan.Scope{Site: site, Stack: "app"}, "error: "},
		{"maybe", plan.Scope{Site: site, Stack: "app", Output: gone}, "none"},
		{"local", plan.Scope{Site: site, Stack: "app", Output: gone}, "none"},
		{"maybe", plan.Scope{Site: site, Stack: "app", Output: fails}, "error: "},
		{"local", plan.Scope{Site: site, Stack: "app", Output: fails}, "error: "},
		{"here", plan.Scope{Stack: "app"}, "error: lifeboat.hcl:8:11: No site"},
		{"name", plan.Scope{Site: site}, "error: lifeboat.hcl:9:11: No stack"},
		{"URL", plan.Scope{Site: site, Stack: "env", Output: null}, "error: "},
	}
	exprs := p.Stacks[0].Variables
	exprs["URL"] = p.Stacks[1].Env["URL"]
	for _, c := range cases {
		v, err := exprs[c.name].Resolve(c.scope)
		got := v.String()
		if err != nil {
			got = "error: " + err.Error()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// TestReadsAreFrozen keeps the promise that a run reads nothing that the loaded plan did not: the hash covers all of it.
func TestReadsAreFrozen(t *testing.T) {
	t.Parallel()
	files := variables(`
 by_site   = file("${site.name}.txt")
 by_output = file(stack.shared.outputs.name)
 from_env  = env(stack.shared.outputs.name)
`)
	files["primary.txt"], files["standby.txt"] = "a", "b"
	p := mustLoad(t, options(files))
	if got := resolved(t, p, p.Stacks[0].Variables["by_site"], "app").String(); got != "b" {
		t.Errorf("by_site: %s", got)
	}
	for _, name := range []string{"by_output", "from_env"} {
		_, err := p.Stacks[0].Variables[name].Resolve(plan.Scope{Site: p.Site("standby"), Stack: "app", Output: func(string, string) (plan.Value, error) { return plan.Of("base.lifeboat.hcl"), nil }})
		if err == nil {
			t.Errorf("%s read something new during the run", name)
		}
	}
}
