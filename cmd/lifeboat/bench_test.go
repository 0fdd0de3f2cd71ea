package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is lifeboat as its users have it, without the race detector, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	name := filepath.Join(os.Getenv("LIFEBOAT_TEST_BENCH"), "lifeboat")
	out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build: %w\n%s", err, out)
	}
	return name, err
})

func lifeboat(t *testing.T) string {
	t.Helper()
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return name
}
