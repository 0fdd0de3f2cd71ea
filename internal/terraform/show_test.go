package terraform_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// A plan is read value by value, and a value that is not known yet is followed to where it comes from: through modules, variables, outputs and
// the instances of for_each. With import blocks for all of it, whatever its address, nothing is created any more.
func TestShowAndImport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		ctx := context.Background()
		root := tree(t, map[string]string{
			"stack/main.tf": `
				resource "terraform_data" "a" {
				  for_each = toset(["x", "y $${z} \"q\""])
				  input    = each.key
				}
				resource "terraform_data" "key" {
				  for_each = terraform_data.a
				  input    = terraform_data.a[each.key].id
				}
				resource "terraform_data" "value" {
				  for_each = terraform_data.a
				  input    = each.value.id
				}
				resource "terraform_data" "one" {
				  count = 1
				  input = terraform_data.a["x"].output
				}
				resource "terraform_data" "two" { input = "${terraform_data.a["x"].id}${terraform_data.one[0].id}" }
				locals { hidden = terraform_data.two.id }
				resource "terraform_data" "hidden" { input = local.hidden }
				module "m" {
				  for_each = toset(["k"])
				  source   = "../modules/m"
				  given    = terraform_data.one[0].id
				}
				resource "terraform_data" "out" { input = module.m["k"].made }`,
			"modules/m/main.tf": `
				variable "given" {}
				resource "terraform_data" "in" { input = var.given }
				output "made" { value = terraform_data.in.id }`,
		})
		tool := open(t, product, nil)
		w := hold(t, tool, t.TempDir())
		o := terraform.Options{Env: tool.Environ(nil, nil)}
		if err := w.Lay(terraform.Source{Root: root, Path: "stack"}, local(filepath.Join(t.TempDir(), "state"))); err != nil {
			t.Fatal(err)
		}
		if err := w.Init(ctx, o); err != nil {
			t.Fatal(err)
		}
		must(w.Plan(ctx, o, nil, nil))(t)
		d := must(w.Show(ctx, o))(t)
		want := map[string]string{ // address to the resource and the attribute that its input comes from
			`terraform_data.key["x"]`:               `terraform_data.a["x"] `,
			`terraform_data.value["x"]`:             `terraform_data.a["x"] id`,
			`terraform_data.one[0]`:                 `terraform_data.a["x"] output`,
			`module.m["k"].terraform_data.in`:       `terraform_data.one[0] id`,
			`terraform_data.out`:                    `module.m["k"].terraform_data.in id`,
			`terraform_data.two`:                    ``,
			`terraform_data.hidden`:                 ``,
			`terraform_data.a["x"]`:                 ``,
			`terraform_data.a["y $${z} \"q\""]`:     ``,
			`terraform_data.key["y $${z} \"q\""]`:   `terraform_data.a["y $${z} \"q\""] `,
			`terraform_data.value["y $${z} \"q\""]`: `terraform_data.a["y $${z} \"q\""] id`,
		}
		var list []terraform.Import
		for _, r := range d.Resources {
			got := ""
			if ref, ok := d.Refers(r, "input"); ok {
				got = ref.Address + " " + ref.Attribute
			}
			if w, ok := want[r.Address]; !ok || got != w || r.Action != "create" {
				t.Errorf("%s: %s, from %q, want %q", r.Address, r.Action, got, w)
			}
			list = append(list, terraform.Import{To: r.Address, ID: "id of " + r.Address})
		}
		if len(d.Resources) != len(want) {
			t.Errorf("%d resources, want %d", len(d.Resources), len(want))
		}
		if err := w.Imports(list); err != nil {
			t.Fatal(err)
		}
		p := must(w.Plan(ctx, o, nil, nil))(t)
		if p.Empty || p.Counts.Import != len(want) || p.Counts.Add != 0 || p.Counts.Remove != 0 {
			t.Fatalf("with import blocks: %+v", p)
		}
		for _, r := range must(w.Show(ctx, o))(t).Resources {
			if r.Import != "id of "+r.Address || !slices.Contains(r.Differs(), "input") {
				t.Errorf("%+v, differs in %q", r, r.Differs())
			}
		}
		must(w.Apply(ctx, o))(t)
		if p := must(w.Plan(ctx, o, nil, nil))(t); !p.Empty {
			t.Errorf("afterwards: %+v", p)
		}
	})
}

// The region of a resource's provider is found where it is written or a variable's value; one that is computed, or another account's, is not guessed.
func TestRegionOfAProvider(t *testing.T) {
	t.Parallel()
	d := must(terraform.ParseDetail([]byte(`{"format_version":"1.2","variables":{"r":{"value":"eu-west-2"}},
		"resource_changes":[
			{"address":"aws_a.plain","mode":"managed","type":"aws_a","name":"plain","change":{"actions":["create"]}},
			{"address":"aws_a.far","mode":"managed","type":"aws_a","name":"far","change":{"actions":["create"]}},
			{"address":"aws_a.bare","mode":"managed","type":"aws_a","name":"bare","change":{"actions":["create"]}},
			{"address":"aws_a.computed","mode":"managed","type":"aws_a","name":"computed","change":{"actions":["create"]}},
			{"address":"aws_a.other","mode":"managed","type":"aws_a","name":"other","change":{"actions":["create"]}},
			{"address":"module.m.aws_a.inner","module_address":"module.m","mode":"managed","type":"aws_a","name":"inner","change":{"actions":["create"]}}],
		"configuration":{"provider_config":{
			"aws":{"expressions":{"region":{"references":["var.r"]}}},"aws.far":{"expressions":{"region":{"constant_value":"us-east-1"}}},"aws.bare":{},
			"aws.computed":{"expressions":{"region":{"references":["local.r"]}}},"aws.other":{"expressions":{"assume_role":[{"role_arn":{}}]}}},
		"root_module":{"resources":[
			{"mode":"managed","type":"aws_a","name":"plain","provider_config_key":"aws"},{"mode":"managed","type":"aws_a","name":"far","provider_config_key":"aws.far"},
			{"mode":"managed","type":"aws_a","name":"bare","provider_config_key":"aws.bare"},{"mode":"managed","type":"aws_a","name":"computed","provider_config_key":"aws.computed"},
			{"mode":"managed","type":"aws_a","name":"other","provider_config_key":"aws.other"}],
			"module_calls":{"m":{"module":{"resources":[{"mode":"managed","type":"aws_a","name":"inner","provider_config_key":"module.m:aws"}]}}}}}}`)))(t)
	want := map[string]string{"plain": "eu-west-2", "far": "us-east-1", "bare": "", "computed": "refused", "other": "refused", "inner": "eu-west-2"}
	for _, r := range d.Resources {
		got, err := d.Region(r)
		if err != nil {
			got = "refused"
		}
		if got != want[r.Name] {
			t.Errorf("%s: %q, %v, want %q", r.Address, got, err, want[r.Name])
		}
	}
}

// A plan that cannot be read is an error that quotes nothing of it: it holds secrets.
func TestUnreadablePlan(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{"format_version":"2.0"}`, `{"format_version":"1.0","variables":{"token":{"value":"hunter2"`, `{"resource_changes":"hunter2"}`} {
		if _, err := terraform.ParseDetail([]byte(text)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
