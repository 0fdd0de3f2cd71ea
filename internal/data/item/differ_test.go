package item_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// Differences are named by attribute, by what the values mean and not by how they are written.
func TestDiffer(t *testing.T) {
	t.Parallel()
	a := item.Item{"id": s("1"), "n": n("1.0"), "set": &types.AttributeValueMemberSS{Value: []string{"x", "y"}}, "gone": s("x"), "b": s("1")}
	b := item.Item{"id": s("1"), "n": n("1"), "set": &types.AttributeValueMemberSS{Value: []string{"y", "x"}}, "new": s("x"), "b": n("1")}
	for want, pair := range map[string][2]item.Item{"b gone new": {a, b}, "": {a, a}, "b gone id n set": {a, nil}, "b id n new set": {nil, b}} {
		if got, err := item.Differ(pair[0], pair[1]); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%v, %v, want %q", got, err, want)
		}
	}
}
