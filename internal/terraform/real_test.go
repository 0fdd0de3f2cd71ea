package terraform_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// products are the real binaries that this machine has: on PATH, and what the Makefile built.
func products(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, name := range []string{terraform.Terraform, terraform.OpenTofu} {
		if _, err := proc.Look(env(t), name); err == nil {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		t.Skip("neither terraform nor tofu on PATH or in bin/")
	}
	return out
}

func env(t *testing.T) proc.Env {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	return proc.Env{"PATH": os.Getenv("PATH") + string(os.PathListSeparator) + bin, "HOME": t.TempDir()}
}

func open(t *testing.T, product string, change func(*terraform.Setup)) *terraform.Tool {
	t.Helper()
	s := terraform.Setup{Env: env(t), Runner: proc.Programs{}, Who: proc.OS().User + "@" + proc.OS().Host, Wanted: product, Dir: t.TempDir(), Project: t.TempDir()}
	if change != nil {
		change(&s)
	}
	tool, err := terraform.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

// each runs a test with every real binary.
func each(t *testing.T, test func(t *testing.T, product string)) {
	t.Helper()
	for _, p := range products(t) {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func local(path string) *terraform.Backend {
	return &terraform.Backend{Type: "local", Settings: map[string]any{"path": path}}
}

func hold(t *testing.T, tool *terraform.Tool, dir string) *terraform.Work {
	t.Helper()
	w, err := tool.Hold(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// One stack goes through its life: created, found unchanged, replaced. The user's tree stays as it was, whatever its backend.
func TestLifeOfAStack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		ctx := context.Background()
		root := tree(t, map[string]string{
			"stack/main.tf": `
				terraform {
				  backend "s3" {
				    bucket = "the-lost-bucket"
				    key    = "k"
				    region = "eu-west-2"
				  }
				}
				module "m" {
				  source = "../modules/m"
				  name   = var.name
				}
				variable "name" { type = string }
				variable "list" {
				  type    = any
				  default = null
				}
				output "name" { value = module.m.name }
				output "list" { value = var.list }
				output "hidden" {
				  value     = "s3cret"
				  sensitive = true
				}`,
			"modules/m/main.tf": `
				variable "name" { type = string }
				resource "terraform_data" "a" {
				  input            = var.name
				  triggers_replace = var.name
				}
				output "name" { value = terraform_data.a.output }`,
			"other/big.txt": "not code",
		})
		before := snapshot(t, root)
		tool := open(t, product, nil)
		w := hold(t, tool, t.TempDir())
		state := local(filepath.Join(t.TempDir(), "x.tfstate"))
		if err := w.Lay(terraform.Source{Root: root, Path: "stack"}, state); err != nil {
			t.Fatal(err)
		}
		o := terraform.Options{Env: tool.Environ(nil, nil)}
		if err := w.Init(ctx, o); err != nil {
			t.Fatal(err)
		}
		nasty := "q${x} %{y} \"z\" \\ \n\t\u00e9\U0001F6DF $${ \x01"
		list := []any{nasty, json.Number("1.5"), true, nil, map[string]any{"a b": nasty, "${k}": []any{}}}
		vars := must(terraform.VarFile(map[string]any{"name": nasty, "list": list}))(t)
		p := must(w.Plan(ctx, o, nil, vars))(t)
		if p.Empty || p.Counts.Add != 1 || len(p.Destroys()) != 0 {
			t.Fatalf("first plan: %+v, want one addition", p)
		}
		var seen []terraform.EventKind
		o.On = func(e terraform.Event) { seen = append(seen, e.Kind) }
		done := must(w.Apply(ctx, o))(t)
		if done.Counts.Add != 1 || len(seen) < 2 || seen[0] != terraform.Started || seen[1] != terraform.Finished {
			t.Fatalf("apply: %+v, events %v", done, seen)
		}
		if !done.Outputs["hidden"].Sensitive || done.Outputs["hidden"].Value != nil {
			t.Errorf("the stream shows a sensitive output: %+v", done.Outputs["hidden"])
		}
		out := must(w.Outputs(ctx, o))(t)
		if got := decode(t, out["name"].Value); got != nasty {
			t.Errorf("value came back as %q, want %q", got, nasty)
		}
		if got, want := string(must(json.Marshal(decode(t, out["list"].Value)))(t)), string(must(json.Marshal(list))(t)); got != want {
			t.Errorf("value came back as %s, want %s", got, want)
		}
		if got := decode(t, out["hidden"].Value); got != "s3cret" {
			t.Errorf("sensitive output = %v", got)
		}
		if p := must(w.Plan(ctx, o, nil, vars))(t); !p.Empty || !p.Outputs {
			t.Errorf("second plan: %+v, want empty", p)
		}
		p = must(w.Plan(ctx, o, nil, must(terraform.VarFile(map[string]any{"name": "other", "misspelt": true}))(t)))(t)
		if d := p.Destroys(); len(d) != 1 || d[0].Action != "replace" || d[0].Address != "module.m.terraform_data.a" {
			t.Errorf("third plan destroys %+v, want the replacement", d)
		}
		if len(p.Ignored) != 1 {
			t.Errorf("the misspelt variable went unnoticed: %+v", p)
		}
		if after := snapshot(t, root); after != before {
			t.Errorf("the user's tree was touched:\n%s\nbefore:\n%s", after, before)
		}
		bare := hold(t, tool, t.TempDir())
		if ok, err := bare.LayBare(terraform.Source{Root: root, Path: "stack"}, state); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if err := bare.Init(ctx, o); err != nil {
			t.Fatal(err)
		}
		if out := must(bare.Outputs(ctx, o))(t); decode(t, out["hidden"].Value) != "s3cret" {
			t.Errorf("outputs without the code: %+v", out)
		}
	})
}

func decode(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

func snapshot(t *testing.T, root string) string {
	t.Helper()
	var all string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all += path + "/\n"
			return err
		}
		b, err := os.ReadFile(path)
		all += path + ": " + string(b) + "\n"
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
