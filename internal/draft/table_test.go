package draft_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lifeboat-dr/lifeboat/internal/draft"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// make drafts a plan for code that is written as a txtar archive, and wants it to be valid.
func drafted(t *testing.T, code string, a draft.Answers) draft.Draft {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(code)).Files {
		p := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	a.Root = "code"
	d, err := draft.Make(inv, a)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, d.Text, dir)
	return d
}

// has wants lines of a text, whatever the spaces between their words.
func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	words := strings.Join(strings.Fields(text), " ")
	for _, l := range lines {
		if !strings.Contains(words, l) {
			t.Errorf("no %q in\n%s", l, text)
		}
	}
}

// TestTableNames keeps the promise that a drafted table has the name that the code gives it with the drafted values; that a name which follows
// from something to be filled in says so; and that one which nothing tells is asked for.
func TestTableNames(t *testing.T) {
	t.Parallel()
	const code = `
-- provider.tf --
provider "aws" {
  region = var.region
}
variable "region" { default = "eu-west-2" }
variable "environment" {}
variable "owner" { default = "shop" }
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
locals { prefix = "${var.owner}-${data.aws_caller_identity.me.account_id}" }
resource "aws_dynamodb_table" "plain" { name = "${local.prefix}-${data.aws_region.here.name}" }
resource "aws_dynamodb_table" "computed" { name = upper("x-${var.region}") }
resource "aws_dynamodb_table" "followed" { name = "${var.environment}-t" }
resource "aws_dynamodb_table" "random" { name = "t-${random_id.r.hex}" }
resource "aws_dynamodb_table" "many" {
  for_each = toset(["a", "b"])
  name     = "many-${each.key}"
}
resource "aws_dynamodb_table" "unknown" {
  for_each = data.aws_x.y.names
  name     = each.key
}
`
	sites := draft.Answers{Account: "111111111111", Region: "eu-west-2", StandbyAccount: "222222222222", StandbyRegion: "eu-west-1"}
	d := drafted(t, code, sites)
	has(t, d.Text,
		`name = "shop-${site.account}-${site.region}" point`,
		`name = site.name == "primary" ? "X-EU-WEST-2" : "X-EU-WEST-1" # guess: `,
		`name = "live-t" # fill in: it follows from var.environment`,
		`name = "CHANGE-ME" # fill in: the name of the table aws_dynamodb_table.random`,
		`address = "aws_dynamodb_table.many[\"a\"]" name = "many-a"`,
		`makes tables under aws_dynamodb_table.unknown[*]: how many of it there are waits for data.aws_x.y.names`,
	)
	sites.Values = map[string]string{"environment": "test", "table.random": "t-1234"}
	d = drafted(t, code, sites)
	has(t, d.Text, `name = "test-t" point`, `name = "t-1234" point`)
	for _, o := range d.Open {
		if strings.Contains(o.Flag, "--value") {
			t.Errorf("asked again: %+v", o)
		}
	}
}

// TestColoursHaveTheirOwnTables keeps the promise that each copy of a stack brings back its own tables, under its own names.
func TestColoursHaveTheirOwnTables(t *testing.T) {
	t.Parallel()
	d := drafted(t, `
-- main.tf --
variable "colour" {
  validation {
    condition     = contains(["blue", "green"], var.colour)
    error_message = "Blue or green."
  }
}
resource "aws_dynamodb_table" "t" { name = "${var.colour}-t" }
`, draft.Answers{})
	has(t, d.Text, `in = stack.blue address = "aws_dynamodb_table.t" name = "blue-t"`, `in = stack.green address = "aws_dynamodb_table.t" name = "green-t"`)
}

// TestConsumers keeps the promise that who holds the keys is asked for, and that answers become a whole block.
func TestConsumers(t *testing.T) {
	t.Parallel()
	const code = `
-- main.tf --
resource "aws_api_gateway_usage_plan" "p" { name = "p" }
output "plan" { value = aws_api_gateway_usage_plan.p.id }
`
	d := drafted(t, code, draft.Answers{})
	if !strings.Contains(d.Text, "# fill in: who holds keys of aws_api_gateway_usage_plan.p") || strings.Contains(d.Text, "\napi_key") {
		t.Error(d.Text)
	}
	var a draft.Answers
	for _, text := range []string{
		"Website, website@example.org, ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICGu0pGSs5p9xT4+XMTF6wMGaKqY4YZTafMp+OuJsyPG",
		"Profile Manager,pm@example.org,age10p3evqcf7mvtmp0wupwvy4jt3r2u5wnzv2avxxpvgg56wzktjckqm5thrp", "Inside,in@example.org,secret:shop/inside-key",
	} {
		c, err := draft.ParseConsumer(text)
		if err != nil {
			t.Fatal(err)
		}
		a.Consumers = append(a.Consumers, c)
	}
	d = drafted(t, code, a)
	has(t, d.Text, `api_key "consumers" { in = stack.`, `.outputs.plan`, `name = "Website" contact = "website@example.org" ssh_recipient = "ssh-ed25519 `,
		`age_recipient = "age10p3`, `shared_secret = "shop/inside-key"`)
	for _, o := range d.Open {
		if o.Flag == "--consumer" {
			t.Error("asked again")
		}
	}
	for _, text := range []string{"", "a,b", "a,b,", "a,b,c", "a,b,ssh-rsa x"} {
		if c, err := draft.ParseConsumer(text); err == nil {
			t.Errorf("%q is a consumer: %+v", text, c)
		}
	}
}

// TestWorkspace keeps the promise that a workspace after which things are named is asked for.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	const code = `
-- app/main.tf --
resource "aws_dynamodb_table" "t" { name = "${terraform.workspace}-t" }
`
	has(t, drafted(t, code, draft.Answers{}).Text, `workspace = "default" # fill in: `, `name = "default-t" # fill in: it follows from terraform.workspace`)
	has(t, drafted(t, code, draft.Answers{Values: map[string]string{"workspace.app": "prod"}}).Text, `path = "app" workspace = "prod" }`, `name = "prod-t" point`)
}

// TestTerragruntUnits keeps the promise that of several units of one module the plan has the values, the state and the table of the one that is
// recovered.
func TestTerragruntUnits(t *testing.T) {
	t.Parallel()
	unit := "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\nterraform {\n  source = \"../../../modules/table\"\n}\ninputs = {\n  name = \"shop-${read_terragrunt_config(find_in_parent_folders(\"env.hcl\")).locals.env}-orders\"\n}\n"
	d := drafted(t, `
-- live/root.hcl --
locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}
remote_state {
  backend = "s3"
  config = {
    bucket         = "${local.env.env}-states"
    key            = "${path_relative_to_include()}/terraform.tfstate"
    dynamodb_table = "locks"
  }
}
-- live/dev/env.hcl --
locals {
  env = "dev"
}
-- live/prod/env.hcl --
locals {
  env = "prod"
}
-- live/dev/table/terragrunt.hcl --
`+unit+`-- live/prod/table/terragrunt.hcl --
`+unit+`-- modules/table/main.tf --
variable "name" {}
resource "aws_dynamodb_table" "t" { name = var.name }
`, draft.Answers{})
	has(t, d.Text, `site.name == "primary" ? "prod-states" : `, `lock_table = "locks"`, `path = "modules/table" backend_key = "prod/table/terraform.tfstate" variables = { name = "shop-prod-orders" }`, `name = "shop-prod-orders" point`)
}
