package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// differences is the file in the step's folder that names sampled items that are not what the export says: their keys and the attributes, one JSON
// object a line. Data of people does not belong into a journal.
const differences = "differences.jsonl"

// mostTold is how many differences the file names.
const mostTold = 100

// sampled reads as many items as the plan asks for from the table and compares them with the export, attribute by attribute. It gives what the
// outcome says of it. Items that DynamoDB refused are not missed.
func (u *turn) sampled(ctx context.Context, chain *export.Chain, keys []string, refused int64) (string, error) {
	if u.cfg.Table.Compare == 0 {
		return "", nil
	}
	u.call.Tell(step.Progress{Message: fmt.Sprintf("comparing %d items attribute by attribute", u.cfg.Table.Compare)})
	var seen, wrong int
	var first string
	var lines strings.Builder
	err := chain.Sample(ctx, u.cfg.Table.Compare, func(it item.Item) error {
		seen++
		key := item.Only(it, keys)
		out, err := u.api.GetItem(ctx, &dynamodb.GetItemInput{TableName: &u.name, Key: key, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
		}
		names, err := item.Differ(it, out.Item)
		if err != nil || len(names) == 0 || len(out.Item) == 0 && refused > 0 {
			return err
		}
		if wrong++; wrong == 1 {
			first = strings.Join(names, ", ")
		}
		if wrong > mostTold {
			return nil
		}
		text, err := item.Encode(key)
		if err != nil {
			return err
		}
		line, err := json.Marshal(map[string]any{"key": json.RawMessage(text), "attributes": names})
		lines.Write(append(line, '\n'))
		return err
	})
	if err != nil {
		return "", err
	}
	if wrong == 0 {
		return fmt.Sprintf("; %d sampled items are the same attribute by attribute", seen), nil
	}
	file := filepath.Join(u.call.Dir, differences)
	if err := errors.Join(proc.WriteFile(file, []byte(lines.String()), 0o600), u.beginAnew()); err != nil {
		return "", err
	}
	return "", &step.Error{
		Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("%d of %d sampled items of table %s are not what the export holds; the first differs in %s", wrong, seen, u.name, first),
		Why: "Somebody else writes to the table", Next: "See " + file + "; stop what writes to it, then resume the run: it asks whether to write the export over them",
	}
}
