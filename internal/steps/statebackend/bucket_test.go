package statebackend

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// refusing answers CreateBucket with one error code.
type refusing struct {
	S3API
	code string
}

func (r refusing) CreateBucket(context.Context, *s3.CreateBucketInput, ...func(*s3.Options)) (*s3.CreateBucketOutput, error) {
	return nil, &smithy.OperationError{ServiceID: "S3", OperationName: "CreateBucket", Err: &smithy.GenericAPIError{Code: r.code}}
}

// The promise: the ways in which a name cannot be had are told apart, and only the one that time heals is tried again.
func TestCreateTellsWhyANameIsRefused(t *testing.T) {
	t.Parallel()
	for code, tt := range map[string]struct {
		class step.Class
		says  string
	}{
		"BucketAlreadyOwnedByYou": {"", ""},
		"BucketAlreadyExists":     {step.Permanent, "Another account has a bucket of this name"},
		"OperationAborted":        {step.Transient, "still holds the name after a deletion"},
		"AccessDenied":            {step.Permanent, "The permission s3:CreateBucket is missing"},
	} {
		b := &bucket{api: refusing{code: code}, site: &plan.Site{Name: "standby", Region: "eu-west-1"}, name: "b"}
		err := b.create(t.Context())
		if tt.class == "" {
			if err != nil {
				t.Errorf("%s: %v", code, err)
			}
			continue
		}
		if err == nil || step.ClassOf(err) != tt.class || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
