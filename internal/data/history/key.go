package history

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
)

// KeyError is a key that is not one of the table's.
type KeyError struct{ Why, Example string }

// Error says what is wrong with it.
func (e *KeyError) Error() string { return "--key: " + e.Why }

// Key reads the key of an item of a table: {"id":"42"}, or in DynamoDB JSON {"id":{"S":"42"}}. The table's key tells the types.
func Key(text string, table *types.TableDescription) (item.Item, error) {
	names := protect.Keys(table.KeySchema)
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range table.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	bad := func(format string, args ...any) error {
		return &KeyError{fmt.Sprintf(format, args...), "--key '" + example(names, kinds) + "'"}
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return nil, bad("%q is no JSON object: %v", text, err)
	}
	for n := range given {
		if !slices.Contains(names, n) {
			return nil, bad("%q is not in the key of table %s, which is %s", n, aws.ToString(table.TableName), strings.Join(names, ", "))
		}
	}
	out := item.Item{}
	for _, n := range names {
		raw, ok := given[n]
		if !ok {
			return nil, bad("%q is missing; the key of table %s is %s", n, aws.ToString(table.TableName), strings.Join(names, ", "))
		}
		v, err := value(raw, kinds[n])
		if err != nil {
			return nil, bad("%q: %v", n, err)
		}
		out[n] = v
	}
	return out, nil
}

// value reads a part of a key.
func value(raw json.RawMessage, kind types.ScalarAttributeType) (types.AttributeValue, error) {
	var tagged map[string]json.RawMessage
	if json.Unmarshal(raw, &tagged) == nil && tagged != nil {
		inner, ok := tagged[string(kind)]
		if !ok || len(tagged) != 1 {
			return nil, fmt.Errorf("it is of type %s in the table's key", kind)
		}
		raw = inner
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		if kind != types.ScalarAttributeTypeN {
			return nil, fmt.Errorf("it is of type %s, and wants a text", kind)
		}
		text = string(bytes.TrimSpace(raw))
	}
	switch kind {
	case types.ScalarAttributeTypeN:
		var n json.Number
		if json.Unmarshal([]byte(text), &n) != nil || n == "" {
			return nil, errors.New("it is a number in the table's key")
		}
		return &types.AttributeValueMemberN{Value: text}, nil
	case types.ScalarAttributeTypeB:
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("it is binary, and wants base64")
		}
		return &types.AttributeValueMemberB{Value: b}, nil
	default:
		return &types.AttributeValueMemberS{Value: text}, nil
	}
}

func example(names []string, kinds map[string]types.ScalarAttributeType) string {
	var parts []string
	for _, n := range names {
		v := `"..."`
		if kinds[n] == types.ScalarAttributeTypeN {
			v = "42"
		}
		parts = append(parts, fmt.Sprintf("%q:%s", n, v))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
