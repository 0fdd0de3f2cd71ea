package simtest

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Moto runs a moto server on loopback until the test ends, and gives its URL. Without a moto_server on PATH it skips the test.
func Moto(tb testing.TB) string {
	tb.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil {
		tb.Skip("no moto_server on PATH (pip install 'moto[server]')")
	}
	cmd := exec.CommandContext(tb.Context(), "moto_server", "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(cmd.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Wait() }) // the test's context has ended, and the process with it
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "Running on "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return strings.TrimSpace(url)
		}
		said = append(said, lines.Text())
	}
	tb.Fatalf("moto_server ended: %s", strings.Join(said, "\n"))
	return ""
}
