package derive_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/lifeboat-dr/lifeboat/internal/derive"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
)

// head is the plan around the stacks of a test.
const head = `
application "shop" {}
site "primary" {
  account = "111111111111"
  region  = "eu-west-2"
}
site "standby" {
  account = "222222222222"
  region  = "eu-west-1"
}
site "vault" {
  account = "333333333333"
  region  = "eu-central-1"
}
scenario "region-down" {
  lost       = site.primary.region
  recover_to = site.standby
}
`

// terraformBlock is that of most tests.
const terraformBlock = `
terraform {
  root = "code"
  state {
    bucket   = "state"
    lockfile = true
  }
  variables = {
    env    = "live"
    region = site.region
  }
}
`

// load writes a plan and its code, reads it, and expands it.
func load(t *testing.T, text, code string) (*plan.Plan, diag.Sources, diag.List) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range append(txtar.Parse([]byte(code)).Files, txtar.File{Name: "lifeboat.hcl", Data: []byte(head + text)}) {
		p := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, _, diags := planfile.Load(planfile.Options{Dir: dir, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if p == nil {
		t.Fatal(diags)
	}
	sources, diags := derive.Expand(p)
	return p, sources, diags
}

// tables are a plan's tables as NAME ADDRESS: name at the primary, name at the standby.
func tables(t *testing.T, p *plan.Plan) []string {
	t.Helper()
	var out []string
	for _, tb := range p.Tables {
		line := tb.Name + " " + tb.Address + ":"
		for _, s := range p.Sites[:2] {
			v, err := tb.Table.Resolve(plan.Scope{Site: s})
			if err != nil {
				t.Fatal(err)
			}
			line += " " + v.String()
		}
		out = append(out, line)
	}
	return out
}

// TestNamesAreThoseOfTheCode keeps the promise that a name is what Terraform would make of the code with the plan's values, at each site: through
// variables of the block, of all stacks, of files and defaults, through locals, templates, functions, modules, for_each and count.
func TestNamesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	p, _, diags := load(t, terraformBlock+`
stack "data" {
  path      = "data"
  tables    = "all"
  overlay   = ["shared"]
  var_files = ["more.tfvars"]
  workspace = "w1"
  variables = { own = "o-${site.account}" }
}
stack "plain" {
  path = "plain"
}
table "mine" {
  in      = stack.data
  address = "aws_dynamodb_table.written"
  name    = "by-hand"
}
`, `
-- code/shared/provider.tf --
provider "aws" {
  region = var.region
}
variable "env" {}
variable "region" {}
-- code/data/terraform.tfvars --
auto = "from-auto"
filed = "lost"
env = "not-this"
-- code/data/more.tfvars --
filed = "from-file"
-- code/data/main.tf --
variable "own" {}
variable "auto" {}
variable "filed" {}
variable "defaulted" { default = "d" }
locals { prefix = "${var.env}-${var.defaulted}" }
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
resource "aws_dynamodb_table" "all_of_it" {
  name = upper("${local.prefix}-${var.own}-${var.auto}-${var.filed}-${data.aws_region.here.name}-${terraform.workspace}")
}
resource "aws_dynamodb_table" "written" { name = "by-code" }
resource "aws_dynamodb_table" "each" {
  for_each = toset(["a", "b"])
  name     = format("%s-%s", each.key, data.aws_caller_identity.me.account_id)
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
data "aws_region" "us" { provider = aws.us }
resource "aws_dynamodb_table" "far" { name = "copied-to-${data.aws_region.us.id}" }
resource "aws_dynamodb_table" "counted" {
  count = 2
  name  = "c${count.index}"
}
resource "aws_dynamodb_table" "none" {
  count = var.env == "live" ? 0 : 1
  name  = "none"
}
resource "aws_dynamodb_table" "locks" {
  name     = "locks"
  hash_key = "LockID"
}
module "m" {
  for_each = { x = "1", y = "2" }
  source   = "../mod"
  name     = "${each.key}${each.value}"
}
-- code/mod/main.tf --
variable "name" {}
resource "aws_dynamodb_table" "t" { name = var.name }
-- code/plain/main.tf --
resource "aws_dynamodb_table" "not_asked_for" { name = "n" }
`)
	if len(diags) > 0 {
		t.Error(diags)
	}
	want := []string{
		"mine aws_dynamodb_table.written: by-hand by-hand",
		"all-of-it aws_dynamodb_table.all_of_it: LIVE-D-O-111111111111-FROM-AUTO-FROM-FILE-EU-WEST-2-W1 LIVE-D-O-222222222222-FROM-AUTO-FROM-FILE-EU-WEST-1-W1",
		`each-a aws_dynamodb_table.each["a"]: a-111111111111 a-222222222222`,
		`each-b aws_dynamodb_table.each["b"]: b-111111111111 b-222222222222`,
		"far aws_dynamodb_table.far: copied-to-us-east-1 copied-to-us-east-1",
		"counted-0 aws_dynamodb_table.counted[0]: c0 c0",
		"counted-1 aws_dynamodb_table.counted[1]: c1 c1",
		`m-x-t module.m["x"].aws_dynamodb_table.t: x1 x1`,
		`m-y-t module.m["y"].aws_dynamodb_table.t: y2 y2`,
	}
	if got := tables(t, p); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, tb := range p.Tables[1:] {
		if tb.Point != "latest" || tb.In != "data" || len(tb.After) != 1 || tb.Range.File != "lifeboat.hcl" {
			t.Errorf("not as if it were written: %+v", tb)
		}
		if _, err := tb.Table.Resolve(plan.Scope{Site: p.Sites[2]}); err == nil {
			t.Error("a name at a site of which nothing is known")
		}
	}
}

// TestWhatIsNotKnownIsTold keeps the promise that a table whose name or number cannot be known is an error at the stack that says why, and
// shows where in the code; and that it is no table of the plan under a wrong name.
func TestWhatIsNotKnownIsTold(t *testing.T) {
	t.Parallel()
	for code, why := range map[string]string{
		`resource "aws_dynamodb_table" "t" { name = "x-${random_id.r.hex}" }`:                                                                                "its name waits for random_id.r.hex",
		`resource "aws_dynamodb_table" "t" { name = "x-${var.queue}" }`:                                                                                      "its name waits for stack.base.outputs.queue",
		`resource "aws_dynamodb_table" "t" { name = "x-${var.hidden}" }`:                                                                                     "its name waits for the secret value of hidden",
		`resource "aws_dynamodb_table" "t" { name = "x-${var.environed}" }`:                                                                                  "its name waits for env.TF_VAR_environed",
		`resource "aws_dynamodb_table" "t" { name = "x-${var.nobody}" }`:                                                                                     "its name waits for var.nobody",
		"resource \"aws_dynamodb_table\" \"t\" {\n  for_each = data.aws_x.y.names\n  name = each.key\n}":                                                     "how many of it there are waits for data.aws_x.y.names",
		"resource \"aws_dynamodb_table\" \"t\" {\n  count = var.region == \"eu-west-2\" ? 1 : 0\n  name = \"x\"\n}":                                          `it is not made at site "standby"`,
		"provider \"aws\" {\n  alias = \"us\"\n  region = \"us-east-1\"\n}\nresource \"aws_dynamodb_table\" \"t\" {\n  provider = aws.us\n  name = \"x\"\n}": "it is made in region us-east-1, not at the site",
		"provider \"aws\" {\n  alias = \"us\"\n  profile = \"other\"\n}\ndata \"aws_caller_identity\" \"r\" { provider = aws.us }\nresource \"aws_dynamodb_table\" \"t\" { name = data.aws_caller_identity.r.account_id }": "its name waits for data.aws_caller_identity.r.account_id",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			_, sources, diags := load(t, terraformBlock+`
stack "base" {
  path = "base"
}
secret "s" {
  name = "s"
}
stack "data" {
  path             = "data"
  tables           = "all"
  variables        = { queue = stack.base.outputs.queue }
  secret_variables = { hidden = { secret = "s" } }
  env              = { TF_VAR_environed = "e" }
}
`, "-- code/base/main.tf --\noutput \"queue\" { value = \"q\" }\n-- code/data/main.tf --\nvariable \"queue\" {}\nvariable \"region\" {}\nvariable \"nobody\" {}\nvariable \"hidden\" {}\nvariable \"environed\" {}\n"+code+"\n")
			if len(diags) != 1 || !diags.HasErrors() {
				t.Fatalf("diagnostics: %v", diags)
			}
			d := diags[0]
			if d.Subject.File != "lifeboat.hcl" || !strings.Contains(d.Detail, why) || !strings.Contains(d.Hint, "in = stack.data") {
				t.Errorf("%+v", d)
			}
			if len(d.Notes) != 1 || d.Notes[0].Range.File != "code/data/main.tf" || sources["code/data/main.tf"] == nil {
				t.Errorf("the place in the code: %+v", d.Notes)
			}
		})
	}
}

// TestVersionCoversTheTables keeps the promise that a run does not go on with other tables than those it began with, and that a plan which
// leaves nothing to its code has the version that its text gives it.
func TestVersionCoversTheTables(t *testing.T) {
	t.Parallel()
	stack := func(attr string) string {
		return terraformBlock + "stack \"data\" {\n  path = \"data\"\n" + attr + "}\n"
	}
	version := func(attr, code string) (string, string) {
		p, _, diags := load(t, stack(attr), "-- code/data/main.tf --\nvariable \"env\" {}\n"+code)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		return p.Hash, p.Parts["tables of stack data"]
	}
	const one, other = "resource \"aws_dynamodb_table\" \"t\" { name = \"a-${var.env}\" }\n", "resource \"aws_dynamodb_table\" \"t\" { name = \"b-${var.env}\" }\n"
	a, partA := version("  tables = \"all\"\n", one)
	again, _ := version("  tables = \"all\"\n", one+"resource \"aws_sqs_queue\" \"q\" {}\n")
	b, partB := version("  tables = \"all\"\n", other)
	if a != again || a == b || partA == partB || partA == "" {
		t.Errorf("one table %s (%s), with a queue %s, another table %s (%s)", a, partA, again, b, partB)
	}
	if x, part := version("", one); part != "" {
		t.Errorf("a plan without tables = \"all\" has the part %s", part)
	} else if y, _ := version("", other); x != y {
		t.Error("the version of a plan without tables = \"all\" depends on its code")
	}
}

// TestDoubtIsAWarning keeps the promise that code which is not there, and a stack without tables, are told and stop nothing.
func TestDoubtIsAWarning(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		`module "far" { source = "terraform-aws-modules/dynamodb-table/aws" }`: "Tables may be missing from stack data",
		`resource "aws_sqs_queue" "q" {}`:                                      "Stack data makes no tables",
	} {
		p, _, diags := load(t, terraformBlock+"stack \"data\" {\n  path = \"data\"\n  tables = \"all\"\n}\n", "-- code/data/main.tf --\n"+code+"\n")
		if len(p.Tables) != 0 || len(diags) != 1 || diags.HasErrors() || diags[0].Summary != want {
			t.Errorf("%s: %v", code, diags)
		}
	}
}
