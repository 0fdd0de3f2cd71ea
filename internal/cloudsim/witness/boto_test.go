package witness

import (
	"path/filepath"
	"testing"
)

// TestBoto3: the Python SDK's paginators, waiters, transfers, batch writers and typed errors work with a strict drill cloud.
func TestBoto3(t *testing.T) {
	t.Parallel()
	python := find(t, "python3", "Python with boto3")
	m := newMachine(t)
	if out, err := m.try("", python, "-c", "import boto3"); err != nil {
		t.Skipf("no boto3 (pip install boto3): %s", out)
	}
	script, err := filepath.Abs("testdata/boto.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(m.run(python, script, m.url))
}
