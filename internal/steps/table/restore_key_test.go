package table_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// encrypted is a world whose table has a key of its own, by its id.
func encrypted(t *testing.T) (*world, *dynamodb.Client, *kms.Client, *string) {
	t.Helper()
	w := newWorld(t)
	tables, keys := w.furnish(t, cloudtest.Primary(), "id", true), w.Open(t, cloudtest.Primary()).KMS
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err == nil {
		_, err = tables.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: aws.String(orders), SSESpecification: &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: key.KeyMetadata.Arn},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w, tables, keys, key.KeyMetadata.KeyId
}

func schedule(t *testing.T, keys *kms.Client, id *string) {
	t.Helper()
	if _, err := keys.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
}

// The promise: a table whose key is about to be deleted is left to its stack.
func TestRestoreLeavesAnUnreadableTable(t *testing.T) {
	t.Parallel()
	w, _, keys, key := encrypted(t)
	schedule(t, keys, key)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Restore, "latest")
	p, err := w.step(t, nil, cfg).Probe(t.Context(), &call)
	if err != nil || p.Status != step.Done || !strings.Contains(p.Reason, "unreadable until its stack has taken its key back") {
		t.Errorf("%+v, %v", p, err)
	}
}

// The promise: a deleted table comes back with its items also when its key is about to be deleted, which is then taken back, and says so.
func TestRestoreTakesTheKeyBack(t *testing.T) {
	t.Parallel()
	w, tables, keys, key := encrypted(t)
	write(t, tables, 0, 60, "good")
	good := sum(t, tables)
	deleteTable(t, tables)
	schedule(t, keys, key)
	call := cloudtest.Call(t, cloudtest.Primary())
	out, err := w.ensure(t, config(step.Restore, "latest"), &call)
	if err != nil || !strings.Contains(out.Summary, "was taken back: it is pending deletion") {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := sum(t, tables); got != good {
		t.Errorf("%d items with digest %s, not %d with %s", got.Count, got, good.Count, good)
	}
	if d, err := keys.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: key}); err != nil || d.KeyMetadata.KeyState != kmstypes.KeyStateEnabled {
		t.Errorf("the key is %+v, %v", d, err)
	}
}

// The promise: where DynamoDB cannot use a table's key, which it calls a denial, the error names the key and how it comes back, and no permission of
// DynamoDB's.
func TestAKeyIsNotTakenForAPermission(t *testing.T) {
	t.Parallel()
	w, tables, keys, key := encrypted(t)
	write(t, tables, 0, 5, "good")
	call := cloudtest.Call(t, cloudtest.Primary())
	call.Disaster = w.settle(t, tables).Add(time.Second)
	if _, err := keys.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: key}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []step.TableStrategy{step.Rewind, step.Load} {
		cfg := config(s, "before-disaster")
		if s == step.Load {
			if _, err := keys.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: key}); err != nil {
				t.Fatal(err)
			}
			w.protect(t)
			if _, err := keys.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: key}); err != nil {
				t.Fatal(err)
			}
			cfg.Table.Point = "latest"
		}
		_, err := w.ensure(t, cfg, &call)
		e, ok := errors.AsType[*step.Error](err)
		if !ok || e.Site != "primary" || !strings.Contains(e.Why, *key+" cannot be used") || !strings.Contains(e.Next, "aws kms enable-key") || strings.Contains(e.Next, "dynamodb:") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
