package planfile

import (
	"slices"
	"testing"
	"time"
)

// TestDurations keeps the promise that units are read exactly, and that usual mistakes get the right form as a hint.
func TestDurations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want time.Duration
		hint string
	}{
		{"4h", 4 * time.Hour, ""},
		{"1h30m", 90 * time.Minute, ""},
		{"90s", 90 * time.Second, ""},
		{"35d", 35 * 24 * time.Hour, ""},
		{"1d12h", 36 * time.Hour, ""},
		{"366d", 366 * 24 * time.Hour, ""},
		{"367d", 0, ""},
		{"99999999999999999999d", 0, ""},
		{"", 0, ""},
		{"0s", 0, ""},
		{"0d", 0, ""},
		{"-1h", 0, ""},
		{"h", 0, ""},
		{"d", 0, ""},
		{"1d1d", 0, ""},
		{"4 hours", 0, `Write "4h"`},
		{"4 Hours", 0, `Write "4h"`},
		{"30 min", 0, `Write "30m"`},
		{"30 minutes", 0, `Write "30m"`},
		{"2 days", 0, `Write "2d"`},
		{"1 week", 0, `Write "1w"`},
		{"2w", 14 * 24 * time.Hour, ""},
		{"1w1d", 8 * 24 * time.Hour, ""},
		{"53w", 0, ""},
		{"10 sec", 0, `Write "10s"`},
		{"3 months", 0, ""},
		{"5", 0, `Say which unit: "5s", "5m" or "5h"`},
	} {
		got, hint, err := parseDuration(c.text)
		if (err == nil) != (c.want > 0) || err == nil && got != c.want || hint != c.hint {
			t.Errorf("%q: got %v, %q, %v", c.text, got, hint, err)
		}
	}
}

// TestPoints keeps the promise that a point in time to recover to is understood before the disaster.
func TestPoints(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"latest": true, "before-disaster": true, "-15m": true, "-35d": true, "2026-11-23T04:00:00Z": true, "2026-11-23T04:00:00+01:00": true,
		"": false, "now": false, "15m": false, "-": false, "--1h": false, "2026-11-23": false, "2026-02-30T00:00:00Z": false,
	} {
		if got := badPoint(text) == nil; got != ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestRegions keeps the table free of slips: sorted within a partition is not needed, but each is unique and has a partition.
func TestRegions(t *testing.T) {
	t.Parallel()
	list := regions()
	slices.Sort(list)
	if n := len(slices.Compact(slices.Clone(list))); n != len(list) {
		t.Error("a region is listed twice")
	}
	for region, want := range map[string]string{
		"eu-west-2": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
	} {
		if !slices.Contains(list, region) || partition(region) != want {
			t.Errorf("%s: partition %s", region, partition(region))
		}
	}
}
