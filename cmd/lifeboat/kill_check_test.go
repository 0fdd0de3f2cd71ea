package main_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// at gives the clients of an account in the killed run's cloud.
func at(t *testing.T, cloud *stage.Cloud, account, region string) *awscloud.Clients {
	t.Helper()
	keys := func(s *plan.Site) awscloud.Keys {
		return awscloud.Keys{ID: "LIFEBOAT" + s.Account, Secret: secret.New("drill")}
	}
	c, err := awscloud.New(awscloud.Config{Endpoint: cloud.Endpoint, Credentials: keys}).At(t.Context(), &plan.Site{Name: region, Account: account, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// valueIsOld holds the standby to the value that the vault had before the disaster: the intruder's, which is the newest there, is not used.
func (k *killed) valueIsOld(t *testing.T, cloud *stage.Cloud) {
	t.Helper()
	name, first := "killed/reader", ""
	vault := at(t, cloud, "333333333333", "eu-central-1").SecretsManager
	list, err := vault.ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: &name, IncludeDeprecated: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	oldest := slices.MinFunc(list.Versions, func(a, b smtypes.SecretVersionsListEntry) int { return a.CreatedDate.Compare(*b.CreatedDate) })
	old, err := vault.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name, VersionId: oldest.VersionId})
	if err == nil {
		first = *old.SecretString
	}
	got, err2 := at(t, cloud, "222222222222", "eu-west-1").SecretsManager.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if *got.SecretString != first || len(list.Versions) != 2 {
		t.Errorf("the standby has not the value from before the disaster; the vault has %d versions", len(list.Versions))
	}
}

// nothingIsNew holds the site to what it had: the one key, enabled, and each secret, none of them about to be deleted and nothing twice.
func (k *killed) nothingIsNew(t *testing.T, cloud *stage.Cloud) {
	t.Helper()
	c := at(t, cloud, "111111111111", "eu-west-2")
	keys, err := c.KMS.ListKeys(t.Context(), &kms.ListKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, key := range keys.Keys {
		d, err := c.KMS.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: key.KeyId})
		if err != nil {
			t.Fatal(err)
		}
		if d.KeyMetadata.KeyManager == "CUSTOMER" {
			states = append(states, string(d.KeyMetadata.KeyState))
		}
	}
	if !slices.Equal(states, []string{"Enabled"}) {
		t.Errorf("keys: %v", states)
	}
	secrets, err := c.SecretsManager.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{IncludePlannedDeletion: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets.SecretList {
		if s.DeletedDate != nil {
			t.Errorf("secret %s is about to be deleted", *s.Name)
		}
	}
	if len(secrets.SecretList) != 2 {
		t.Errorf("%d secrets", len(secrets.SecretList))
	}
}
