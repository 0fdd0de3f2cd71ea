package history

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// items turns an image of a stream into an item: the SDK has the same types twice. No image is no item.
func items(m map[string]streams.AttributeValue) (item.Item, error) {
	if m == nil {
		return nil, nil //nolint:nilnil // no image is an answer
	}
	out := make(item.Item, len(m))
	for k, v := range m {
		x, err := same(v)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", k, err)
		}
		out[k] = x
	}
	return out, nil
}

func same(v streams.AttributeValue) (types.AttributeValue, error) {
	switch v := v.(type) {
	case *streams.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}, nil
	case *streams.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}, nil
	case *streams.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: v.Value}, nil
	case *streams.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}, nil
	case *streams.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}, nil
	case *streams.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: v.Value}, nil
	case *streams.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: v.Value}, nil
	case *streams.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: v.Value}, nil
	case *streams.AttributeValueMemberM:
		m, err := items(v.Value)
		return &types.AttributeValueMemberM{Value: m}, err
	case *streams.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			x, err := same(e)
			if err != nil {
				return nil, err
			}
			list[i] = x
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	default:
		return nil, fmt.Errorf("a value of type %T is unknown", v)
	}
}
