package protect

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// Verified is what was found when the vault's copies of a table were read again.
type Verified struct {
	Table   string   `json:"table"`
	Chains  int      `json:"chains"`
	Whole   int      `json:"whole"` // chains that a recovery can use
	Exports int      `json:"exports"`
	Bytes   int64    `json:"bytes"`
	Damaged []string `json:"damaged"` // what is wrong, with the file's name: each file, up to 100
	Extra   []string `json:"extra"`   // objects that no export of the catalogue has, up to 100; nil: nobody may list the bucket
}

// maxNamed bounds the files that are named.
const maxNamed = 100

// Verify reads every file of every export in a table's catalogue, and makes no export. Damage is in the result; an error is a vault that does not
// answer.
func Verify(ctx context.Context, c Config) (Verified, error) {
	v := Verified{Table: c.Table, Damaged: []string{}}
	cat, err := c.catalogue(ctx)
	if err != nil {
		return v, err
	}
	broken, known := map[string]bool{}, inventory{}
	for _, e := range cat.Exports {
		v.Exports, v.Bytes = v.Exports+1, v.Bytes+e.Bytes
		c.Tell(fmt.Sprintf("table %s: reading the export of %s", c.Table, e.To.UTC().Format("2006-01-02 15:04:05 MST")))
		files, damaged, err := c.Vault.Inspect(ctx, e.Prefix, cat.Keys)
		if err != nil {
			return v, c.unread(err)
		}
		known.add(e, files)
		for _, d := range damaged {
			broken[e.Prefix] = true
			v.Damaged = append(v.Damaged, d.Error())
		}
	}
	if err := c.compare(ctx, cat, known, &v, broken); err != nil {
		return v, err
	}
	for _, chain := range export.Chains(cat.Exports) {
		v.Chains++
		if !slices.ContainsFunc(chain, func(e export.Export) bool { return broken[e.Prefix] }) {
			v.Whole++
		}
	}
	v.Damaged, v.Extra = bounded(v.Damaged, "damaged or missing ones"), bounded(v.Extra, "that no export has")
	return v, nil
}

func bounded(names []string, more string) []string {
	if n := len(names) - maxNamed; n > 0 {
		return append(names[:maxNamed:maxNamed], fmt.Sprintf("and %d more %s", n, more))
	}
	return names
}

// inventory is what the exports of a catalogue have in the bucket: their folders, which are true where their manifests say what belongs there, and the
// keys of their data files.
type inventory map[string]bool

func (i inventory) add(e export.Export, files []export.File) {
	i[e.Prefix] = len(files) > 0
	for _, f := range files {
		i[f.Key] = true
	}
}

// compare lists what is in the bucket for the table and in no export of the catalogue. A file among those of a full export is damage: an import reads it.
func (c Config) compare(ctx context.Context, cat export.Catalogue, known inventory, v *Verified, broken map[string]bool) error {
	root := c.Place + "/AWSDynamoDB/"
	for _, e := range cat.Dropping { // their deletion goes on, and what is left of them may not be whole
		_, files, err := c.Vault.Open(ctx, e.Prefix)
		if err != nil {
			c.Tell(fmt.Sprintf("table %s: an export is being deleted: %v", c.Table, err))
		}
		known.add(e, files)
	}
	v.Extra = []string{}
	folders := map[string]int{} // that no export has, and how much is in them
	in := &s3.ListObjectsV2Input{Bucket: &c.Vault.Name, Prefix: &root}
	for {
		out, err := c.Writer.ListObjectsV2(ctx, in)
		if awscloud.Denied(err) {
			v.Extra = nil
			c.Tell(fmt.Sprintf("table %s: whether there are other files nobody may see: allow s3:ListBucket on arn:aws:s3:::%s", c.Table, c.Vault.Name))
			return nil
		}
		if err != nil {
			return c.unread(err)
		}
		for _, o := range out.Contents {
			key := aws.ToString(o.Key)
			id, rest, _ := strings.Cut(strings.TrimPrefix(key, root), "/")
			folder := root + id
			told, ours := known[folder]
			switch {
			case known[key], ours && (!told || slices.Contains(manifests(), rest)):
			case ours && strings.HasPrefix(rest, "data/"):
				broken[folder] = true
				v.Damaged = append(v.Damaged, fmt.Sprintf("s3://%s/%s is no file of the export, and an import would read it", c.Vault.Name, key))
			case ours, path.Base(folder) == "data", rest == "":
				v.Extra = append(v.Extra, fmt.Sprintf("s3://%s/%s", c.Vault.Name, key))
			default:
				folders[folder]++
			}
		}
		if in.ContinuationToken = out.NextContinuationToken; in.ContinuationToken == nil {
			break
		}
	}
	for folder, n := range folders {
		v.Extra = append(v.Extra, fmt.Sprintf("s3://%s/%s/ (%d objects): an export that is not in the catalogue", c.Vault.Name, folder, n))
	}
	slices.Sort(v.Extra)
	return nil
}

// manifests are the objects of an export besides its data, the manifests last: after a kill they still say what is left.
func manifests() []string {
	return []string{"_started", "manifest-files.md5", "manifest-files.checksum", "manifest-summary.md5", "manifest-summary.checksum", "manifest-files.json", "manifest-summary.json"}
}
