package protect

import (
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

func prefixes(all []export.Export) string {
	var out []string
	for _, e := range all {
		out = append(out, strings.TrimPrefix(e.Prefix, place+"/AWSDynamoDB/"))
	}
	return strings.Join(out, " ")
}

// A chain goes only if no instant of the window needs it, so that the last one never does; what goes is told, and only with Delete it is deleted.
func TestRetainKeepsWhatTheWindowNeeds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		since  int
		stays  string
		chains int
	}{
		{1, "a b c d e", 0}, {9, "a b c d e", 0}, {10, "c d e", 1}, {15, "c d e", 1}, {20, "e", 2}, {30, "e", 2},
	} {
		for _, del := range []bool{true, false} {
			o, c, cat, told := vault(t)
			c.Delete = del
			before := len(o.keys())
			got, err := c.retain(t.Context(), cat, day(tt.since))
			if err != nil || len(got) != tt.chains || len(*told) != tt.chains || del && prefixes(cat.Exports) != tt.stays {
				t.Errorf("since the %dth: %+v, %s, told %q, %v", tt.since, got, prefixes(cat.Exports), *told, err)
			}
			if !del && (len(o.keys()) != before || len(cat.Exports) != 5) {
				t.Errorf("since the %dth: something was deleted that was only to be shown", tt.since)
			}
			if del && tt.chains > 0 && (holds(o, "/a/") || holds(o, "data/b.json") || !holds(o, "/e/data/") || !got[0].Deleted || got[0].Bytes != 20) {
				t.Errorf("since the %dth: %q, %+v", tt.since, o.keys(), got)
			}
		}
	}
}

// An export that a later chain goes on with stays, though an older one did too.
func TestRetainKeepsASharedExport(t *testing.T) {
	t.Parallel()
	o, c, _, _ := vault(t)
	cat := &export.Catalogue{Schema: export.CatalogueSchema, Keys: []string{"id"}, Exports: []export.Export{o.add(t, "f", 0, 1), o.add(t, "g", 1, 5), o.add(t, "h", 0, 5), o.add(t, "i", 5, 6)}}
	if _, err := c.retain(t.Context(), cat, day(7)); err != nil || prefixes(cat.Exports) != "h i" {
		t.Errorf("%s, %v", prefixes(cat.Exports), err)
	}
	if !holds(o, "data/i.json") || holds(o, "data/g.json") {
		t.Errorf("%q", o.keys())
	}
}

// Nothing is dropped for a chain that is not whole itself.
func TestRetainReadsTheChainThatTakesOver(t *testing.T) {
	t.Parallel()
	o, c, cat, _ := vault(t)
	o.all[place+"/AWSDynamoDB/c/data/a.json.gz"] = []byte("spoilt")
	_, err := c.retain(t.Context(), cat, day(15))
	if err == nil || !strings.Contains(err.Error(), "no older export is dropped") || !strings.Contains(err.Error(), "/c/data/a.json.gz is damaged") || len(cat.Exports) != 5 || o.deletes != 0 {
		t.Errorf("%v, %d deletions", err, o.deletes)
	}
}

// A catalogue that names what is not this table's own makes nothing disappear there.
func TestRetainDeletesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"lifeboat/shop/primary/parts/AWSDynamoDB/x/data/a.json.gz", place + "/AWSDynamoDB/../../parts/a", place + "/catalogue.json"} {
		o, c, cat, _ := vault(t)
		o.all[key] = []byte("of somebody else")
		o.all[place+"/AWSDynamoDB/a/manifest-files.json"] = []byte(`{"itemCount":1,"dataFileS3Key":"` + key + `"}`)
		if _, err := c.retain(t.Context(), cat, day(15)); err == nil || !strings.Contains(err.Error(), "it is not deleted") || !slices.Contains(o.keys(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// A deletion that was cut short goes on at the next turn, from what the catalogue remembers.
func TestRetainGoesOn(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 16; n++ {
		o, c, cat, _ := vault(t)
		o.refuse = n
		if _, err := c.retain(t.Context(), cat, day(15)); err == nil {
			t.Fatalf("deletion %d was refused, and nobody said so", n)
		}
		again, err := c.catalogue(t.Context())
		if err != nil || prefixes(again.Exports) != "c d e" {
			t.Fatalf("%s, %v", prefixes(again.Exports), err)
		}
		if _, err := c.retain(t.Context(), &again, day(15)); err != nil {
			t.Fatal(err)
		}
		again, err = c.catalogue(t.Context())
		if err != nil || len(again.Dropping) != 0 || holds(o, "/a/") || holds(o, "/b/") || holds(o, "data/b.json") {
			t.Errorf("after deletion %d was refused: %q, %v", n, o.keys(), err)
		}
	}
}
