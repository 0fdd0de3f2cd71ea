// Package witness holds the drill cloud to what we did not write: the whole list of operations of the AWS SDK, moto's control planes, the
// AWS CLI, boto3, crane, skopeo, and terraform beside an upstream. It has only tests; each says what it did not find on the machine.
//
// What the cloud and a witness tell differently stands in testdata and in docs/drill-cloud.md, with the AWS document that decides.
package witness

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// document is what tells users how true the cloud is.
const document = "../../../docs/drill-cloud.md"

var update = flag.Bool("update", false, "write the parts of docs/drill-cloud.md that follow from the code")

// section gives the lines of the document from a heading to the next one of its level or above.
func section(t *testing.T, heading string) []string {
	t.Helper()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(b), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	var out []string
	level := strings.IndexByte(heading, ' ')
	for line := range strings.SplitSeq(after, "\n") {
		if n := len(line) - len(strings.TrimLeft(line, "#")); n > 0 && n <= level {
			break
		}
		out = append(out, line)
	}
	return out
}

// generated holds the part between two comments of the document to text; with -update it writes it.
func generated(t *testing.T, name, text string) {
	t.Helper()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": written by the test of internal/cloudsim/witness, -update -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(b), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s lacks the lines\n%s%s", document, begin, end)
	}
	if old == text {
		return
	}
	if !*update {
		t.Errorf("%s, %s is not what the code says; go test ./internal/cloudsim/witness -update writes it. Wanted:\n%s", document, name, text)
		return
	}
	if err := os.WriteFile(document, []byte(before+begin+text+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
