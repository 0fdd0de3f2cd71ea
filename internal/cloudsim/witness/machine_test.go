package witness

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
)

// machine is a machine of an engineer: a strict drill cloud, and programs that know nothing of it but an endpoint and two keys.
type machine struct {
	t    *testing.T
	url  string // of the cloud
	host string // the same without http://
	work string
	env  []string
}

const (
	account = "111111111111"
	region  = "eu-west-2"
)

func newMachine(t *testing.T) *machine {
	t.Helper()
	cloud, err := cloudsim.New(cloudsim.Config{Seed: 1, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(cloud)
	t.Cleanup(srv.Close)
	m := &machine{t: t, url: srv.URL, host: strings.TrimPrefix(srv.URL, "http://"), work: t.TempDir()}
	for _, kv := range os.Environ() { // what the machine has for AWS and Docker stays out
		if !strings.HasPrefix(kv, "AWS_") && !strings.HasPrefix(kv, "DOCKER_") && !strings.HasPrefix(kv, "REGISTRY_") {
			m.env = append(m.env, kv)
		}
	}
	m.env = append(m.env,
		"AWS_ENDPOINT_URL="+m.url, "AWS_ACCESS_KEY_ID="+account, "AWS_SECRET_ACCESS_KEY="+account, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true",
		"DOCKER_CONFIG="+m.path("docker"), "REGISTRY_AUTH_FILE="+m.path("docker/config.json"))
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.work, name) }

func (m *machine) write(name, text string) string {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return m.path(name)
}

func (m *machine) read(name string) string {
	m.t.Helper()
	b, err := os.ReadFile(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}

// try runs a program with what it is to read, and gives what it says.
func (m *machine) try(stdin, program string, args ...string) (string, error) {
	m.t.Helper()
	ctx, stop := context.WithTimeout(m.t.Context(), 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = m.work, m.env, strings.NewReader(stdin)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	begun := time.Now()
	defer func() {
		m.t.Logf("%.1f s: %s %s", time.Since(begun).Seconds(), filepath.Base(program), strings.Join(args, " "))
	}()
	if err := cmd.Run(); err != nil {
		return out.String() + complaints.String(), err
	}
	return strings.TrimSpace(out.String()), nil
}

// run runs a program that must succeed.
func (m *machine) run(program string, args ...string) string {
	m.t.Helper()
	out, err := m.try("", program, args...)
	if err != nil {
		m.t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return out
}

// look gives the path of a program on PATH or in bin/.
func look(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		return path, nil
	}
	if path, err = filepath.Abs(filepath.Join("../../../bin", program)); err == nil {
		_, err = os.Stat(path)
	}
	return path, err
}

// find is look in a test that is skipped without the program.
func find(t *testing.T, program, hint string) string {
	t.Helper()
	path, err := look(program)
	if err != nil {
		t.Skipf("no %s on PATH or in bin/ (%s)", program, hint)
	}
	return path
}
