package witness

import (
	"bufio"
	"cmp"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// agreed is a difference from moto in which the AWS documents are on our side, or that no client sees.
type agreed struct {
	service, operation, path string // patterns, see matches; paths without indexes, or "error" and our code
	ours, decides            string // what ours does, and the document that says so
}

// motoVersion is the one that the table was made with. What another one says differently is only told.
const motoVersion = "5.2"

// installedMoto gives the first two numbers of moto's version.
func installedMoto(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "python3", "-c", "import moto; print('.'.join(moto.__version__.split('.')[:2]))").Output()
	if err != nil {
		t.Logf("the version of moto is not known: %v", err)
	}
	return strings.TrimSpace(string(out))
}

const agreedFile = "testdata/moto.txt"

// readAgreed reads the table: one difference a line, five columns with | between them.
func readAgreed(t *testing.T) (out []agreed) {
	t.Helper()
	f, err := os.Open(agreedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line := lines.Text(); line != "" && line[0] != '#' {
			cells := strings.Split(line, "|")
			if len(cells) != 5 {
				t.Fatalf("%s: not five columns: %s", agreedFile, line)
			}
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			out = append(out, agreed{cells[0], cells[1], cells[2], cells[3], cells[4]})
		}
	}
	return out
}

// TestMotoAgrees: asked the same through the AWS SDK, the drill cloud and moto answer the same errors, fields and states; where they do not,
// the table says what the drill cloud does, and the AWS document that decides.
func TestMotoAgrees(t *testing.T) { //nolint:tparallel // the services are parallel; after them the table is looked through
	t.Parallel()
	server, version := simtest.Moto(t), installedMoto(t)
	cloud, err := cloudsim.New(cloudsim.Config{Seed: 1, Speed: speed})
	if err != nil {
		t.Fatal(err)
	}
	here := httptest.NewServer(cloud)
	t.Cleanup(here.Close)
	table := readAgreed(t)
	var mu sync.Mutex
	used := make([]bool, len(table))
	t.Run("services", func(t *testing.T) {
		for i, c := range conversations() {
			t.Run(c.service, func(t *testing.T) {
				t.Parallel()
				account := fmt.Sprintf("1111111111%02d", i)
				we, they := newSide(t, ours, here.URL, account), newSide(t, "moto", server, account)
				c.talk(we)
				c.talk(they)
				for _, d := range differences(we, they) {
					known := false
					mu.Lock()
					for k, a := range table {
						if d.agreed(a) {
							known, used[k] = true, true
						}
					}
					mu.Unlock()
					switch {
					case !known && version != motoVersion:
						t.Logf("moto %s, where the table is of %s: %s", version, motoVersion, d)
					case !known:
						t.Errorf("%s", d)
					}
				}
			})
		}
	})
	for i, a := range table {
		if !used[i] && !t.Failed() && version == motoVersion {
			t.Errorf("%s lists %s %s %s, and there is no such difference now: take it out", agreedFile, a.service, a.operation, a.path)
		}
	}
}

// TestAgreedDifferencesAreDocumented: docs/drill-cloud.md has the whole table.
func TestAgreedDifferencesAreDocumented(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| service | operation | where | the drill cloud | what decides |\n|---|---|---|---|---|\n")
	for _, a := range readAgreed(t) {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", a.service, strings.ReplaceAll(a.operation, "*", "all"), a.path, a.ours, a.decides)
	}
	generated(t, "differences from moto", b.String())
}

// difference is one place where both sides tell different things.
type difference struct {
	told
	step               int
	path, ours, theirs string
}

func (d difference) String() string {
	return fmt.Sprintf("step %d: %s %s, %s: ours %q, moto %q", d.step, d.service, d.operation, d.path, d.ours, d.theirs)
}

var index = regexp.MustCompile(`\[\d+\]`)

func (d difference) agreed(a agreed) bool {
	return matches(a.service, d.service) && matches(a.operation, d.operation) && matches(a.path, index.ReplaceAllString(d.path, ""))
}

// matches compares a text with alternatives between which commas stand; * stands for any text.
func matches(patterns, text string) bool {
	for p := range strings.SplitSeq(patterns, ", ") {
		if regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$").MatchString(text) {
			return true
		}
	}
	return false
}

// differences compares two sides of one conversation. Where one of both tells an error, that is the only difference.
func differences(ours, theirs *side) (out []difference) {
	for i, o := range ours.told {
		m := theirs.told[i]
		if o.fields["error"] != m.fields["error"] {
			code, _, _ := strings.Cut(cmp.Or(o.fields["error"], "none"), " (")
			out = append(out, difference{o, i, "error " + code, o.fields["error"], m.fields["error"]})
			continue
		}
		for _, p := range sortedKeys(o.fields) {
			if o.fields[p] != m.fields[p] {
				out = append(out, difference{o, i, p, o.fields[p], m.fields[p]})
			}
		}
		for _, p := range sortedKeys(m.fields) {
			if _, both := o.fields[p]; !both {
				out = append(out, difference{o, i, p, "", m.fields[p]})
			}
		}
	}
	return out
}
