package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// TestWhatTextsNameExists keeps the promise that every command and flag of lifeboat that a document, an example or a message names is there.
func TestWhatTextsNameExists(t *testing.T) {
	t.Parallel()
	call := regexp.MustCompile("(?:^|[`$ /\"])lifeboat ((?:-C \\S+ )?[a-z]+(?: [^`\"\\n|>&;#]*)?)")
	marked := regexp.MustCompile("`[^`\n]*`|(?m:^ *[$] .*$|^(?:    |\t|bin/)?\\S*lifeboat .*$)")
	found := 0
	walk(t, filepath.Join("..", ".."), func(name, text string) {
		for _, piece := range marked.FindAllString(text, -1) {
			for _, m := range call.FindAllStringSubmatch(piece, -1) {
				found++
				if problem := unknown(strings.Fields(m[1])); problem != "" {
					t.Errorf("%s: lifeboat %s: %s", name, m[1], problem)
				}
			}
		}
	})
	if found < 20 {
		t.Errorf("only %d calls of lifeboat were found: the search is wrong", found)
	}
}

// unknown says which command or flag of a call does not exist.
func unknown(args []string) string {
	root := New(&proc.Process{}, Parts{}).root()
	c, _, err := root.Find(args)
	if err != nil {
		return err.Error()
	}
	if c == root && args[0] != "help" && args[0] != "completion" {
		return "no such command"
	}
	for _, a := range args {
		flag, ok := strings.CutPrefix(a, "--")
		flag, _, _ = strings.Cut(flag, "=")
		flag = strings.TrimRight(flag, ",.)]:")
		if ok && flag != "help" && flag != "version" && flag != "" && c.Flags().Lookup(flag) == nil && c.InheritedFlags().Lookup(flag) == nil {
			return "no flag --" + flag
		}
	}
	return ""
}

// walk calls f with every document, script and source of the repository.
func walk(t *testing.T, root string, f func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 {
				return filepath.SkipDir
			}
			return err
		}
		switch filepath.Ext(name) {
		case ".md", ".go", ".sh", ".hcl":
		default:
			return nil
		}
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			f(name, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
