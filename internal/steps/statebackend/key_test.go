package statebackend_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/statebackend"
)

// The promise: the key of the states is taken out of its deletion window, and enabled; while it is as it should be there is nothing to do.
func TestKeyOfTheStatesIsTakenBack(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	api, ctx := c.Open(t, cloudtest.Standby()).KMS, t.Context()
	k, err := api.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	want := state()
	want.KMSKey = cloudtest.Text(*k.KeyMetadata.Arn)
	if _, err := ensure(t, c, want); err != nil {
		t.Fatal(err)
	}
	if _, err := api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: k.KeyMetadata.KeyId}); err != nil {
		t.Fatal(err)
	}
	st, err := statebackend.New(c.Clients(nil))(spec(want))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	if p, err := st.Probe(ctx, &call); err != nil || p.Status != step.Needed {
		t.Errorf("probe: %+v, %v", p, err)
	}
	out, err := ensure(t, c, want)
	if err != nil || out.Summary != "key "+*k.KeyMetadata.KeyId+" (encrypts the states) taken back" {
		t.Errorf("%+v, %v", out, err)
	}
	d, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: k.KeyMetadata.KeyId})
	if err != nil || !d.KeyMetadata.Enabled {
		t.Errorf("the key is %+v, %v", d, err)
	}
	if p, err := st.Probe(ctx, &call); err != nil || p.Status != step.Done {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}
