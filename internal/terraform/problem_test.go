package terraform

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// feed gives what a stream of messages comes to, as a command that failed.
func feed(t *testing.T, text string, secrets ...string) *RunError {
	t.Helper()
	s := &stream{secrets: secrets}
	if err := s.read(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return s.failure("apply", &proc.Exit{Code: 1, Err: errors.New("exit status 1")})
}

// diag is a diagnostic message as terraform 1.11 and tofu 1.12 write it.
func diag(summary, detail string) string {
	r := strings.NewReplacer("\n", `\n`, `"`, `\"`)
	return `{"@level":"error","@message":"Error: x","type":"diagnostic","diagnostic":{"severity":"error","summary":"` + r.Replace(summary) +
		`","detail":"` + r.Replace(detail) + `","address":"aws_x.y","range":{"filename":"main.tf","start":{"line":7,"column":1,"byte":1}}}}` + "\n"
}

// A failed command says the class, the AWS action and what to do; the texts are the provider's and the backend's.
func TestFailuresAreExplained(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, summary, detail string
		class                 step.Class
		action, advice        string
	}{
		{
			"denied by name", "creating IAM Role (x)",
			"operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: User: arn:aws:sts::222222222222:assumed-role/r/s is not authorized to perform: iam:CreateRole on resource: x",
			step.Permanent, "iam:CreateRole", "allow the action",
		},
		{
			"denied without a name", "creating Amazon DynamoDB Table (x): operation error DynamoDB: CreateTable, https response error StatusCode: 400, RequestID: 1, api error AccessDeniedException: denied", "",
			step.Permanent, "dynamodb:CreateTable", "allow the action",
		},
		{
			"throttled", "creating API Gateway API Key",
			"operation error API Gateway: CreateApiKey, exceeded maximum number of attempts, 8, https response error StatusCode: 429, RequestID: 1, TooManyRequestsException: Too Many Requests",
			step.Throttle, "apigateway:CreateApiKey", "",
		},
		{
			"no answer", "Retrieving AWS account details",
			`validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 8, https response error StatusCode: 0, RequestID: , request send failed, Post "https://sts.eu-west-2.amazonaws.com/": dial tcp 127.0.0.1:1: connect: connection refused`,
			step.Transient, "sts:GetCallerIdentity", "",
		},
		{
			"bucket's encryption", "x", "operation error S3: PutBucketEncryption, https response error StatusCode: 503, api error SlowDown: Please reduce your request rate.",
			step.Throttle, "s3:PutEncryptionConfiguration", "",
		},
		{"lost digest", "Error loading state", "state data in S3 does not have the expected content.", step.Transient, "", "digest"},
		{"wrong code", "Reference to undeclared resource", "A managed resource \"a\" \"b\" has not been declared in the root module.", step.Permanent, "", "fix the cause"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := feed(t, diag(tc.summary, tc.detail)).Explain(`stack "blue"`, "standby")
			if e.Class != tc.class || e.Action != tc.action || !strings.Contains(e.Why+e.Next, tc.advice) {
				t.Errorf("class %s action %s why %q next %q, want %s %s %q", e.Class, e.Action, e.Why, e.Next, tc.class, tc.action, tc.advice)
			}
			if text := e.Error(); !strings.Contains(text, "aws_x.y") || !strings.Contains(text, "main.tf:7") || !strings.Contains(text, "standby") {
				t.Errorf("error %q does not say where", text)
			}
		})
	}
}

// One permanent problem makes the failure permanent, for trying again would meet it again; a killed command may be tried again.
func TestClassOfSeveralProblems(t *testing.T) {
	t.Parallel()
	throttled, unsent, wrong := diag("x", "ThrottlingException"), diag("x", "connection reset by peer"), diag("x", "InvalidParameter")
	if c := feed(t, unsent+throttled).Class(); c != step.Throttle {
		t.Errorf("network and throttle: %s", c)
	}
	if c := feed(t, throttled+wrong+unsent).Class(); c != step.Permanent {
		t.Errorf("with a permanent one: %s", c)
	}
	if c := (&RunError{Err: &proc.Exit{Code: -1, Err: errors.New("killed")}}).Class(); c != step.Transient {
		t.Errorf("killed: %s", c)
	}
	if c := feed(t, "").Class(); c != step.Permanent {
		t.Errorf("without a reason: %s", c)
	}
}

// A secret variable's text is in nothing that is shown, even when the code does not mark it as sensitive.
func TestSecretsAreTakenOut(t *testing.T) {
	t.Parallel()
	f := feed(t, diag("bad value hunter2!", "the value hunter2! is wrong")+"panic: hunter2!\n", "hunter2!")
	if text := f.Error() + f.Text; strings.Contains(text, "hunter2!") || !strings.Contains(text, "(secret)") {
		t.Errorf("error shows the secret: %s", text)
	}
}

const lockDetail = `Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: 1, ConditionalCheckFailedException: The conditional request failed
Lock Info:
  ID:        3c556dce-8c23-4026-1391-f15ca14101bd
  Path:      bucket/blue.tfstate
  Operation: OperationTypeApply
  Who:       ana@laptop
  Version:   1.11.4
  Created:   2026-11-23 16:37:05.168833706 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`

// A state lock's owner is read, and only a lock that our own killed command must have left counts as ours.
func TestLocksAndTheirOwners(t *testing.T) {
	t.Parallel()
	l := feed(t, diag("Error acquiring the state lock", lockDetail)).Lock()
	created := time.Date(2026, 11, 23, 16, 37, 5, 168833706, time.UTC)
	want := Lock{ID: "3c556dce-8c23-4026-1391-f15ca14101bd", Path: "bucket/blue.tfstate", Operation: "OperationTypeApply", Who: "ana@laptop", Created: created}
	if l == nil || *l != want {
		t.Fatalf("lock %+v, want %+v", l, want)
	}
	for _, tc := range []struct {
		name    string
		who     string
		started time.Time
		left    bool
	}{
		{"our command took it", "ana@laptop", created.Add(-2 * time.Second), true},
		{"another laptop", "ana@desktop", created.Add(-2 * time.Second), false},
		{"another person", "bob@laptop", created.Add(-2 * time.Second), false},
		{"it was there before our command", "ana@laptop", created.Add(time.Minute), false},
		{"it was taken long after", "ana@laptop", created.Add(-time.Hour), false},
		{"we started nothing", "ana@laptop", time.Time{}, false},
	} {
		if got := l.Left(tc.who, tc.started); got != tc.left {
			t.Errorf("%s: ours = %v, want %v", tc.name, got, tc.left)
		}
	}
	if l := feed(t, diag("Saved plan is stale", "x")); l.Lock() != nil || !l.Stale() {
		t.Error("a stale plan is not told from a lock")
	}
}

// The stream is read whatever pieces it comes in, and whatever it holds.
func FuzzStream(f *testing.F) {
	f.Add([]byte(diag("a", "b")), 7)
	f.Add([]byte(`{"type":"planned_change","change":{"resource":{"addr":"a.b"},"action":"delete"}}`+"\n"), 1)
	f.Add([]byte("{\"type\":\"outputs\",\"outputs\":{\"x\":{\"sensitive\":true}}}\npanic: x\n{\"type\":\"version\",\"ui\":\"2.0\"}\n{"), 3)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		whole, pieces := &stream{}, &stream{}
		werr := whole.read(strings.NewReader(string(text)))
		var perr error
		for rest := string(text); rest != "" && perr == nil; {
			n := min(max(size, 1), len(rest))
			perr = pieces.read(strings.NewReader(rest[:n]))
			rest = rest[n:]
		}
		if (werr == nil) != (perr == nil) {
			t.Fatalf("whole: %v, in pieces: %v", werr, perr)
		}
		if len(whole.changes) != len(pieces.changes) || len(whole.problems) != len(pieces.problems) {
			t.Fatalf("whole: %+v, in pieces: %+v", whole, pieces)
		}
		_ = whole.failure("plan", errors.New("x")).Explain("x", "").Error()
	})
}

// No value is ever an argument: what is not a flag is a file of ours, or an id.
func TestArguments(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		got  []string
		want string
	}{
		{initArgs(true), "init -json -input=false -no-color"},
		{initArgs(false), "init -json -input=false -no-color -backend=false"},
		{planArgs("p", []string{"a.tfvars"}, 4, "15s"), "plan -json -input=false -detailed-exitcode -out=p -lock-timeout=15s -var-file=a.tfvars -var-file=/dev/stdin -parallelism=4"},
		{applyArgs("p", 0, "0s"), "apply -json -input=false -lock-timeout=0s p"},
		{outputArgs(), "output -json -no-color"},
		{unlockArgs("id"), "force-unlock -force -no-color id"},
		{pushArgs("errored.tfstate"), "state push errored.tfstate"},
		{rmArgs([]string{`a_b.c["d"]`}, "5s"), `state rm -lock-timeout=5s a_b.c["d"]`},
	} {
		if got := strings.Join(tc.got, " "); got != tc.want {
			t.Errorf("arguments %q, want %q", got, tc.want)
		}
	}
}

// What a stack declares and needs is found in its code, in either syntax.
func TestCodeIsRead(t *testing.T) {
	t.Parallel()
	c := code{variables: map[string]bool{}}
	c.add("variable \"region\" {}\nvariable name {\n}\n# variable \"no\" {}\nresource \"aws_sqs_queue\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n", false)
	c.add(`{"variable":{"json":{}}}`, true)
	for name, want := range map[string]bool{"region": true, "name": true, "json": true, "no": false, "other": false} {
		if c.variables[name] != want {
			t.Errorf("variable %q declared = %v, want %v", name, c.variables[name], want)
		}
	}
	if len(c.providers) != 1 || c.providers[0] != "aws" {
		t.Errorf("providers %v, want aws", c.providers)
	}
	a, b := code{providers: []string{"aws", "lock:"}}, code{providers: []string{"aws", "lock:"}}
	if a.signature("x") != b.signature("y") {
		t.Error("stacks that need the same providers do not share an init")
	}
	b.modules = true
	if a.signature("x") == b.signature("x") || b.signature("x") == b.signature("y") {
		t.Error("stacks with modules share an init")
	}
	if got := stripHashes("provider \"p\" {\n  version = \"1\"\n  hashes = [\n    \"h1:x\",\n  ]\n}\n"); got != "provider \"p\" {\n  version = \"1\"\n}\n" {
		t.Errorf("lock file without hashes: %q", got)
	}
}
