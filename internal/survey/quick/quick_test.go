package quick_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/survey/quick"
)

// same fails unless a text gives what hclsyntax gives.
func same(t *testing.T, src []byte) {
	t.Helper()
	if !utf8.Valid(src) {
		return
	}
	file, want := hclsyntax.ParseConfig(src, "x.tf", hcl.InitialPos)
	body, diags := whole(src)
	if len(want) == 0 && len(diags) == 0 {
		want, diags = nil, nil
	}
	if !reflect.DeepEqual(body, file.Body) || !reflect.DeepEqual(diags, want) {
		t.Errorf("%q gives another tree", src)
	}
}

func whole(src []byte) (*hclsyntax.Body, hcl.Diagnostics) {
	body, at := quick.Parse(src, "x.tf")
	if at.Byte == len(src) {
		return body, nil
	}
	return quick.Rest(body, src, at)
}

// texts are files of code in this repository.
func texts(tb testing.TB) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	for _, root := range []string{"../testdata", "../../check/testdata", "../../../examples"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(name) {
			case ".tf", ".hcl", ".tfvars":
				out[name], err = os.ReadFile(name)
			}
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

// TestParse keeps the promise that all code of this repository, whole or broken off anywhere, is read as hclsyntax reads it.
func TestParse(t *testing.T) {
	t.Parallel()
	all := texts(t)
	if len(all) < 50 {
		t.Fatalf("only %d files were found", len(all))
	}
	for name, src := range all {
		same(t, src)
		for i := 0; i < len(src); i += 211 {
			same(t, src[:i])
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// snippets have each way to write something, and each way to write it wrong, that the parser knows of.
func snippets() []string {
	return []string{
		"", " ", "\n", "# x", "# x\n", "  # é\n a = 1", "a = 1", "a = \"\"", "a = \"$\"\nb = \"%\"\nc = \"$a%b\"", "a = \"${b}\"", "a = \"${\"${b}\"}\"", "a {}", "a \"b\" c {\n}\n",
		"a { b = 1 }", "a { b = c }\n", "a = b ? c : d ? e : f", "a = b + c * d - e / f % g == h && i || !j", "a = -b.c + (d\n)", "a = b[0].c[\"d\"][e][*].f", "a = b.*.c",
		"a = b.0.c", "a = f(b, c...)", "a = f()", "a = f(\n b,\n)", "a = n::f(x)", "a = [for k, v in b : k if v]", "a = { for k, v in b : k => v... if v }", "a = { b = 1, c : 2\n d = 3 # x\n}",
		"a = { (b) = 1, \"c${d}\" = 2 }", "a = 1.5", "a = 1e5", "a = 1.5.2", "a = <<E\n x ${y}\nE\n", "a = <<-E\n x\nE\nb = 1", "a = \"\\n\\t\\\"\\\\\"", "a = \"\\u0041\"", "a = \"$${b}\"",
		"a = b\r\n", "/* c */ a = 1", "a = 1 /* c */", "a = 1 // c", "a = 1\na = 2", "a {\n", "a }\n", "a = \"b\nc\"", "é = 1", "a = \"é\"", "a = b # é\nc = d",
	}
}

// TestMistakes keeps the promise for code with one character more, less or other anywhere.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, src := range snippets() {
		for i := range len(src) + 1 {
			for _, c := range "\n\"{}[]().,:=?$%\\~#/*<!-a0é\r\t" {
				same(t, []byte(src[:i]+string(c)+src[i:]))
				if i < len(src) {
					same(t, []byte(src[:i]+string(c)+src[i+1:]))
				}
			}
			if i < len(src) {
				same(t, []byte(src[:i]+src[i+1:]))
			}
		}
		if t.Failed() {
			t.Fatal(src)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range texts(f) {
		if len(src) < 4000 {
			f.Add(string(src))
		}
	}
	for _, src := range snippets() {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) < 1<<14 && strings.Count(src, "-")+strings.Count(src, "!") < 1000 {
			same(t, []byte(src))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	all, size := texts(b), 0
	for _, src := range all {
		size += len(src)
	}
	for name, parse := range map[string]func([]byte){
		"hclsyntax": func(src []byte) { hclsyntax.ParseConfig(src, "x.tf", hcl.InitialPos) },
		"quick":     func(src []byte) { whole(src) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, src := range all {
					parse(src)
				}
			}
		})
	}
}
