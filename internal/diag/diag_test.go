package diag

import (
	"errors"
	"fmt"
	"testing"
)

// TestFailure keeps the promises that warnings alone forbid nothing, and that a failure carries the whole list through wrapping.
func TestFailure(t *testing.T) {
	t.Parallel()
	warn := List{{Severity: Warning, Summary: "careful"}}
	if warn.Err() != nil || List(nil).Err() != nil {
		t.Error("a warning is an error")
	}
	at := Range{File: "lifeboat.hcl", Start: Pos{Line: 2, Column: 3}}
	err := fmt.Errorf("load: %w", append(warn, Errorf(at, "Unknown x", "No %s.", "x")...).Err())
	if got := err.Error(); got != "load: lifeboat.hcl:2:3: Unknown x (and 1 more)" {
		t.Errorf("got %q", got)
	}
	if l, ok := FromError(err); !ok || len(l) != 2 || l[1].Detail != "No x." {
		t.Errorf("list %v", l)
	}
	if _, ok := FromError(errors.New("x")); ok {
		t.Error("another error has a list")
	}
}

// TestSorted keeps the promise that people read from top to bottom, errors first where both stand.
func TestSorted(t *testing.T) {
	t.Parallel()
	pos := func(file string, b int) Range { return Range{File: file, Start: Pos{Byte: b}} }
	l := List{{Severity: Warning, Summary: "c", Subject: pos("a", 5)}, {Summary: "d", Subject: pos("b", 0)}, {Summary: "b", Subject: pos("a", 5)}, {Summary: "a", Subject: pos("a", 1)}}
	got := ""
	for _, d := range l.Sorted() {
		got += d.Summary
	}
	if got != "abcd" || l[0].Summary != "c" {
		t.Errorf("order %s, and the list itself begins with %s", got, l[0].Summary)
	}
}
