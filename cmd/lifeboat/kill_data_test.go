package main_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

// What a drill writes (internal/stage/fill.go): the vault's copy holds 18,000 items in their first revision; at the disaster there are 19,600.
const (
	inVault = 18_000
	inTable = 19_600
)

// backs are the ways in which data comes back, and the calls that a process makes meanwhile: it is killed at one of them. The last of them are
// the writes, if there are any, or those by which Terraform locks the state when it adopts the table; every recovery is killed there too.
func backs() []back {
	return []back{
		{scenario: "region-down", account: "222222222222", region: "eu-west-1", items: inVault, calls: []moment{{"Scan", 1, false}, {"BatchWriteItem", inVault / 25, false}}},
		{scenario: "bad-deploy", account: "111111111111", region: "eu-west-2", items: inTable, calls: []moment{{"RestoreTableToPointInTime", 1, false}, {"Scan", 10, false}, {"BatchWriteItem", 250, false}}},
		{scenario: "resources-deleted", account: "111111111111", region: "eu-west-2", items: inTable, adopted: true, calls: []moment{{"ListBackups", 1, false}, {"RestoreTableFromBackup", 1, false}, {"Scan", 5, false}}},
		{scenario: "region-imported", account: "222222222222", region: "eu-west-1", items: inVault, adopted: true, imports: 1, calls: []moment{{"ImportTable", 1, false}, {"DescribeImport", 2, false}, {"Scan", 1, false}, {"PutItem", 4, false}}},
		{scenario: "evacuated", account: "111111111111", region: "eu-west-1", items: inTable, adopted: true, calls: []moment{{"RestoreTableToPointInTime", 1, false}, {"Scan", 5, false}, {"PutItem", 4, false}}},
	}
}

type back struct {
	scenario, account, region string // where the table comes back
	items                     int
	calls                     []moment
	adopted                   bool // the step makes the table, and its stack adopts it
	imports                   int  // by which the table is made
}

// kills is how often each recovery is killed; LIFEBOAT_KILLS makes it more.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("LIFEBOAT_KILLS"), "2"))
	if err != nil {
		t.Fatalf("LIFEBOAT_KILLS: %v", err)
	}
	return n
}

// Killed while a table's data is loaded, rewound or restored, a recovery goes on with resume: the table then holds every item of the copy and no
// other, the digest is equal, and what was done is not done again.
func TestKilledWhileDataComesBack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB many times")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	home := newHome(t, "testdata/killdata", "store")
	for i, b := range backs() { // after the first of them all have the data that it wrote
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		k := home.struck(t, disaster{scenario: b.scenario})
		cloud, err := stage.Open(k.folder())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := cloud.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
		t.Run(b.scenario, func(t *testing.T) {
			t.Parallel()
			c := &comeback{killed: k, back: b, cloud: cloud, door: newDoor(t, cloud)}
			c.recover(t, dice)
		})
	}
}

// comeback is a recovery that brings a table's data back through a door.
type comeback struct {
	*killed
	back
	cloud *stage.Cloud
	door  *door
}

// folder is the drill's.
func (k *killed) folder() string { return filepath.Join(k.base, ".lifeboat", "runs", k.run) }

func (c *comeback) recover(t *testing.T, dice *rand.Rand) {
	t.Helper()
	c.door.in(t, c.folder(), *c.cloud)
	var done []string
	runs := &file.Store{Root: filepath.Dir(c.folder())}
	for left := kills(t); left > 0; left-- {
		m := c.calls[len(c.calls)-1]
		if left > 1 {
			m = c.calls[dice.IntN(len(c.calls))]
		}
		m.n, m.answered = 1+dice.IntN(m.n), dice.IntN(2) == 0
		if !c.killAt(t, m, []string{"resume", "latest", "--keep"}) {
			break
		}
		done = c.done(t, runs)
	}
	c.door.expect(moment{})
	var stdout, stderr bytes.Buffer
	last := c.through(t, "resume", "latest", "--keep", "--format", "json")
	last.Stdout, last.Stderr = &stdout, &stderr
	err := last.Run()
	var doc report.Document
	if bad := json.Unmarshal(stdout.Bytes(), &doc); err != nil || bad != nil || doc.Result != "recovered" || len(doc.Data) != 1 {
		t.Fatalf("resume: %v, %v, result %q\n%s\n%s", err, bad, doc.Result, &stdout, &stderr)
	}
	if d := doc.Data[0]; !d.Digest || d.Expected != inTable || d.Recovered != int64(c.items) || d.Refused != 0 {
		t.Errorf("the report says %+v", d)
	} else if c.adopted && (!d.Adopted || d.PlanEmpty == nil || !*d.PlanEmpty) {
		t.Errorf("nothing proves that the stack has the table: %+v", d)
	}
	c.notAgain(t, runs, done)
	c.look(t)
	if c.adopted {
		c.once(t)
	}
}

// through is lifeboat with its cloud behind the door.
func (c *comeback) through(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	p := c.command(t, c.base, args...)
	p.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+c.door.url, "AWS_ACCESS_KEY_ID="+c.account, "AWS_SECRET_ACCESS_KEY=any", "AWS_SESSION_TOKEN=", "AWS_EC2_METADATA_DISABLED=true")
	return p
}

// killAt kills lifeboat at a moment. It tells whether the moment came, before lifeboat was done.
func (c *comeback) killAt(t *testing.T, m moment, args []string) bool {
	t.Helper()
	came, gone := c.door.expect(m)
	defer close(gone)
	var stderr bytes.Buffer
	p := c.through(t, args...)
	p.Stderr = &stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	select {
	case <-came:
		kill(t, p)
		<-ended
		t.Logf("killed at %s number %d, answered: %v", m.operation, m.n, m.answered)
		return true
	case err := <-ended:
		t.Logf("%s number %d did not come", m.operation, m.n)
		if err != nil && p.ProcessState.ExitCode() != 4 { // 4: it came to the stack's question
			t.Fatalf("%v: %v\n%s", args, err, &stderr)
		}
		return false
	}
}

// once looks at what there is besides the state's locks: the table, and of imports as many as the table needs.
func (c *comeback) once(t *testing.T) {
	t.Helper()
	api := at(t, c.cloud, c.account, c.region).DynamoDB
	tables, err := api.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil || !slices.Equal(tables.TableNames, []string{"history", "killed-lock"}) {
		t.Errorf("tables %+v, %v", tables, err)
	}
	imports, err := api.ListImports(t.Context(), &dynamodb.ListImportsInput{})
	if err != nil || len(imports.ImportSummaryList) != c.imports {
		t.Errorf("imports %+v, %v", imports, err)
	}
}

// look reads the table as anybody would: so many items, each once, none of a release that wrote nonsense, none newer than the copy.
func (c *comeback) look(t *testing.T) {
	t.Helper()
	revisions := map[string]int{}
	for p := dynamodb.NewScanPaginator(at(t, c.cloud, c.account, c.region).DynamoDB, &dynamodb.ScanInput{TableName: new("history")}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			n, ok := it["lifeboat_revision"].(*types.AttributeValueMemberN)
			if !ok {
				t.Fatalf("item %v", it)
			}
			revisions[n.Value]++
		}
	}
	want := map[string]int{"0": inVault}
	if c.items == inTable { // every fifth of 20,000 was changed, every fiftieth deleted, which had been changed
		want = map[string]int{"0": 16_000, "1": 3_600}
	}
	if fmt.Sprint(revisions) != fmt.Sprint(want) {
		t.Errorf("items by revision: %v, want %v", revisions, want)
	}
}
