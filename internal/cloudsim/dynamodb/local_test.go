package dynamodb_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/dynamodbtest"
)

// What the suite says of a DynamoDB holds for Amazon's own DynamoDB Local, whose directory (that of DynamoDBLocal.jar)
// LIFEBOAT_DYNAMODB_LOCAL names.
func TestConformanceOfDynamoDBLocal(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("LIFEBOAT_DYNAMODB_LOCAL")
	if dir == "" {
		t.Skip("LIFEBOAT_DYNAMODB_LOCAL does not name the directory of DynamoDBLocal.jar")
	}
	c := startLocal(t, dir)
	dynamodbtest.Run(t, func(*testing.T) *awsdynamodb.Client { return c })
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
