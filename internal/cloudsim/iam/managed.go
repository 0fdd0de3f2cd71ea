package iam

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"iter"
	"path"
	"strings"
	"time"
)

// managedList has a line for each AWS-managed policy: path and name, default version, days of creation and last update
// (AWS Managed Policy Reference, 2026). Their documents are not here: nothing evaluates them.
//
//go:embed managed.txt
var managedList string

const managedPrefix = "arn:aws:iam::aws:policy"

// managed gives AWS's own policy of an ARN.
func managed(arn string) (*policy, bool) {
	name, ok := strings.CutPrefix(arn, managedPrefix)
	if !ok {
		return nil, false
	}
	for line := range strings.Lines(managedList) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return managedPolicy(arn, strings.Fields(rest)), true
		}
	}
	return nil, false
}

// allManaged gives every AWS-managed policy.
func allManaged() iter.Seq[*policy] {
	return func(yield func(*policy) bool) {
		for line := range strings.Lines(managedList) {
			f := strings.Fields(line)
			if !yield(managedPolicy(managedPrefix+f[0], f[1:])) {
				return
			}
		}
	}
}

// managedPolicy reads the rest of a line. The identifier is made of the ARN: it has the form of AWS's own, not its value.
func managedPolicy(arn string, rest []string) *policy {
	sum := sha256.Sum256([]byte(arn))
	dir, name := path.Split(strings.TrimPrefix(arn, managedPrefix))
	p := &policy{Name: name, Path: dir, ARN: arn, ID: "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17], Default: rest[0]}
	p.Created, _ = time.Parse(time.DateOnly, rest[1])
	p.Updated, _ = time.Parse(time.DateOnly, rest[2])
	return p
}
