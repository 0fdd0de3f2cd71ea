package survey_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// FuzzSurvey keeps the promise that any text, in any of the files that are read, gives an inventory that can be walked, and never a crash.
func FuzzSurvey(f *testing.F) {
	f.Add("a/main.tf", `resource "aws_sqs_queue" "q" { name = "${var.a}-${local.b}" }`, `locals { b = { for k, v in var.x : k => upper(v) if v != "" } }`)
	f.Add("a/main.tf.json", `{"resource": {"aws_s3_bucket": {"b": {"bucket": "${var.a}-x", "lifecycle": {"prevent_destroy": true}}}}}`, `variable "a" { default = "x" }`)
	f.Add("a/terragrunt.hcl", `terraform { source = "../b" }
inputs = { a = dependency.x.outputs.y }
dependency "x" { config_path = "../x" }
include "root" { path = find_in_parent_folders() }`, `module "m" { source = "../b" }`)
	f.Add("Makefile", "a:\n\tcd a && terraform apply -var='a=b' -var-file=x.tfvars \\\n -backend-config=key=x\nX := $(X)\n", `module "m" { source = "./../b" }`)
	f.Add("a/x.auto.tfvars", `a = [1, 2, 1e999999999]`, `resource "aws_x" "y" {
 for_each = toset(["a", "b"])
 name = format("%s-%d", each.key, 99999999)
 dynamic "z" {
   for_each = aws_x.y
   content { v = z.value }
 }
 t = jsonencode({ a = [for i in range(5) : "${i}-${aws_x.y["a"].name}"], b = templatefile("${path.module}/t.tpl", { x = 1 }) })
 c = -(!true) ? try(a.b[0].c, "x") : join(",", [aws_x.y[*].id, null])
}
data "aws_ecs_container" "c" { container_definitions = "[{\"image\": \"${var.a}/x:1@sha\"}]" }
data "terraform_remote_state" "r" {
  backend = "s3"
  config  = { bucket = "b", key = "a/${terraform.workspace}.tfstate" }
}`)
	f.Add(".github/workflows/x.yml", "jobs:\n - run: terraform -chdir=a workspace select b\n   working-directory: ${{ x }}\n", "locals {\n a = local.b\n b = local.a\n c = \"${local.c}${local.c}\"\n}")
	f.Add("a/terragrunt.hcl", `terraform { source = "git::https://example.com/m" }`, `module "m" { source = "x" }`)
	f.Fuzz(func(t *testing.T, name, text, other string) {
		if len(text)+len(other) > 1<<16 || strings.ContainsAny(name, "\\\x00") {
			return
		}
		tree := fstest.MapFS{"a/other.tf": {Data: []byte(other)}, "b/main.tf": {Data: []byte("variable \"a\" {}\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"live-x-queue\"\n}\noutput \"queue_url\" { value = var.a }\n")}, "a/t.tpl": {Data: []byte(text)}}
		if validPath(name) {
			tree[name] = &fstest.MapFile{Data: []byte(text)}
		}
		inv, err := survey.Survey(context.Background(), survey.Options{Dir: "fuzz", Files: tree})
		if err != nil {
			return
		}
		walk(t, inv)
	})
}

func validPath(name string) bool {
	return name != "" && !strings.HasPrefix(name, "/") && !strings.HasSuffix(name, "/") && !strings.Contains(name, "//") && !strings.Contains("/"+name+"/", "/./") && !strings.Contains("/"+name+"/", "/../") && !strings.HasPrefix(name, "a/other.tf/") && !strings.HasPrefix(name, "b/main.tf/") && name != "a" && name != "b"
}

// walk touches everything in an inventory that others rely on.
func walk(t *testing.T, inv *survey.Inventory) {
	t.Helper()
	names := map[string]bool{}
	for _, s := range inv.Stacks {
		if s.Name == "" || names[s.Name] {
			t.Fatalf("stack %q has no name of its own", s.Name)
		}
		names[s.Name] = true
		for _, r := range s.Resources {
			if r.Body == nil {
				t.Fatalf("%s has no body", r.Address)
			}
			for _, in := range r.Instances {
				value(t, in.Body)
			}
		}
		for _, l := range s.Locals {
			value(t, l.Value)
		}
		for _, o := range s.Outputs {
			value(t, o.Value)
		}
	}
	for _, e := range inv.Edges {
		if !names[e.From] || !names[e.To] || e.From == e.To || e.Why == "" || e.Confidence == "" {
			t.Fatalf("edge %+v", e)
		}
	}
	if order, _ := inv.Order(); len(order) != len(inv.Stacks) {
		t.Fatalf("%d of %d stacks are in order", len(order), len(inv.Stacks))
	}
	for _, d := range inv.Diags {
		if d.Summary == "" {
			t.Fatalf("empty diagnostic %+v", d)
		}
	}
}

func value(t *testing.T, v *survey.Value) {
	t.Helper()
	for _, leaf := range v.Leaves() {
		_, _, _ = leaf.Show(), leaf.Known(), leaf.Span.Range()
	}
	for p := range v.Written() {
		if r := p.At.Range(); r.Start.Line < 1 || r.End.Byte < r.Start.Byte {
			t.Fatalf("%q is written at %+v", p.Text, r)
		}
	}
}
