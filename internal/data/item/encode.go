package item

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Encode writes an item as DynamoDB JSON, with its attributes in order.
func Encode(it Item) ([]byte, error) {
	v, err := object(it)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func object(it Item) (map[string]any, error) {
	out := make(map[string]any, len(it))
	for k, v := range it {
		x, err := tagged(v)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", k, err)
		}
		out[k] = x
	}
	return out, nil
}

func tagged(v types.AttributeValue) (map[string]any, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": base64.StdEncoding.EncodeToString(v.Value)}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}, nil
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}, nil
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}, nil
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}, nil
	case *types.AttributeValueMemberM:
		m, err := object(v.Value)
		return map[string]any{"M": m}, err
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, x := range v.Value {
			t, err := tagged(x)
			if err != nil {
				return nil, err
			}
			list[i] = t
		}
		return map[string]any{"L": list}, nil
	default:
		return nil, fmt.Errorf("a value of type %T is unknown", v)
	}
}
