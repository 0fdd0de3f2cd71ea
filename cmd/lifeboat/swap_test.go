package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// Killed when the restore has begun, while the restored table gets its settings, when the state has forgotten the damaged table, and in the middle of the
// apply, a swap goes on with resume: the
// restored table is in the damaged one's place with every item and every setting, what reads the name has the new one, the damaged table is there, and
// terraform, asked without Lifeboat and with the new name, has nothing to change.
func TestKilledWhileATableIsSwapped(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB many times")
	}
	k := newHome(t, "testdata/swap", "data").struck(t, disaster{scenario: "bad-deploy"})
	cloud, err := stage.Open(k.folder())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	c := &comeback{killed: k, back: back{scenario: "bad-deploy", account: "111111111111", region: "eu-west-2"}, cloud: cloud, door: newDoor(t, cloud)}
	c.door.in(t, c.folder(), *cloud)
	runs := &file.Store{Root: filepath.Dir(c.folder())}
	var done []string
	// The state's lock is let go for the first time when the state has forgotten the table.
	for _, m := range []moment{{"RestoreTableToPointInTime", 1, true}, {"UpdateTimeToLive", 1, true}, {"DeleteItem", 1, true}, {"PutParameter", 1, true}} {
		if !c.killAt(t, m, []string{"resume", "latest", "--keep"}) {
			t.Fatalf("the recovery ended without %s", m.operation)
		}
		done = c.done(t, runs)
	}
	c.door.expect(moment{})
	var stdout, stderr bytes.Buffer
	last := c.through(t, "resume", "latest", "--keep", "--format", "json")
	last.Stdout, last.Stderr = &stdout, &stderr
	err = last.Run()
	var doc report.Document
	if bad := json.Unmarshal(stdout.Bytes(), &doc); err != nil || bad != nil || doc.Result != "recovered" || len(doc.Data) != 1 {
		t.Fatalf("resume: %v, %v, result %q\n%s\n%s", err, bad, doc.Result, &stdout, &stderr)
	}
	d := doc.Data[0]
	if !d.Digest || d.Expected != inTable || d.Recovered != inTable || d.Lost == nil || *d.Lost != 0 || d.Wrong == nil || *d.Wrong != 0 {
		t.Errorf("the report says %+v", d)
	}
	if !d.Adopted || d.PlanEmpty == nil || !*d.PlanEmpty {
		t.Errorf("nothing proves that the stack has the table: %+v", d)
	}
	c.notAgain(t, runs, done)
	c.follows(t, at(t, cloud, c.account, c.region), d.Table)
	c.nothingToChange(t, d.Table)
}

// follows tells whether what reads the table's name has the new one, and the old table is there.
func (c *comeback) follows(t *testing.T, aws *awscloud.Clients, name string) {
	t.Helper()
	p, err := aws.SSM.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/history/table")})
	if err != nil || *p.Parameter.Value != name || !strings.HasPrefix(name, "history-eu-west-2-lifeboat-") {
		t.Errorf("the table is called %s, its reader has %+v, %v", name, p, err)
	}
	if _, err := aws.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: new("history-eu-west-2")}); err != nil {
		t.Error(err)
	}
}

// nothingToChange plans the code as its owners do on the next day, with the new name.
func (c *comeback) nothingToChange(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"data", "shared"} {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata/swap/infrastructure", from))); err != nil {
			t.Fatal(err)
		}
	}
	const backend = `terraform {
  backend "s3" {
    bucket         = "history-state-111111111111"
    key            = "data.tfstate"
    region         = "eu-west-2"
    dynamodb_table = "history-lock"
    encrypt        = true
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "backend.tf"), []byte(backend), 0o600); err != nil {
		t.Fatal(err)
	}
	tool, err := terraform.Open(t.Context(), terraform.Setup{Env: proc.OS().Env, Runner: proc.Programs{}, Who: "test", Project: dir, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	env := proc.Env{
		"AWS_ENDPOINT_URL": c.cloud.Endpoint, "AWS_ACCESS_KEY_ID": c.account, "AWS_SECRET_ACCESS_KEY": "any", "AWS_EC2_METADATA_DISABLED": "true",
		"TF_VAR_table_name": name, "TF_VAR_aws_region": c.region,
	}
	for _, args := range [][]string{{"init", "-input=false"}, {"plan", "-input=false", "-detailed-exitcode"}} {
		var out bytes.Buffer
		err := proc.Programs{}.Run(t.Context(), proc.Cmd{Path: tool.Path, Args: args, Env: tool.Environ(nil, env), Dir: dir, Stdout: &out, Stderr: &out})
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", tool.Path, args[0], err, &out)
		}
	}
}
