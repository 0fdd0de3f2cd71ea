package dynamodb_test

import (
	"testing"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/dynamodbtest"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// What the suite says of a DynamoDB holds for Amazon's own DynamoDB Local, where it is.
func TestConformanceOfDynamoDBLocal(t *testing.T) {
	t.Parallel()
	c := client(simtest.DynamoDBLocal(t))
	dynamodbtest.Run(t, func(*testing.T) *awsdynamodb.Client { return c })
}
