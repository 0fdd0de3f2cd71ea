package planfile

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

const declared = `
variable "colour" {
  type    = string
  default = "default"
}
variable "count" {
  type    = number
  default = 1
}
variable "names" {
  type    = list(string)
  default = []
}
variable "size" {
  type    = object({ memory = number, cores = optional(number, 2) })
  default = { memory = 1 }
}
variable "any" { default = null }
variable "token" {
  type      = string
  default   = ""
  sensitive = true
}
`

func withVariables() map[string]string {
	files := variables(`
 colour = var.colour
 count  = var.count
 names  = join("+", var.names)
 cores  = var.size.cores
 any    = var.any == null ? "nothing" : var.any
 token  = var.token
`)
	files["variables.lifeboat.hcl"] = declared
	return files
}

// TestVariablePrecedence keeps the promise: --var before --var-file before the environment before the default.
func TestVariablePrecedence(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/values/a.hcl": "colour = \"a\"\nnames = [\"x\", \"y\"]\n", "/values/b.json": `{"colour": "b", "count": 7}`}
	cases := []struct {
		name   string
		change func(*Options)
		want   map[string]string
	}{
		{"defaults", func(*Options) {}, map[string]string{"colour": "default", "count": "1", "names": "", "cores": "2", "any": "nothing"}},
		{"environment", func(o *Options) {
			o.Env = proc.Env{"LIFEBOAT_VAR_colour": "env", "LIFEBOAT_VAR_count": "3", "LIFEBOAT_VAR_names": `["a", "b"]`, "LIFEBOAT_VAR_size": "{memory=3, cores=4}", "LIFEBOAT_VAR_unknown": "1"}
		}, map[string]string{"colour": "env", "count": "3", "names": "a+b", "cores": "4"}},
		{"file over environment", func(o *Options) {
			o.Env, o.VarFiles = proc.Env{"LIFEBOAT_VAR_colour": "env", "LIFEBOAT_VAR_count": "3"}, []string{"/values/a.hcl"}
		}, map[string]string{"colour": "a", "count": "3", "names": "x+y"}},
		{"later file over earlier", func(o *Options) { o.VarFiles = []string{"/values/a.hcl", "/values/b.json"} }, map[string]string{"colour": "b", "count": "7", "names": "x+y"}},
		{"argument over file", func(o *Options) {
			o.VarFiles, o.Vars = []string{"/values/a.hcl"}, []string{"colour=one", "colour=two=2", "any=5"}
		}, map[string]string{"colour": "two=2", "any": "5"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(withVariables())
			for n, text := range files {
				o.Files.(fstest.MapFS)[n[1:]] = &fstest.MapFile{Data: []byte(text)}
			}
			c.change(&o)
			p := mustLoad(t, o)
			for name, want := range c.want {
				if got := resolved(t, p, p.Stacks[0].Variables[name], "app").String(); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestVariableMistakes keeps the promises that values from outside are checked, and that values of files are never shown.
func TestVariableMistakes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, file, arg, want string
		severity              diag.Severity
	}{
		{"unknown argument", "", "color=x", `Did you mean "colour"?`, diag.Error},
		{"no value", "", "colour", "--var NAME=VALUE", diag.Error},
		{"wrong type", "", "count=many", `Given by --var count: a number is required.`, diag.Error},
		{"unreadable list", "", "names=a,b", `["a", "b"]`, diag.Error},
		{"unknown in file", "color = 1\n", "", `Did you mean "colour"?`, diag.Warning},
		{"reference in file", "colour = var.x\n", "", "Values must be constants", diag.Error},
		{"wrong type in file", "token = [\"hunter2\"]\n", "", `The value of variable "token" has the wrong type`, diag.Error},
		{"syntax in file", "token = \"hunter2\n", "", "/values.hcl:1", diag.Error},
		{"missing file", "", "", "file does not exist", diag.Error},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(withVariables())
			if c.file != "" {
				o.Files.(fstest.MapFS)["values.hcl"] = &fstest.MapFile{Data: []byte(c.file)}
			}
			if c.arg != "" {
				o.Vars = []string{c.arg}
			} else {
				o.VarFiles = []string{"/values.hcl"}
			}
			p, s, diags := Load(o)
			got := shown(t, diags, s)
			if (p == nil) != (c.severity == diag.Error) || !strings.Contains(got, c.want) || strings.Contains(got, "hunter2") {
				t.Errorf("want %q in:\n%s", c.want, got)
			}
		})
	}
}

// TestHash keeps the promise that the plan's version follows everything that gives the plan its meaning, and nothing else.
func TestHash(t *testing.T) {
	t.Parallel()
	hash := func(change func(*Options, map[string]string)) string {
		files := withVariables()
		files["more.lifeboat.hcl"] = "locals {\n a = env(\"A\", \"\")\n b = file(\"b.txt\")\n}\n"
		files["b.txt"] = "b"
		o := options(nil)
		change(&o, files)
		o.Files = world(files)
		for n, f := range map[string]string{"v.hcl": "colour = \"red\"\n"} {
			o.Files.(fstest.MapFS)[n] = &fstest.MapFile{Data: []byte(f)}
		}
		return mustLoad(t, o).Hash
	}
	first := hash(func(*Options, map[string]string) {})
	same := map[string]func(*Options, map[string]string){
		"again":          func(*Options, map[string]string) {},
		"the default":    func(o *Options, _ map[string]string) { o.Vars = []string{"colour=default"} },
		"another file":   func(_ *Options, f map[string]string) { f["README.md"] = "x" },
		"another env":    func(o *Options, _ map[string]string) { o.Env = proc.Env{"B": "x"} },
		"the same plan":  func(o *Options, _ map[string]string) { o.Dir = "/plan/../plan" },
		"another second": func(o *Options, _ map[string]string) { o.Now = o.Now.Add(1) },
	}
	for name, change := range same {
		if hash(change) != first {
			t.Errorf("%s changes the hash", name)
		}
	}
	seen := map[string]string{first: "nothing"}
	other := map[string]func(*Options, map[string]string){
		"a value":     func(o *Options, _ map[string]string) { o.Vars = []string{"colour=red"} },
		"a secret":    func(o *Options, _ map[string]string) { o.Vars = []string{"token=red"} },
		"the text":    func(_ *Options, f map[string]string) { f["lifeboat.hcl"] += " " },
		"a read file": func(_ *Options, f map[string]string) { f["b.txt"] = "c" },
		"a read env":  func(o *Options, _ map[string]string) { o.Env = proc.Env{"A": "x"} },
	}
	for name, change := range other {
		h := hash(change)
		if was, dup := seen[h]; dup {
			t.Errorf("%s gives the same hash as %s", name, was)
		}
		seen[h] = name
	}
	byFile := hash(func(o *Options, _ map[string]string) { o.VarFiles = []string{"/v.hcl"} })
	if seen[byFile] != "a value" {
		t.Error("the way in which a value is given changes the hash")
	}
}

// TestSensitiveValuesAreSecretInThePlan keeps a sensitive variable from being printed with the plan.
func TestSensitiveValuesAreSecretInThePlan(t *testing.T) {
	t.Parallel()
	o := options(withVariables())
	o.Vars = []string{"token=hunter2"}
	p := mustLoad(t, o)
	lit, ok := p.Stacks[0].Variables["token"].(plan.Literal)
	if !ok || !lit.Value.IsSecret() || lit.Value.Reveal() != "hunter2" {
		t.Errorf("token: %#v", p.Stacks[0].Variables["token"])
	}
}

// The parts of two versions differ in what changed and in nothing else, and nothing secret is among them.
func TestPartsTellWhatChanged(t *testing.T) {
	t.Parallel()
	const more = `
variable "release" { default = "1" }
variable "token" {
  default   = "hunter2"
  sensitive = true
}
locals {
  note = file("notes")
}
`
	version := func(text, notes string, vars ...string) map[string]string {
		files := with(text)
		files["notes"] = notes
		o := options(files)
		o.Vars = vars
		return mustLoad(t, o).Parts
	}
	before := version(more, "a")
	for name, c := range map[string]struct {
		after map[string]string
		want  []string
	}{
		"nothing":  {version(more+"\n# a comment", "a"), nil},
		"a value":  {version(more, "a", "release=2"), []string{"value of variable release"}},
		"a file":   {version(more, "b"), []string{"file notes"}},
		"a block":  {version(strings.ReplaceAll(more, "locals {", "locals {\nother = 1\n"), "a"), []string{"locals (block 1)"}},
		"a secret": {version(more, "a", "token=x"), nil},
	} {
		var got []string
		for part, hash := range c.after {
			if before[part] != hash {
				got = append(got, part)
			}
		}
		if !slices.Equal(got, c.want) || len(c.after) != len(before) {
			t.Errorf("%s: %v differ, want %v", name, got, c.want)
		}
	}
	for part := range before {
		if strings.Contains(part, "token") {
			t.Errorf("the secret has a part: %s", part)
		}
	}
}
