package kms_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	simkms "github.com/lifeboat-dr/lifeboat/internal/cloudsim/kms"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

func setup(t *testing.T) (*kms.Client, aws.Config) {
	t.Helper()
	cfg := simtest.Serve(t, simkms.New(sim.NewWorld(1, nil)))
	return kms.NewFromConfig(cfg), cfg
}

func newKey(t *testing.T, c *kms.Client) string {
	t.Helper()
	out, err := c.CreateKey(t.Context(), &kms.CreateKeyInput{Description: aws.String("data"), Tags: []types.Tag{{TagKey: aws.String("a"), TagValue: aws.String("b")}}})
	if err != nil {
		t.Fatal(err)
	}
	return *out.KeyMetadata.KeyId
}

// A ciphertext opens with its own key, context, region and account, and with nothing else.
func TestCiphertextIsBound(t *testing.T) {
	t.Parallel()
	c, cfg := setup(t)
	id, other := newKey(t, c), newKey(t, c)
	sealed, err := c.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &id, Plaintext: []byte("the data"), EncryptionContext: map[string]string{"table": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	in := func() *kms.DecryptInput {
		return &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob, EncryptionContext: map[string]string{"table": "x"}}
	}
	out, err := c.Decrypt(t.Context(), in())
	if err != nil || string(out.Plaintext) != "the data" {
		t.Fatalf("%v %v", out, err)
	}
	wrong := in()
	wrong.EncryptionContext["table"] = "y"
	_, err = c.Decrypt(t.Context(), wrong)
	simtest.WantCode(t, err, "InvalidCiphertextException")
	wrong = in()
	wrong.KeyId = &other
	_, err = c.Decrypt(t.Context(), wrong)
	simtest.WantCode(t, err, "IncorrectKeyException")
	away := kms.NewFromConfig(simtest.At(cfg, sim.Scope{Account: "111111111111", Region: "eu-west-1"}))
	_, err = away.Decrypt(t.Context(), in())
	simtest.WantCode(t, err, "AccessDeniedException")
}

// A data key's plaintext is what its ciphertext holds.
func TestGenerateDataKey(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	id := newKey(t, c)
	dk, err := c.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &id, KeySpec: types.DataKeySpecAes256})
	if err != nil || len(dk.Plaintext) != 32 {
		t.Fatalf("%v %v", dk, err)
	}
	out, err := c.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: dk.CiphertextBlob})
	if err != nil || string(out.Plaintext) != string(dk.Plaintext) {
		t.Fatalf("%v %v", out, err)
	}
}

// Data under a key that is pending deletion cannot be read, until the deletion is cancelled and the key enabled again.
func TestPendingDeletion(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	id := newKey(t, c)
	sealed, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(6)})
	simtest.WantCode(t, err, "ValidationException")
	if _, err = c.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	simtest.WantCode(t, err, "KMSInvalidStateException")
	if _, err = c.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	simtest.WantCode(t, err, "DisabledException")
	if _, err = c.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob}); err != nil {
		t.Fatal(err)
	}
}

// An alias names one key, moves to another, and is unique; the aliases of AWS managed keys exist from their first use.
func TestAlias(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	one, two, name := newKey(t, c), newKey(t, c), "alias/app"
	if _, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &one}); err != nil {
		t.Fatal(err)
	}
	_, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &name, TargetKeyId: &two})
	simtest.WantCode(t, err, "AlreadyExistsException")
	if _, err = c.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: &name, TargetKeyId: &two}); err != nil {
		t.Fatal(err)
	}
	got, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	if err != nil || *got.KeyMetadata.KeyId != two {
		t.Fatalf("%v %v", got, err)
	}
	if _, err = c.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: &name}); err != nil {
		t.Fatal(err)
	}
	_, err = c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	simtest.WantCode(t, err, "NotFoundException")
	managed, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/dynamodb")})
	if err != nil || managed.KeyMetadata.KeyManager != types.KeyManagerTypeAws {
		t.Fatalf("%v %v", managed, err)
	}
	list, err := c.ListAliases(ctx, &kms.ListAliasesInput{KeyId: managed.KeyMetadata.KeyId})
	if err != nil || len(list.Aliases) != 1 || *list.Aliases[0].AliasName != "alias/aws/dynamodb" {
		t.Fatalf("%v %v", list, err)
	}
}

// What is set on a key is read back: rotation, policy, tags.
func TestKeySettings(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	id := newKey(t, c)
	if _, err := c.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	rot, err := c.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &id})
	if err != nil || !rot.KeyRotationEnabled || *rot.RotationPeriodInDays != 365 {
		t.Fatalf("%v %v", rot, err)
	}
	_, err = c.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &id, Policy: aws.String("{")})
	simtest.WantCode(t, err, "MalformedPolicyDocumentException")
	if _, err = c.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &id, Policy: aws.String(`{"Statement":[]}`)}); err != nil {
		t.Fatal(err)
	}
	pol, err := c.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id})
	if err != nil || *pol.Policy != `{"Statement":[]}` {
		t.Fatalf("%v %v", pol, err)
	}
	if _, err = c.TagResource(ctx, &kms.TagResourceInput{KeyId: &id, Tags: []types.Tag{{TagKey: aws.String("c"), TagValue: aws.String("d")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err = c.UntagResource(ctx, &kms.UntagResourceInput{KeyId: &id, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := c.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &id})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].TagKey != "c" {
		t.Fatalf("%v %v", tags, err)
	}
}

// After the waiting period the key and its aliases are gone; a state that was saved and loaded answers the same.
func TestDeletionAndSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simkms.New(sim.NewWorld(1, nil))
		call := &sim.Call{Scope: simtest.Home()}
		id := simtest.Do(t, s, call, "CreateKey", `{}`)["KeyMetadata"].(map[string]any)["KeyId"].(string)
		simtest.Do(t, s, call, "CreateAlias", `{"AliasName":"alias/x","TargetKeyId":"`+id+`"}`)
		simtest.Do(t, s, call, "ScheduleKeyDeletion", `{"KeyId":"`+id+`","PendingWindowInDays":7}`)
		saved, err := s.Save()
		if err != nil {
			t.Fatal(err)
		}
		s = simkms.New(sim.NewWorld(2, nil))
		if err := s.Load(saved); err != nil {
			t.Fatal(err)
		}
		if got := simtest.Do(t, s, call, "DescribeKey", `{"KeyId":"alias/x"}`); got["KeyMetadata"].(map[string]any)["KeyState"] != "PendingDeletion" {
			t.Fatal(got)
		}
		time.Sleep(7 * 24 * time.Hour)
		if got := simtest.Do(t, s, call, "DescribeKey", `{"KeyId":"alias/x"}`); got["__type"] != "NotFoundException" {
			t.Fatal(got)
		}
	})
}

// A multi-Region key says that it is one and where its primary key is, which the AWS provider reads without asking whether it is there.
func TestMultiRegion(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	out, err := c.CreateKey(t.Context(), &kms.CreateKeyInput{MultiRegion: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	m := out.KeyMetadata
	if !strings.HasPrefix(*m.KeyId, "mrk-") || m.MultiRegionConfiguration.MultiRegionKeyType != types.MultiRegionKeyTypePrimary || *m.MultiRegionConfiguration.PrimaryKey.Arn != *m.Arn {
		t.Fatalf("%+v", m)
	}
	_, err = c.ReplicateKey(t.Context(), &kms.ReplicateKeyInput{KeyId: m.KeyId, ReplicaRegion: aws.String("eu-west-1")})
	simtest.WantCode(t, err, "UnknownOperationException")
}
