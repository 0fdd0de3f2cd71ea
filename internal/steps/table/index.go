package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	indexSample = 100 // items that are looked at for an index's key; an index may be sparse
	indexLooks  = 15  // at an index that does not show an item yet: indexes follow their table
)

// indexes asks each global secondary index of the table for an item that was loaded, and gives what the outcome says of it. An index that does not
// answer is a duty: the data is there.
func (u *turn) indexes(ctx context.Context) (string, []step.Duty, error) {
	d, err := u.describe(ctx, u.name)
	if err != nil || d == nil || len(d.GlobalSecondaryIndexes) == 0 {
		return "", nil, err
	}
	some, err := u.api.Scan(ctx, &dynamodb.ScanInput{TableName: &u.name, Limit: aws.Int32(indexSample)})
	if err != nil {
		return "", nil, awscloud.Explain(err, "table "+u.name+" cannot be read", u.call.Site)
	}
	var good, sparse []string
	var duties []step.Duty
	for _, g := range d.GlobalSecondaryIndexes {
		name, in := aws.ToString(g.IndexName), u.query(g, some.Items)
		if in == nil {
			sparse = append(sparse, name)
			continue
		}
		u.call.Tell(step.Progress{Message: "asking index " + name})
		why, err := u.answers(ctx, in)
		switch {
		case err != nil:
			return "", nil, err
		case why == "":
			good = append(good, name)
		default:
			duties = append(duties, step.Duty{Key: "index-" + name, Text: fmt.Sprintf("see why index %s of table %s does not show an item of the table: %s", name, u.name, why)})
		}
	}
	text := ""
	if len(good) > 0 {
		text += "; asked and right: index " + strings.Join(good, ", ")
	}
	if len(sparse) > 0 {
		text += fmt.Sprintf("; not asked, as none of %d items has its key: index %s", len(some.Items), strings.Join(sparse, ", "))
	}
	return text, duties, nil
}

// query asks an index for the key of the first item that has one; nil when none has.
func (u *turn) query(g types.GlobalSecondaryIndexDescription, items []item.Item) *dynamodb.QueryInput {
	keys := protect.Keys(g.KeySchema)
	for _, it := range items {
		if len(item.Only(it, keys)) < len(keys) {
			continue
		}
		in := &dynamodb.QueryInput{TableName: &u.name, IndexName: g.IndexName, Limit: aws.Int32(1), ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: item.Item{}}
		var terms []string
		for i, k := range keys {
			terms = append(terms, fmt.Sprintf("#k%d = :v%d", i, i))
			in.ExpressionAttributeNames[fmt.Sprintf("#k%d", i)], in.ExpressionAttributeValues[fmt.Sprintf(":v%d", i)] = k, it[k]
		}
		in.KeyConditionExpression = aws.String(strings.Join(terms, " AND "))
		return in
	}
	return nil
}

// answers asks until an index shows an item, some times, and says why it does not.
func (u *turn) answers(ctx context.Context, in *dynamodb.QueryInput) (why string, err error) {
	for range indexLooks {
		out, err := u.api.Query(ctx, in)
		if err == nil && len(out.Items) > 0 {
			return "", nil
		}
		why = "it is empty where the table is not"
		if err != nil {
			e := awscloud.Explain(err, "it cannot be asked", u.call.Site)
			if awscloud.Denied(err) {
				return e.Error(), nil
			}
			why = e.Error()
		}
		if err := u.sleep(ctx); err != nil {
			return "", err
		}
	}
	return why, nil
}
