package stack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// fake is a terraform with one state and one lock in the world. It reads no code: the test says what the code wants. What it
// prints is what terraform 1.11 prints.
type fake struct {
	mu      sync.Mutex
	wants   map[string]string // address to value
	has     map[string]string // the state, which is also the world
	serial  int
	lock    string            // text of the holder; empty: free
	outputs map[string]string // name to JSON
	hidden  []string          // names of sensitive outputs
	said    []string          // the arguments of every command
	vars    string            // what the last plan read from standard input
	env     proc.Env          // of the last command
	applied int               // applies that changed something
	// strike is asked before each resource is made: an *proc.Exit is a killed command, any other error a failed resource.
	strike func(address string) error
	warn   string // a variable that a plan warns about
}

func newFake() *fake {
	return &fake{
		wants: map[string]string{"aws_a.x": "1", "aws_b.y": "1"}, has: map[string]string{},
		outputs: map[string]string{"url": `"https://example.org"`, "key": `"k-1234567890"`}, hidden: []string{"key"},
	}
}

var _ proc.Runner = (*fake)(nil)

func (f *fake) Run(ctx context.Context, c proc.Cmd) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	f.said, f.env = append(f.said, strings.Join(c.Args, " ")), c.Env
	switch c.Args[0] {
	case "version":
		_, err := io.WriteString(c.Stdout, "Terraform v1.11.4\n")
		return err
	case "output":
		return f.printOutputs(c.Stdout)
	case "force-unlock":
		if id := c.Args[len(c.Args)-1]; !strings.Contains(f.lock, id) {
			return f.fail(c, "Failed to unlock state", "no lock "+id)
		}
		f.lock = ""
		return nil
	}
	f.say(c, "version", `"ui":"1.2"`)
	switch c.Args[0] {
	case "plan":
		return f.plan(c)
	case "apply":
		return f.apply(c)
	default:
		return nil
	}
}

func (f *fake) say(c proc.Cmd, kind, rest string) {
	_, _ = fmt.Fprintf(c.Stdout, `{"@level":"info","@timestamp":"%s","type":"%s",%s}`+"\n", clock.System{}.Now().Format(time.RFC3339Nano), kind, rest)
}

func (f *fake) fail(c proc.Cmd, summary, detail string) error {
	d, _ := json.Marshal(map[string]string{"severity": "error", "summary": summary, "detail": detail})
	f.say(c, "diagnostic", `"diagnostic":`+string(d))
	return &proc.Exit{Code: 1, Err: errors.New("exit status 1")}
}

// holder is the lock of a command that starts now.
func holder(who string) string {
	return fmt.Sprintf("Lock Info:\n  ID:        id-of-%s\n  Path:      b/k\n  Operation: OperationTypeApply\n  Who:       %s\n  Created:   %s\n",
		who, who, clock.System{}.Now().Format("2006-01-02 15:04:05.999999999 -0700 MST"))
}

// saved is the content of a plan file.
type saved struct {
	Serial int
	Wants  map[string]string
}

func (f *fake) plan(c proc.Cmd) error {
	vars, err := io.ReadAll(c.Stdin)
	if err != nil {
		return err
	}
	f.vars = string(vars)
	if f.lock != "" {
		return f.fail(c, "Error acquiring the state lock", f.lock)
	}
	add, change, remove := 0, 0, 0
	for _, addr := range slices.Sorted(maps.Keys(f.wants)) {
		switch has, there := f.has[addr]; {
		case !there:
			add++
			f.change(c, addr, "create")
		case has != f.wants[addr]:
			change++
			f.change(c, addr, "update")
		}
	}
	for _, addr := range slices.Sorted(maps.Keys(f.has)) {
		if _, wanted := f.wants[addr]; !wanted {
			remove++
			f.change(c, addr, "delete")
		}
	}
	if f.warn != "" {
		f.say(c, "diagnostic", fmt.Sprintf(`"diagnostic":{"severity":"warning","summary":"Value for undeclared variable","detail":"The root module does not declare a variable named \"%s\" but"}`, f.warn))
	}
	f.say(c, "change_summary", fmt.Sprintf(`"changes":{"add":%d,"change":%d,"import":0,"remove":%d,"operation":"plan"}`, add, change, remove))
	f.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"action":"noop"}}`)
	text, err := json.Marshal(saved{f.serial, f.wants})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "lifeboat.tfplan"), text, 0o600); err != nil {
		return err
	}
	if add+change+remove > 0 {
		return &proc.Exit{Code: 2, Err: errors.New("exit status 2")}
	}
	return nil
}

func (f *fake) change(c proc.Cmd, addr, action string) {
	f.say(c, "planned_change", fmt.Sprintf(`"change":{"resource":{"addr":"%s"},"action":"%s"}`, addr, action))
}

func (f *fake) hook(c proc.Cmd, kind, addr string) {
	f.say(c, kind, fmt.Sprintf(`"hook":{"resource":{"addr":"%s"},"action":"create","elapsed_seconds":3}`, addr))
}

func (f *fake) apply(c proc.Cmd) error {
	text, err := os.ReadFile(filepath.Join(c.Dir, c.Args[len(c.Args)-1]))
	if err != nil {
		return f.fail(c, "Failed to load plan", err.Error())
	}
	var p saved
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	if f.lock != "" {
		return f.fail(c, "Error acquiring the state lock", f.lock)
	}
	if p.Serial != f.serial {
		return f.fail(c, "Saved plan is stale", "The state was changed.")
	}
	f.lock = holder("me@here")
	f.applied++
	f.serial++
	for _, addr := range slices.Sorted(maps.Keys(p.Wants)) {
		if f.has[addr] == p.Wants[addr] {
			continue
		}
		f.hook(c, "apply_start", addr)
		if f.strike != nil {
			if err := f.strike(addr); err != nil {
				if _, killed := errors.AsType[*proc.Exit](err); killed {
					return err // nobody releases the lock
				}
				f.lock = ""
				return f.fail(c, "creating "+addr, err.Error())
			}
		}
		f.has[addr] = p.Wants[addr]
		f.hook(c, "apply_complete", addr)
	}
	maps.DeleteFunc(f.has, func(addr, _ string) bool { _, wanted := p.Wants[addr]; return !wanted })
	f.lock = ""
	f.say(c, "change_summary", `"changes":{"add":2,"change":0,"import":0,"remove":0,"operation":"apply"}`)
	f.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"value":`+f.outputs["url"]+`},"key":{"sensitive":true}}`)
	return nil
}

func (f *fake) printOutputs(w io.Writer) error {
	out := map[string]any{}
	for name, value := range f.outputs {
		out[name] = map[string]any{"sensitive": slices.Contains(f.hidden, name), "value": json.RawMessage(value)}
	}
	return json.NewEncoder(w).Encode(out)
}

// commands are the names of the commands that ran.
func (f *fake) commands() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, s := range f.said {
		name, _, _ := strings.Cut(s, " ")
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func (f *fake) complete() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !maps.Equal(f.wants, f.has) || f.lock != "" {
		return fmt.Errorf("the world has %v, the code wants %v, lock %q", f.has, f.wants, f.lock)
	}
	return nil
}
