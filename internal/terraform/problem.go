package terraform

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Problem is a diagnostic of terraform.
type Problem struct {
	Warning bool
	Address string // of the resource
	Summary string
	Detail  string
	File    string // in the working copy's stack, so as in the user's
	Line    int
}

// String is one line: where, what, and the first line of why.
func (p Problem) String() string {
	s := p.Summary
	if p.File != "" {
		s = fmt.Sprintf("%s:%d: %s", p.File, p.Line, s)
	}
	if p.Address != "" {
		s = p.Address + ": " + s
	}
	if d := strings.Join(strings.Fields(p.Detail), " "); d != "" && !strings.Contains(s, d) {
		s += ": " + clip(d, 600)
	}
	return s
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "..."
}

// RunError is a command that did not succeed.
type RunError struct {
	Command  string    // init, plan, apply...
	Problems []Problem // errors only
	Text     string    // what it printed besides
	Err      error
}

// Error is the first problems, one line each.
func (f *RunError) Error() string {
	var lines []string
	for i, p := range f.Problems {
		if i == 5 {
			lines = append(lines, fmt.Sprintf("and %d more", len(f.Problems)-i))
			break
		}
		lines = append(lines, p.String())
	}
	if len(lines) == 0 && f.Text != "" {
		lines = append(lines, clip(strings.Join(strings.Fields(f.Text), " "), 1000))
	}
	if len(lines) == 0 || f.Killed() {
		lines = append(lines, f.Err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives how the process ended.
func (f *RunError) Unwrap() error { return f.Err }

// Killed tells whether the command was ended by a signal, and so could not clean up.
func (f *RunError) Killed() bool {
	var exit *proc.Exit
	return errors.As(f.Err, &exit) && exit.Code < 0
}

// Stale tells whether the state was changed by somebody after the plan was made, so that terraform refused it.
func (f *RunError) Stale() bool { return f.has("Saved plan is stale") }

func (f *RunError) has(text string) bool {
	for _, p := range f.Problems {
		if strings.Contains(p.Summary, text) || strings.Contains(p.Detail, text) {
			return true
		}
	}
	return strings.Contains(f.Text, text)
}

// Class is permanent if any problem is: trying again would meet it again.
func (f *RunError) Class() step.Class {
	if c := step.ClassOf(f.Err); c != step.Permanent { // we were told to stop
		return c
	}
	if f.Killed() {
		return step.Transient
	}
	class := step.Permanent
	for i, p := range f.Problems {
		c := classOf(p.Summary + "\n" + p.Detail)
		if c == step.Permanent {
			return c
		}
		if i == 0 || c == step.Throttle {
			class = c
		}
	}
	return class
}

// classOf reads the class out of what AWS or the network said (AWS General Reference, "Error retries"; the services' common errors).
func classOf(text string) step.Class {
	for _, s := range []string{
		"Throttling", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "Rate exceeded", "ProvisionedThroughputExceeded",
		"StatusCode: 429", "simultaneous table", "Subscriber limit exceeded",
	} {
		if strings.Contains(text, s) {
			return step.Throttle
		}
	}
	for _, s := range []string{
		"StatusCode: 500", "StatusCode: 502", "StatusCode: 503", "StatusCode: 504", "connection refused", "connection reset", "i/o timeout",
		"TLS handshake timeout", "Client.Timeout", "RequestTimeout", "ServiceUnavailable", "InternalServerError", "unexpected EOF",
		"no such host", "exceeded maximum number of attempts", "ExpiredToken", "RequestExpired", "OperationAborted",
		"state data in S3 does not have the expected content", // somebody wrote it meanwhile: the step looks at it again
	} {
		if strings.Contains(text, s) {
			return step.Transient
		}
	}
	return step.Permanent
}

// Action is the AWS action that the first problem names: what was not allowed, or else the call that failed.
func (f *RunError) Action() string {
	denied := regexp.MustCompile(`not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9]+)`)
	failed := regexp.MustCompile(`operation error ([A-Za-z0-9 ]+): ([A-Za-z0-9]+)`)
	for _, p := range f.Problems {
		if m := denied.FindStringSubmatch(p.Detail + p.Summary); m != nil {
			return m[1]
		}
		if m := failed.FindStringSubmatch(p.Summary + "\n" + p.Detail); m != nil {
			return prefix(m[1]) + ":" + action(m[1], m[2])
		}
	}
	return ""
}

// prefix is the service's name in IAM policies (Service Authorization Reference), from the SDK's service id.
func prefix(service string) string {
	switch service {
	case "CloudWatch Logs":
		return "logs"
	case "EventBridge":
		return "events"
	case "SFN":
		return "states"
	case "ApiGatewayV2", "API Gateway":
		return "apigateway"
	case "Elastic Load Balancing v2":
		return "elasticloadbalancing"
	default:
		return strings.ToLower(strings.ReplaceAll(service, " ", ""))
	}
}

// action is the IAM action of a call, where their names differ.
func action(service, call string) string {
	if service != "S3" {
		return call
	}
	switch call {
	case "HeadBucket", "ListObjects", "ListObjectsV2":
		return "ListBucket"
	case "HeadObject":
		return "GetObject"
	case "PutBucketEncryption", "GetBucketEncryption":
		return strings.Replace(call, "Bucket", "", 1) + "Configuration"
	default:
		return call
	}
}

// Lock says who holds a state's lock.
type Lock struct {
	ID, Path, Operation, Who string
	Created                  time.Time
}

// Lock gives the lock that the command met, nil if it met none.
func (f *RunError) Lock() *Lock {
	for _, p := range f.Problems {
		if !strings.Contains(p.Summary, "state lock") && !strings.Contains(p.Summary, "locking state") {
			continue
		}
		l := &Lock{}
		for line := range strings.Lines(p.Detail) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.TrimSpace(value)
			switch name {
			case "ID":
				l.ID = value
			case "Path":
				l.Path = value
			case "Operation":
				l.Operation = value
			case "Who":
				l.Who = value
			case "Created":
				l.Created, _ = time.Parse("2006-01-02 15:04:05.999999999 -0700 MST", value) // zero: unknown, so never ours
			}
		}
		if l.ID != "" {
			return l
		}
	}
	return nil
}

// Left tells whether the lock was left by a command of the same user and machine that started at the given instant and ended without
// cleaning up. Terraform takes the lock within moments of its start, and the command held its log until it died, so nobody
// else of that name can have taken the lock in that window.
func (l *Lock) Left(who string, started time.Time) bool {
	return l.Who == who && !started.IsZero() && !l.Created.Before(started.Add(-time.Second)) && l.Created.Before(started.Add(time.Minute))
}

// Explain says a failure so that a tired person can act. What is the work that failed, such as `stack "blue"`.
func (f *RunError) Explain(what, site string) *step.Error {
	e := &step.Error{Class: f.Class(), What: f.Command + " of " + what + " failed", Site: site, Action: f.Action(), Err: f}
	switch {
	case e.Class == step.Cancelled || e.Class == step.Timeout:
		e.Next = "`lifeboat resume` waits until it has ended, looks at what is there and goes on"
	case f.has("AccessDenied") || f.has("not authorized") || f.has("UnauthorizedOperation"):
		e.Why, e.Next = "the role that recovers the site may not do this", "allow the action, then `lifeboat resume`"
	case f.has("state data in S3 does not have the expected content"):
		e.Why = "the lock table's digest item does not match the state object, as after a restored state; it did when the step began"
		e.Next = "the next try compares the state with its versions, and asks which one counts"
	case f.has("checksums previously recorded in the dependency lock file"):
		e.Why = "the provider in the mirror is not the one that .terraform.lock.hcl was written for, or the lock file was never written for " + platform()
		e.Next = "run `providers lock -platform=" + platform() + "` where the registry can be reached and commit the lock file, or put the right package into the mirror"
	case f.has("no available releases match") || f.has("is no longer available"):
		e.Why, e.Next = "the version that the code or its lock file asks for is neither in the mirror nor at the registry", "put it into the folder that "+EnvMirror+" names"
	case f.has("available versions for provider") || f.has("Could not resolve provider") || f.has("could not connect to registry"):
		e.Why, e.Next = "the provider is in no mirror on this machine and its registry cannot be reached", "name a mirror with "+EnvMirror+", or reach the registry"
	case f.Killed():
		e.Why, e.Next = "a killed process could not save everything", "`lifeboat resume` looks at what is there and goes on"
	case e.Class == step.Permanent:
		e.Next = "fix the cause, then `lifeboat resume`"
	}
	return e
}
