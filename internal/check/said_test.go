package check_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestSaid keeps the promise that a finding says the text that is written at its place and names who it belongs to, and that what is not made or
// not used is no finding. Each case is a mistake that was seen on code which nobody here wrote.
func TestSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rule, code string
		want             []string // address and title
	}{
		{"two texts of a list are two", "LB104", `
resource "aws_sns_topic_policy" "p" {
  arn    = "x"
  policy = jsonencode({ Statement = [{ Resource = sort(["arn:aws:sqs:*:111122223333:a", "arn:aws:sqs:*:111122223333:b"]) }] })
}`, []string{
			"aws_sns_topic_policy.p An ARN names a region or an account: arn:aws:sqs:*:111122223333:a",
		}},
		{"a provider is called by its alias", "LB104", `
provider "aws" {
  alias = "eu-west-1"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/deploy" }
}
resource "aws_sns_topic" "t" { provider = aws.eu-west-1 }`, []string{
			"provider.aws.eu-west-1 An ARN names a region or an account: arn:aws:iam::111122223333:role/deploy",
		}},
		{"a default belongs to its variable, whoever uses it", "LB108", `
variable "home" { default = "eu-west-1" }
resource "aws_lambda_function" "f" {
  environment { variables = { HOME_REGION = var.home } }
}`, []string{
			"var.home A variable's default names a place: eu-west-1",
		}},
		{"nothing is made of none", "LB601", `
variable "scaled" { default = false }
resource "aws_dynamodb_table" "plain" { count = var.scaled ? 0 : 1 }
resource "aws_dynamodb_table" "scaled" { count = var.scaled ? 1 : 0 }`, []string{
			"aws_dynamodb_table.plain A table has no point-in-time recovery",
		}},
		{"a name is said as it is written", "LB401", `
data "aws_route53_zone" "z" { name = lookup(var.zones, terraform.workspace) }
variable "zones" { type = map(string) }`, []string{
			"data.aws_route53_zone.z No stack makes the DNS zone that is read: ${lookup(var.zones, terraform.workspace)}",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range found(t, c.rule, []txtar.File{{Name: "main.tf", Data: []byte(strings.TrimPrefix(c.code, "\n") + "\n")}}) {
				got = append(got, f.Address+" "+f.Title)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}
