package survey_test

import (
	"slices"
	"strings"
	"testing"
)

// TestWhoMakesWhat keeps the promise that names are matched through variables, locals, templates and values, that each edge says how sure it is, and
// that what nobody makes is a prerequisite instead.
func TestWhoMakesWhat(t *testing.T) {
	t.Parallel()
	const maker = `
-- base/main.tf --
variable "project" {}
variable "env" {}
resource "aws_sqs_queue" "q" {
  name = "${var.project}-${var.env}-queue"
}
resource "aws_dynamodb_table" "t" {
  name = "orders-${var.env}-history"
}
resource "aws_vpc" "v" {
  tags = { Name = "${var.env}-network", Environment = var.env }
}
resource "aws_secretsmanager_secret" "s" {
  name = "shop/token"
}
resource "aws_ecr_repository" "r" {
  name = "shop/api"
}
output "queue_url" {
  value = aws_sqs_queue.q.url
}
`
	for _, c := range []struct {
		name, reader string
		edge         string // maker, way and confidence of the surest edge from reader to base; empty: none
		needs        string // kinds of prerequisites
	}{
		{"the same template", `data "aws_sqs_queue" "q" { name = "${var.project}-${var.env}-queue" }`, "aws_sqs_queue.q lookup high", ""},
		{"the same template through a local", "locals {\n n = \"${var.project}-${var.env}\"\n}\ndata \"aws_sqs_queue\" \"q\" { name = \"${local.n}-queue\" }", "aws_sqs_queue.q lookup high", ""},
		{"other variables", `data "aws_dynamodb_table" "t" { name = "orders-${var.stage}-history" }`, "aws_dynamodb_table.t lookup high", ""},
		{"a plain text", `data "aws_dynamodb_table" "t" { name = "orders-live-history" }`, "aws_dynamodb_table.t lookup medium", ""},
		{"a text of which little fits, but the only queue", `data "aws_sqs_queue" "q" { name = "shop-live-queue" }`, "aws_sqs_queue.q lookup low", ""},
		{"a variable that a file has a value for", "variable \"queue_name\" {}\ndata \"aws_sqs_queue\" \"q\" { name = var.queue_name }\n-- reader/live.tfvars --\nqueue_name = \"shop-live-queue\"\n-- base/live.tfvars --\nproject = \"shop\"\nenv = \"live\"", "aws_sqs_queue.q lookup high", ""},
		{"a default", "variable \"stage\" {\n default = \"live\"\n}\ndata \"aws_dynamodb_table\" \"t\" { name = \"orders-${var.stage}-history\" }", "aws_dynamodb_table.t lookup high", ""},
		{"a tag", `data "aws_vpc" "v" { tags = { Name = "${var.env}-network" } }`, "aws_vpc.v lookup high", ""},
		{"a filter", "data \"aws_vpc\" \"v\" {\n filter {\n  name = \"tag:Name\"\n  values = [\"${var.env}-network\"]\n }\n}", "aws_vpc.v lookup high", ""},
		{"a tag that says nothing beside one that differs", `data "aws_vpc" "v" { tags = { Name = "platform", Environment = var.env } }`, "", "network"},
		{"an ARN in a lookup", `data "aws_secretsmanager_secret_version" "s" { secret_id = "arn:aws:secretsmanager:eu-west-2:111111111111:secret:shop/token" }`, "aws_secretsmanager_secret.s lookup high", ""},
		{"an ARN in a policy", `resource "aws_iam_policy" "p" { policy = jsonencode({ Resource = "arn:aws:dynamodb:${var.region}:1:table/orders-${var.env}-history" }) }`, "", ""},
		{"an ARN in an attribute", `resource "aws_x" "p" { table = "arn:aws:dynamodb:${var.region}:1:table/orders-${var.env}-history" }`, "aws_dynamodb_table.t name high", ""},
		{"a name in an environment variable", "resource \"aws_lambda_function\" \"f\" {\n environment {\n  variables = { TABLE = \"orders-${var.env}-history\" }\n }\n}", "aws_dynamodb_table.t name medium", ""},
		{"another name", `data "aws_sqs_queue" "q" { name = "platform-mail" }`, "", "queue"},
		{"another type", `data "aws_sns_topic" "q" { name = "${var.project}-${var.env}-queue" }`, "", "topic"},
		{"its own", "resource \"aws_sns_topic\" \"own\" {\n name = \"own-topic\"\n}\ndata \"aws_sns_topic\" \"own\" { name = \"own-topic\" }", "", ""},
		{"a variable called as an output", "variable \"queue_url\" {}\nresource \"aws_x\" \"x\" { url = var.queue_url }", "output.queue_url variable low", ""},
		{"an image", `data "aws_ecr_image" "i" { repository_name = "shop/api" }`, "aws_ecr_repository.r lookup high", ""},
		{"what AWS keeps", "data \"aws_iam_policy\" \"p\" { arn = \"arn:aws:iam::aws:policy/ReadOnlyAccess\" }\ndata \"aws_caller_identity\" \"me\" {}\ndata \"aws_ssm_parameter\" \"ami\" { name = \"/aws/service/ami\" }", "", ""},
		{"an empty plural lookup", `data "aws_subnets" "s" { tags = { Tier = "private" } }`, "", "network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inv := of(t, maker+"-- reader/main.tf --\nresource \"aws_x\" \"some\" {}\n"+c.reader+"\n")
			got := ""
			for _, e := range inv.Edges {
				if e.From == "reader" && e.To == "base" && got == "" {
					got = e.Maker + " " + string(e.How) + " " + string(e.Confidence)
				}
			}
			if got != c.edge {
				t.Errorf("edge %q, want %q: %v", got, c.edge, inv.Diags)
			}
			var kinds []string
			for _, p := range inv.Prerequisites {
				kinds = append(kinds, p.Kind)
			}
			if strings.Join(slices.Compact(kinds), " ") != c.needs {
				t.Errorf("prerequisites %v, want %q", kinds, c.needs)
			}
		})
	}
}

// TestCircle keeps the promise that stacks which need each other still come in an order, and that what it passes over is told.
func TestCircle(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- a/main.tf --
resource "aws_sqs_queue" "q" {
  name = "first-stack-queue"
}
data "aws_sqs_queue" "q" {
  name = "second-stack-queue"
}
-- b/main.tf --
resource "aws_sqs_queue" "q" {
  name = "second-stack-queue"
}
variable "url" {}
resource "aws_x" "x" {
  queue = "first-stack-queue"
}
`)
	order, ignored := inv.Order()
	if len(order) != 2 || order[0].Name != "b" || len(ignored) != 1 || ignored[0].From != "b" {
		t.Errorf("order %v %v, passed over %+v", order[0].Name, order[1].Name, ignored)
	}
}
