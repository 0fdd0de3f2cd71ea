package argv_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

type site struct{}

func (site) Environment(context.Context, *plan.Site) (proc.Env, error) {
	return proc.Env{"PATH": "/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI"}, nil
}

func text(s string) plan.Expr { return plan.Literal{Value: plan.Of(s)} }

func hidden(s string) plan.Expr { return plan.Literal{Value: plan.OfSecret(s)} }

func exprs(words ...string) []plan.Expr {
	out := make([]plan.Expr, 0, len(words))
	for _, w := range words {
		out = append(out, text(w))
	}
	return out
}

// run runs a line with the machine's programs and gives what was told.
func run(ctx context.Context, line argv.Line) (string, error) {
	var mu sync.Mutex
	var told []string
	call := &step.Call{
		Resolve: func(e plan.Expr) (plan.Value, error) { return e.Resolve(plan.Scope{}) },
		Report:  func(p step.Progress) { mu.Lock(); told = append(told, p.Message); mu.Unlock() },
	}
	err := argv.Runner{Programs: proc.Programs{}, Sites: site{}}.Run(ctx, call, line)
	return strings.Join(told, "\n"), err
}

// The promise: arguments arrive as they are, whatever a shell would make of them.
func TestNoShell(t *testing.T) {
	t.Parallel()
	told, err := run(t.Context(), argv.Line{Argv: exprs("echo", "$HOME;", "`id`", "*"), Dir: t.TempDir()})
	if err != nil || told != "$HOME; `id` *" {
		t.Errorf("%q, %v", told, err)
	}
}

// The promise: a secret in argv is refused, and named by its place only.
func TestSecretsAreRefusedInArgv(t *testing.T) {
	t.Parallel()
	_, err := run(t.Context(), argv.Line{Argv: []plan.Expr{text("echo"), hidden("hunter2")}, Dir: t.TempDir()})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "through env") {
		t.Errorf("%v", err)
	}
}

// The promise: what a command was given in secret is hidden when it says it aloud, line by line, and in its last words.
func TestSecretsAreHiddenInOutput(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "loud")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$TOKEN\"\nsleep 0.2\necho \"key $AWS_SECRET_ACCESS_KEY\" >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	told, err := run(t.Context(), argv.Line{
		Argv: exprs("./loud"), Dir: filepath.Dir(script), Env: map[string]plan.Expr{"TOKEN": hidden("hunter2\nsecond-line")},
	})
	var exit *proc.Exit
	if !errors.As(err, &exit) || exit.Code != 3 {
		t.Fatalf("%v", err)
	}
	all := told + err.Error()
	for _, s := range []string{"hunter2", "second-line", "wJalrXUtnFEMI"} {
		if strings.Contains(all, s) {
			t.Errorf("%q was shown: %q", s, all)
		}
	}
	if !strings.Contains(err.Error(), "Its last words: key (secret)") {
		t.Errorf("%v", err)
	}
}

// The promise: a command that is told to stop ends within a second, though it does not listen.
func TestStopsWithinASecond(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "deaf")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntrap '' INT\necho up\nwhile :; do sleep 0.05; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	call := &step.Call{
		Resolve: func(e plan.Expr) (plan.Value, error) { return e.Resolve(plan.Scope{}) },
		Report:  func(step.Progress) { cancel() },
	}
	done := make(chan error, 1)
	go func() {
		done <- argv.Runner{Programs: proc.Programs{}, Sites: site{}}.Run(ctx, call, argv.Line{Argv: exprs(script), Dir: filepath.Dir(script)})
	}()
	<-ctx.Done()
	select {
	case err := <-done:
		if step.ClassOf(err) != step.Cancelled {
			t.Errorf("%v", err)
		}
	case <-time.After(time.Second):
		t.Error("it goes on")
		<-done
	}
}

// The promise: a missing program is named, with what to do.
func TestMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := run(t.Context(), argv.Line{Argv: exprs("no-such-program-here"), Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), `"no-such-program-here" cannot be started`) {
		t.Errorf("%v", err)
	}
}

// The promise: whatever a program says, what is shown is one short line without control characters and without the secret.
func FuzzShow(f *testing.F) {
	f.Add("plain", "s3cret")
	f.Add("\x1b[31mred\x1b[0m s3\x1b[1mcret", "s3cret")
	f.Add("a\u202eb\x00\xff", "b")
	f.Add(strings.Repeat("é", 500), "x y")
	f.Fuzz(func(t *testing.T, said, secret string) {
		got := argv.Show(said, secret)
		if n := len([]rune(got)); n > 201 {
			t.Errorf("%d characters", n)
		}
		for _, r := range got {
			if unicode.IsControl(r) {
				t.Errorf("control character %q in %q", r, got)
			}
		}
		word := strings.TrimSpace(secret)
		if word != "" && !strings.ContainsAny(word, "\n\r") && strings.Contains(got, word) && !strings.Contains("(secret)…", word) && !strings.Contains(got, "(secret)") {
			t.Errorf("%q is in %q", word, got)
		}
	})
}
