package protect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// The promise: every file that is damaged or missing is named, of each export, and the damage of one chain hides nothing of the others.
func TestVerify(t *testing.T) {
	t.Parallel()
	o, c, cat, _ := vault(t)
	if err := c.keep(t.Context(), cat); err != nil {
		t.Fatal(err)
	}
	if v, err := Verify(t.Context(), c); err != nil || v.Chains != 3 || v.Whole != 3 || v.Exports != 5 || v.Bytes != 50 || len(v.Damaged) != 0 || v.Extra == nil || len(v.Extra) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	root := place + "/AWSDynamoDB/"
	o.all[root+"a/data/a.json.gz"] = []byte("spoilt")
	delete(o.all, root+"data/b.json.gz")
	o.all[root+"e/manifest-files.json"] = []byte("{")
	v, err := Verify(t.Context(), c)
	want := []string{"a/data/a.json.gz is damaged: ", "data/b.json.gz is damaged: it is missing", "e/manifest-files.json is damaged: "}
	if err != nil || v.Whole != 1 || len(v.Damaged) != len(want) || len(v.Extra) != 0 {
		t.Fatalf("%+v, %v", v, err)
	}
	for i, w := range want {
		if !strings.Contains(v.Damaged[i], root+w) {
			t.Errorf("%q is not about %s", v.Damaged[i], w)
		}
	}
}

// The promise: what is in the bucket and in no export is told. Among a full export's files it is damage, for an import reads the whole folder.
func TestVerifyTellsWhatIsExtra(t *testing.T) {
	t.Parallel()
	o, c, cat, told := vault(t)
	root := place + "/AWSDynamoDB/"
	cat.Dropping = []export.Export{o.add(t, "old", 0, 1)}
	if err := c.keep(t.Context(), cat); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"data/stray.json.gz", "lost/_started", "lost/data/x.json.gz", "e/note.txt", "readme"} {
		o.all[root+key] = []byte("?")
	}
	v, err := Verify(t.Context(), c)
	want := []string{"data/stray.json.gz", "e/note.txt", "lost/ (2 objects): an export that is not in the catalogue", "readme"}
	for i := range want {
		want[i] = "s3://vault/" + root + want[i]
	}
	if err != nil || v.Whole != 3 || len(v.Damaged) != 0 || !slices.Equal(v.Extra, want) {
		t.Errorf("%+v, %v", v, err)
	}
	for i := range maxNamed + 3 {
		o.all[fmt.Sprintf("%se/data/%03d.json.gz", root, i)] = []byte("?")
	}
	v, err = Verify(t.Context(), c)
	if err != nil || v.Whole != 2 || len(v.Damaged) != maxNamed+1 || !strings.HasSuffix(v.Damaged[0], "e/data/000.json.gz is no file of the export, and an import would read it") ||
		v.Damaged[maxNamed] != "and 3 more damaged or missing ones" {
		t.Errorf("%+v, %v", v, err)
	}
	o.unlisted = &smithy.GenericAPIError{Code: "AccessDenied"}
	v, err = Verify(t.Context(), c)
	if err != nil || v.Whole != 3 || v.Extra != nil || !strings.Contains((*told)[len(*told)-1], "allow s3:ListBucket on arn:aws:s3:::vault") {
		t.Errorf("%+v, told %q, %v", v, *told, err)
	}
	o.unlisted = errors.New("no answer")
	if _, err = Verify(t.Context(), c); err == nil {
		t.Error("a vault that does not answer is no whole one")
	}
}
