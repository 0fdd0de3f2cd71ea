package survey_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestHints keeps the promise that scripts, Makefiles and pipelines tell where terraform is run, in which order, and with which values.
func TestHints(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- infra/base/main.tf --
terraform {
  backend "s3" {}
}
resource "aws_x" "y" {}
-- infra/app/main.tf --
terraform {
  backend "s3" {}
}
variable "release" {}
resource "aws_x" "y" {}
-- infra/shared/provider.tf --
provider "aws" {}
-- infra/env/live.tfvars --
release = "1"
-- Makefile --
ROOT := infra
# terraform -chdir=nowhere apply
app: base
	cd $(ROOT)/app && terraform init -backend-config="key=app.tfstate" -backend-config bucket=states && \
	  terraform apply -var 'release=2' -var-file=../env/live.tfvars
	cp infra/shared/provider.tf infra/app/
base:
	terraform -chdir=infra/base apply
-- deploy.sh --
export AWS_REGION=eu-west-2
cd infra/app
terraform workspace select live
TF_VAR_release=3 terraform apply
cd ../base
terraform apply
-- .github/workflows/deploy.yml --
env:
  TF_VAR_release: "4"
jobs:
  deploy:
    steps:
      - run: terraform apply
        working-directory: infra/app
      - run: echo "no terraform here"
-- readme.sh --
echo nothing of interest
`)
	var got []string
	for _, h := range inv.Hints {
		got = append(got, fmt.Sprintf("%s:%d %s %s %s=%s %d", h.At.File.Path, h.At.Line(), h.Kind, h.Stack, h.Key, h.Value, h.Order))
	}
	want := strings.Split(strings.TrimSpace(`
.github/workflows/deploy.yml:2 variable  release=4 0
.github/workflows/deploy.yml:6 run app apply= 1
Makefile:4 backend app key=app.tfstate 0
Makefile:4 backend app bucket=states 0
Makefile:4 run app init= 0
Makefile:5 variable app release=2 0
Makefile:5 var_file app ../env/live.tfvars=infra/env/live.tfvars 0
Makefile:5 run app apply= 1
Makefile:6 overlay app =infra/shared/provider.tf 0
Makefile:8 run base apply= 2
deploy.sh:1 region  AWS_REGION=eu-west-2 0
deploy.sh:3 workspace app live=live 0
deploy.sh:4 variable app release=3 0
deploy.sh:4 run app apply= 1
deploy.sh:6 run base apply= 2
`), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("hints\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	app := inv.Stack("app")
	if key := app.Backend.Body.Get("key").Show(); key != "app.tfstate" {
		t.Errorf("the state's key that the Makefile gives is %q", key)
	}
	if len(app.Instances) != 1 || app.Instances[0].Name != "live" || app.Instances[0].Workspace != "live" || len(app.Instances[0].VarFiles) != 1 {
		t.Errorf("instances %+v", app.Instances)
	}
}

// TestTerragrunt keeps the promise that a module which Terragrunt applies from several folders is one stack with instances, whose order follows the
// dependencies.
func TestTerragrunt(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- root.hcl --
remote_state {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "${path_relative_to_include()}/terraform.tfstate"
  }
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    provider "aws" {
      region = "eu-west-2"
    }
  EOT
}
-- live/prod/queue/terragrunt.hcl --
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../../modules//queue"
}
inputs = {
  name = "prod-orders"
}
-- live/test/queue/terragrunt.hcl --
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../../modules//queue"
}
inputs = {
  name = "test-orders"
}
-- live/prod/app/terragrunt.hcl --
include "root" {
  path = find_in_parent_folders("root.hcl")
}
dependency "queue" {
  config_path = "../queue"
}
terraform {
  source = "${get_repo_root()}/modules/app"
}
inputs = {
  queue = dependency.queue.outputs.url
}
-- live/prod/far/terragrunt.hcl --
terraform {
  source = "git::https://example.org/far.git"
}
-- modules/queue/main.tf --
variable "name" {}
resource "aws_sqs_queue" "q" {
  name = var.name
}
output "url" {
  value = aws_sqs_queue.q.url
}
-- modules/app/main.tf --
variable "queue" {}
resource "aws_x" "x" {
  queue = var.queue
}
`)
	app, queue := inv.Stack("app"), inv.Stack("queue")
	if app == nil || queue == nil || inv.Stack("far") == nil {
		t.Fatalf("stacks %+v", inv.Stacks)
	}
	if len(queue.Instances) != 2 || queue.Instances[0].Name != "prod" || queue.Instances[1].Name != "test" {
		t.Errorf("instances %+v", queue.Instances)
	}
	if got := app.Resources[0].Body.Get("queue").Show(); got != "${dependency.queue.outputs.url}" {
		t.Errorf("the only folder that applies a module gives its variables: %s", got)
	}
	if app.Backend == nil || app.Backend.Body.Get("bucket").Show() != "states" || len(app.Providers) != 1 || app.Providers[0].Region.Show() != "eu-west-2" {
		t.Errorf("backend %+v, providers %+v", app.Backend, app.Providers)
	}
	if len(inv.Edges) != 1 || inv.Edges[0].From != "app" || inv.Edges[0].To != "queue" {
		t.Errorf("edges %+v", inv.Edges)
	}
	if far := inv.Stack("far"); len(far.Calls) != 1 || far.Calls[0].Source != "git::https://example.org/far.git" {
		t.Errorf("calls %+v", far.Calls)
	}
}

// TestTerragruntConfigs keeps the promise that what units of Terragrunt take from files above them is known: files that are read, files that are
// included and exposed, and the path from the included file, which tells the states of one module apart.
func TestTerragruntConfigs(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- live/root.hcl --
locals {
  env    = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  common = jsondecode(file(find_in_parent_folders("common.json")))
  prefix = "shop-${local.env.locals.environment}"
}
remote_state {
  backend = "s3"
  config = {
    bucket = "${local.prefix}-states"
    key    = "${path_relative_to_include()}/terraform.tfstate"
  }
}
generate "provider" {
  path     = "provider.tf"
  contents = <<-EOT
    provider "aws" {
      region              = "${local.env.locals.region}"
      allowed_account_ids = ["${local.env.locals.account}"]
    }
  EOT
}
inputs = {
  owner = local.common.owner
}
-- common.json --
{"owner": "team"}
-- live/prod/env.hcl --
locals {
  environment = "prod"
  region      = "eu-west-2"
  account     = "111122223333"
}
-- live/test/env.hcl --
locals {
  environment = "test"
}
-- live/prod/table/terragrunt.hcl --
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
terraform {
  source = "../../../modules/table"
}
inputs = {
  name = "${include.root.locals.prefix}-orders"
}
-- live/test/table/terragrunt.hcl --
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
terraform {
  source = "../../../modules/table"
}
inputs = {
  name = "${include.root.locals.prefix}-orders"
}
-- live/prod/circle/terragrunt.hcl --
locals {
  me = read_terragrunt_config("terragrunt.hcl")
}
terraform {
  source = "../../../modules/circle"
}
inputs = {
  name = local.me.inputs.name
}
-- modules/table/main.tf --
variable "name" {}
variable "owner" {}
resource "aws_dynamodb_table" "t" {
  name = var.name
}
-- modules/circle/main.tf --
variable "name" {}
resource "aws_x" "x" {
  name = var.name
}
`)
	table := inv.Stack("table")
	if table == nil || len(table.Instances) != 2 {
		t.Fatalf("stacks %+v", inv.Stacks)
	}
	for _, in := range table.Instances {
		got := map[string]string{"bucket": in.Backend.Body.Get("bucket").Show(), "key": in.Backend.Body.Get("key").Show()}
		for _, s := range in.Settings {
			got[s.Variable] = s.Value.Show()
		}
		want := map[string]string{"bucket": "shop-" + in.Name + "-states", "key": in.Name + "/table/terraform.tfstate", "name": "shop-" + in.Name + "-orders", "owner": "team"}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", in.Name, got, want)
		}
	}
	if p := table.Providers; len(p) != 1 || p[0].Region.Show() != "eu-west-2" || p[0].Body.Get("allowed_account_ids", "0").Show() != "111122223333" {
		t.Errorf("the provider that is generated: %+v", p)
	}
	if circle := inv.Stack("circle"); circle == nil || circle.Resources[0].Body.Get("name").Known() {
		t.Error("a file that reads itself says nothing")
	}
}
