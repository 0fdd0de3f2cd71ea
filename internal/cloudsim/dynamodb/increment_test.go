package dynamodb_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// line is a line of an export.
type line struct {
	Item, Keys, NewImage map[string]struct{ S string }
}

// apply brings a copy up to date with the lines of an export.
func apply(t *rapid.T, to map[string]string, lines []string) {
	for _, text := range lines {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Item != nil:
			to[l.Item["p"].S] = l.Item["v"].S
		case l.NewImage != nil:
			to[l.Keys["p"].S] = l.NewImage["v"].S
		default:
			delete(to, l.Keys["p"].S)
		}
	}
}

// A full export, brought up to date by incremental ones whose periods follow each other, is the table as it was just before the end of
// the last period.
func TestIncrementsFollowEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlane(t)
		p.make(nil)
		p.recoverable(true, nil)
		h := newHistory(p)
		some := func() {
			for range rapid.IntRange(0, 8).Draw(rt, "writes") {
				h.write(rt)
			}
			p.clock.pass(time.Duration(rapid.IntRange(0, 2500).Draw(rt, "milliseconds")) * time.Millisecond)
		}
		some()
		from := p.clock.Now().Truncate(time.Second)
		some()
		p.clock.pass(5 * time.Minute)
		have := map[string]string{}
		_, lines := p.manifest(p.export(func(in *awsdynamodb.ExportTableToPointInTimeInput) { in.ExportTime = &from }))
		apply(rt, have, lines)
		for range rapid.IntRange(1, 3).Draw(rt, "increments") {
			some()
			p.clock.pass(15 * time.Minute)
			some()
			to := p.clock.Now().Truncate(time.Second)
			some()
			_, lines := p.manifest(p.export(func(in *awsdynamodb.ExportTableToPointInTimeInput) {
				in.ExportType = types.ExportTypeIncrementalExport
				in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: aws.Time(from), ExportToTime: &to}
			}))
			apply(rt, have, lines)
			if diff := cmp.Diff(h.at(to.Add(-1)), have); diff != "" {
				rt.Fatalf("at %v (-table +copy):\n%s", to, diff)
			}
			from = to
		}
	})
}
