package survey_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// of surveys a tree that is written as a txtar archive.
func of(t *testing.T, text string) *survey.Inventory {
	t.Helper()
	tree := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		tree[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: "tree", Files: tree})
	if err != nil {
		t.Fatal(err)
	}
	walk(t, inv)
	return inv
}

// show writes a value out in full.
func show(v *survey.Value) string {
	var out []string
	for p, leaf := range v.Leaves() {
		s := leaf.Show()
		if len(p) > 0 {
			s = p.String() + "=" + s
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// TestEvaluation keeps the promise that what the code says is evaluated as far as it can be known, and that the rest is a hole with a name.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	const code = `
variable "env" {}
variable "region" { default = "eu-west-2" }
variable "tags" { default = { a = "1", b = "2" } }
locals {
  name  = "${var.env}-app"
  list  = ["a", "b", "a"]
  boxes = { one = { size = 1 }, two = { size = 2 } }
}
data "aws_region" "here" {}
resource "aws_sqs_queue" "q" { name = "${local.name}-q" }
resource "aws_sqs_queue" "each" {
  for_each = local.boxes
  name     = "${each.key}-${each.value.size}"
}
resource "aws_sqs_queue" "counted" {
  count = 2
  name  = "n${count.index}"
}
`
	for expression, want := range map[string]string{
		`"x"`:                              "x",
		`local.name`:                       "${var.env}-app",
		`var.region`:                       "eu-west-2",
		`var.tags["b"]`:                    "2",
		`var.tags.a`:                       "1",
		`1 + 2 * 3`:                        "7",
		`"${1 + 1}-${true}"`:               "2-true",
		`var.env == "x" ? "a" : "b"`:       "${condition(var.env)}",
		`var.env == "x" ? "a" : "a"`:       "a",
		`true ? local.name : null`:         "${var.env}-app",
		`false && var.env == "x"`:          "false",
		`aws_sqs_queue.q.name`:             "${var.env}-app-q",
		`aws_sqs_queue.q.arn`:              "${aws_sqs_queue.q.arn}",
		`aws_sqs_queue.each["two"].name`:   "two-2",
		`aws_sqs_queue.counted[1].name`:    "n1",
		`aws_sqs_queue.each[var.env].name`: "${aws_sqs_queue.each[${var.env}].name}",
		`aws_sqs_queue.counted[*].arn`:     "${aws_sqs_queue.counted[*].arn}",
		`[for x in local.list : upper(x)]`: "0=A 1=B 2=A",
		`{ for k, v in local.boxes : k => v.size if v.size > 1 }`:      "two=2",
		`[for x in var.env : "${x}!"]`:                                 "0=${var.env[*]}!",
		`toset(local.list)`:                                            "0=a 1=b",
		`merge(var.tags, { b = "3" })`:                                 "a=1 b=3",
		`concat(local.list, [local.name])`:                             "0=a 1=b 2=a 3=${var.env}-app",
		`flatten([["a"], [["b"]]])`:                                    "0=a 1=b",
		`keys(local.boxes)`:                                            "0=one 1=two",
		`values(local.boxes)[*].size`:                                  "0=1 1=2",
		`join("-", ["a", var.env, 3])`:                                 "a-${var.env}-3",
		`format("%s/%d%%", local.name, 5)`:                             "${var.env}-app/5%",
		`format("%05.1f", 3.14159)`:                                    "003.1",
		`lower("${var.env}-ABC")`:                                      "${var.env}-abc",
		`replace(local.name, "app", "web")`:                            "${var.env}-web",
		`split(",", "a,b")`:                                            "0=a 1=b",
		`jsonencode({ a = [local.name, 1, true, null], b = "\"x\"" })`: `{"a":["${var.env}-app",1,true,null],"b":"\"x\""}`,
		`jsondecode("{\"a\": 1}").a`:                                   "1",
		`try(local.boxes.three.size, "none")`:                          "none",
		`try(var.env, "none")`:                                         "${var.env}",
		`coalesce("", local.name)`:                                     "${var.env}-app",
		`lookup(var.tags, "c", "none")`:                                "none",
		`element(local.list, 4)`:                                       "b",
		`one([local.name])`:                                            "${var.env}-app",
		`length(local.list)`:                                           "3",
		`contains(local.list, "b")`:                                    "true",
		`substr("abcdef", 1, 2)`:                                       "bc",
		`md5("x")`:                                                     "${md5()}",
		`timestamp()`:                                                  "${timestamp()}",
		`path.module`:                                                  "s",
		`terraform.workspace`:                                          "${terraform.workspace}",
		`file("${path.module}/motd.txt")`:                              "hello\n",
		`templatefile("${path.module}/t.tpl", { name = local.name })`:  "I am ${var.env}-app.\n",
		`file("/etc/passwd")`:                                          "${file(/etc/passwd)}",
		"<<-EOT\n    a ${var.env}\n      b\n  EOT\n":                   "a ${var.env}\n  b\n",
		`"%{ for x in local.list }${x};%{ endfor }"`:                   "a;b;a;",
		`local.missing`:                                                "${local.missing}",
		`module.none.out`:                                              "${module.none.out}",
		`data.aws_region.here.name`:                                    "${data.aws_region.here.name}",
		`[1, 2`:                                                        "",
	} {
		inv := of(t, "-- s/main.tf --\n"+code+"\n-- s/out.tf --\noutput \"x\" {\n  value = "+expression+"\n}\n-- s/motd.txt --\nhello\n-- s/t.tpl --\nI am ${name}.\n")
		o := inv.Stack("s").Output("x")
		switch {
		case o == nil && want != "":
			t.Errorf("%s: no output: %v", expression, inv.Diags)
		case o != nil && want != "" && show(o.Value) != want:
			t.Errorf("%s is %q, want %q", expression, show(o.Value), want)
		}
	}
}

// TestLiteralsKeepTheirPlace keeps the promise that a rule can point at the very literal, through locals, defaults, modules, functions, JSON and files.
func TestLiteralsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- s/main.tf --
variable "place" {
  default = "eu-west-2"
}
locals {
  where = var.place
}
module "m" {
  source = "../modules/m"
  region = local.where
}
resource "aws_x" "written" {
  arn = "arn:aws:sqs:eu-west-2:${var.account}:q"
}
resource "aws_x" "local" {
  arn = "arn:aws:sqs:${local.where}:1:q"
}
resource "aws_x" "encoded" {
  policy = jsonencode({ Resource = ["arn:aws:sqs:eu-west-2:1:q"] })
}
resource "aws_x" "upper" {
  name = upper("${substr("eu-west-2", 0, 9)}x")
}
resource "aws_x" "file" {
  data = templatefile("${path.module}/init.sh", { region = local.where })
}
resource "aws_x" "either" {
  region = var.other != "" ? var.other : "eu-west-2"
}
-- s/init.sh --
#!/bin/sh
export A=eu-west-2
-- modules/m/main.tf --
variable "region" {}
resource "aws_x" "inside" {
  region = "${var.region}a"
}
`)
	for address, want := range map[string]string{
		"aws_x.written": "s/main.tf:12:22", "aws_x.local": "s/main.tf:2:14", "aws_x.encoded": "s/main.tf:18:50", "aws_x.upper": "s/main.tf:21:27",
		"aws_x.file": "s/init.sh:2:10", "aws_x.either": "s/main.tf:27:43", "module.m.aws_x.inside": "s/main.tf:2:14",
	} {
		got := ""
		for _, r := range inv.Stack("s").Resources {
			if r.Address != address {
				continue
			}
			for p := range r.Body.Written() {
				if i := strings.Index(p.Text, "eu-west-2"); i >= 0 && got == "" {
					got = p.At.Sub(p.Text, i, i+9).String()
				}
			}
		}
		if got != want {
			t.Errorf("the region of %s is written at %q, want %q", address, got, want)
		}
	}
}

// TestBlocks keeps the promise that the forms in which Terraform code is written all read alike.
func TestBlocks(t *testing.T) {
	t.Parallel()
	inv := of(t, `
-- s/main.tf --
terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {
    bucket = "b"
  }
}
provider "aws" {
  region = "eu-west-2"
}
provider "aws" {
  alias  = "global"
  region = "us-east-1"
}
resource "aws_acm_certificate" "c" {
  provider = aws.global
  dynamic "option" {
    for_each = ["x", "y"]
    content {
      name = option.value
    }
  }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags, name]
  }
}
module "m" {
  source    = "./m"
  for_each  = toset(["a", "b"])
  name      = each.key
  providers = { aws = aws.global }
}
module "fetched" {
  source  = "terraform-aws-modules/x/aws"
  version = "1.0"
}
module "vendored" {
  source = "git::https://example.org/v.git"
}
moved {
  from = aws_x.old
  to   = aws_x.new
}
import {
  to = aws_x.new
  id = "i-1"
}
resource "aws_sqs_queue" "gone" {
  count = 0
}
resource "aws_sqs_queue" "q" {
  name = "plain"
  fifo = true
}
-- s/main_override.tf --
resource "aws_sqs_queue" "q" {
  name = "overridden"
}
-- s/both.tf --
resource "aws_x" "not_read" {}
-- s/both.tofu --
resource "aws_x" "read" {}
-- s/more.tf.json --
{"resource": {"aws_sqs_queue": {"json": {"name": "${aws_sqs_queue.q.name}-j", "lifecycle": {"prevent_destroy": true}, "provider": "aws.global"}}}, "//": "x"}
-- s/.terraform.lock.hcl --
provider "registry.terraform.io/hashicorp/aws" {
  version = "5.99.1"
}
-- s/.terraform/modules/modules.json --
{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"vendored","Source":"git::https://example.org/v.git","Dir":".terraform/modules/vendored"}]}
-- s/.terraform/modules/vendored/main.tf --
resource "aws_sqs_queue" "v" {}
-- s/m/main.tf --
variable "name" {}
resource "aws_sqs_queue" "q" {
  name = "m-${var.name}"
}
`)
	s := inv.Stack("s")
	if s == nil || len(inv.Stacks) != 1 {
		t.Fatalf("stacks %v %v", inv.Stacks, inv.Diags)
	}
	got := map[string]string{}
	for _, r := range s.Resources {
		text := r.Provider + " " + r.Region.Show()
		for _, in := range r.Instances {
			text += " [" + in.Key + "] " + show(in.Body)
		}
		got[r.Address] = text
	}
	for address, want := range map[string]string{
		"aws_acm_certificate.c":           "aws.global us-east-1 [] provider=aws.global option.0.name=x option.1.name=y lifecycle.0.ignore_changes.0=tags lifecycle.0.ignore_changes.1=name lifecycle.0.prevent_destroy=true",
		"module.m.aws_sqs_queue.q":        "aws.global us-east-1 [] name=m-a [] name=m-b",
		"module.vendored.aws_sqs_queue.v": "aws eu-west-2 [] ",
		"aws_sqs_queue.gone":              "aws eu-west-2",
		"aws_sqs_queue.q":                 "aws eu-west-2 [] fifo=true name=overridden",
		"aws_sqs_queue.json":              "aws.global us-east-1 [] name=overridden-j provider=aws.global lifecycle.0.prevent_destroy=true",
		"aws_x.read":                      "aws eu-west-2 [] ",
	} {
		if sorted(got[address]) != sorted(want) {
			t.Errorf("%s is %q, want %q", address, got[address], want)
		}
	}
	if _, there := got["aws_x.not_read"]; there {
		t.Error("a .tofu file replaces the .tf file of its name")
	}
	if len(s.Requires) != 1 || s.Requires[0].Locked != "5.99.1" || s.Requires[0].Version.Show() != "~> 5.0" {
		t.Errorf("requirements %+v", s.Requires)
	}
	if len(s.Moved) != 2 || s.Moved[0].From != "aws_x.old" || s.Moved[1].ID.Show() != "i-1" {
		t.Errorf("moved %+v", s.Moved)
	}
	kinds := ""
	for _, c := range s.Calls {
		kinds += c.Module + " " + string(c.Kind) + " "
	}
	if kinds != "module.m local module.fetched remote module.vendored vendored " {
		t.Errorf("calls %s", kinds)
	}
}

func sorted(s string) string {
	words := strings.Fields(s)
	slices.Sort(words)
	return strings.Join(words, " ")
}
