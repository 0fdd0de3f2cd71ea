package witness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain ends what the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	if shared.stop != nil {
		shared.stop()
	}
	os.Exit(code)
}

// shared is one moto server for all tests of the package, started by the first that wants it. Tests keep apart by their accounts.
var shared moto

type moto struct {
	once sync.Once
	url  string
	err  error
	stop context.CancelFunc
}

// motoServer gives the URL of the moto server.
func motoServer(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil {
		t.Skip("no moto_server on PATH (pip install 'moto[server]')")
	}
	shared.once.Do(func() { shared.url, shared.err = shared.start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.url
}

func (m *moto) start() (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "moto_server", "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(cmd.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	cmd.WaitDelay = 5 * time.Second
	m.stop = func() {
		cancel()
		_ = cmd.Wait() // killed: it has nothing to keep
	}
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return "", err
	}
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "Running on "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return strings.TrimSpace(url), nil
		}
		said = append(said, lines.Text())
	}
	return "", fmt.Errorf("moto_server ended: %s", strings.Join(said, "\n"))
}
