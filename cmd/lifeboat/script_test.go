package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
)

// code runs a program and wants its exit code: `code 2 lifeboat plan nope`.
func code(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// await waits until a file is there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear within 10 s", args[0])
}

// columns wants no line of a file to be wider: `columns 60 stdout`.
func columns(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	if strings.TrimSpace(text) == "" {
		ts.Fatalf("%s is empty", args[1])
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\r\n")); n > limit {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// jsonValue wants a file to be one JSON document, and a value in it to match a pattern: `json stdout steps.0.status succeeded`.
func jsonValue(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for key := range strings.SplitSeq(args[1], ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[key]
			if !ok {
				ts.Fatalf("%s: there is no %q", args[1], key)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				ts.Fatalf("%s: %d elements, no %q", args[1], len(in), key)
			}
			v = in[i]
		default:
			ts.Fatalf("%s: nothing is inside of %v", args[1], v)
		}
	}
	if got := fmt.Sprint(v); !regexp.MustCompile(`^(?:` + args[2] + `)$`).MatchString(got) {
		ts.Fatalf("%s is %q, want %s", args[1], got, args[2])
	}
}

// ahead is a clock that can be put ahead.
type ahead struct{ by atomic.Int64 }

func (a *ahead) Now() time.Time { return time.Now().UTC().Add(time.Duration(a.by.Load())) }

// cloud starts a drill cloud for the script and gives the environment credentials of an account in it: `cloud 222222222222`. With
// `expired` they are temporary ones whose time is over; with `fast` the cloud's clock runs a thousand times as fast.
func cloud(ts *testscript.TestScript, _ bool, args []string) {
	var clock ahead
	cfg := cloudsim.Config{Seed: 1, Clock: &clock}
	if slices.Contains(args, "fast") {
		cfg.Speed = 1000
	}
	c, err := cloudsim.New(cfg)
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx, ln) }()
	ts.Defer(func() { stop(); ts.Check(<-ended) })

	endpoint := "http://" + ln.Addr().String()
	keys := sdk.Credentials{AccessKeyID: args[0], SecretAccessKey: "any"}
	if slices.Contains(args, "expired") {
		client := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: credentials.StaticCredentialsProvider{Value: keys}})
		out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{})
		ts.Check(err)
		keys = sdk.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
		clock.by.Store(int64(48 * time.Hour))
	}
	ts.Setenv("AWS_ENDPOINT_URL", endpoint)
	ts.Setenv("AWS_ACCESS_KEY_ID", keys.AccessKeyID)
	ts.Setenv("AWS_SECRET_ACCESS_KEY", keys.SecretAccessKey)
	ts.Setenv("AWS_SESSION_TOKEN", keys.SessionToken)
}
