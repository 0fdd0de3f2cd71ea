package secretsmanager_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"pgregory.net/rapid"

	simsecrets "github.com/lifeboat-dr/lifeboat/internal/cloudsim/secretsmanager"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

func setup(t *testing.T) *secretsmanager.Client {
	t.Helper()
	return secretsmanager.NewFromConfig(simtest.Serve(t, simsecrets.New(sim.NewWorld(1, nil), nil)))
}

func create(t *testing.T, c *secretsmanager.Client, name, value string) string {
	t.Helper()
	out, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ARN
}

func get(t *testing.T, c *secretsmanager.Client, id, stage string) string {
	t.Helper()
	out, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id, VersionStage: &stage})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SecretString
}

// A secret is found by its name, its ARN, and its ARN without the suffix, and by nothing else.
func TestFind(t *testing.T) {
	t.Parallel()
	c := setup(t)
	arn := create(t, c, "app/key", "v")
	for _, id := range []string{"app/key", arn, arn[:len(arn)-7]} {
		if got := get(t, c, id, "AWSCURRENT"); got != "v" {
			t.Fatal(id, got)
		}
	}
	for _, id := range []string{"app", arn[:len(arn)-6] + "zzzzzz", strings.Replace(arn, "eu-west-2", "eu-west-1", 1)} {
		_, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		simtest.WantCode(t, err, "ResourceNotFoundException")
	}
}

// A new version becomes AWSCURRENT, the one before AWSPREVIOUS; the same token makes one version; an older one goes.
func TestVersions(t *testing.T) {
	t.Parallel()
	c := setup(t)
	ctx := t.Context()
	create(t, c, "s", "one")
	put := func(token, value string) error {
		_, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("s"), ClientRequestToken: &token, SecretString: &value})
		return err
	}
	const token = "00000000-0000-0000-0000-000000000002"
	for range 2 {
		if err := put(token, "two"); err != nil {
			t.Fatal(err)
		}
	}
	simtest.WantCode(t, put(token, "other"), "ResourceExistsException")
	if get(t, c, "s", "AWSCURRENT") != "two" || get(t, c, "s", "AWSPREVIOUS") != "one" {
		t.Fatal("labels")
	}
	if err := put("00000000-0000-0000-0000-000000000003", "three"); err != nil {
		t.Fatal(err)
	}
	d, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String("s")})
	if err != nil || len(d.VersionIdsToStages) != 2 || d.VersionIdsToStages[token][0] != "AWSPREVIOUS" {
		t.Fatalf("%+v %v", d, err)
	}
	for deprecated, want := range map[bool]int{false: 2, true: 3} {
		l, err := c.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("s"), IncludeDeprecated: &deprecated})
		if err != nil || len(l.Versions) != want {
			t.Fatalf("deprecated %v: %+v %v", deprecated, l, err)
		}
		for _, v := range l.Versions {
			got, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s"), VersionId: v.VersionId})
			if err != nil || v.CreatedDate == nil || !got.CreatedDate.Equal(*v.CreatedDate) {
				t.Fatalf("%+v: %+v %v", v, got, err)
			}
		}
	}
	_, err = c.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: aws.String("s"), VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: aws.String(token)})
	simtest.WantCode(t, err, "InvalidParameterException")
	if _, err = c.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: aws.String("s"), VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: aws.String(token), RemoveFromVersionId: aws.String("00000000-0000-0000-0000-000000000003"),
	}); err != nil {
		t.Fatal(err)
	}
	if get(t, c, "s", "AWSCURRENT") != "two" || get(t, c, "s", "AWSPREVIOUS") != "three" {
		t.Fatal("labels after the way back")
	}
}

// A secret scheduled for deletion gives nothing and holds its name, until it is restored or its window is over.
func TestDeletion(t *testing.T) {
	t.Parallel()
	c := setup(t)
	ctx := t.Context()
	id := aws.String("s")
	create(t, c, "s", "v")
	_, err := c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, RecoveryWindowInDays: aws.Int64(6)})
	simtest.WantCode(t, err, "InvalidParameterException")
	if _, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, RecoveryWindowInDays: aws.Int64(7)}); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id})
	simtest.WantCode(t, err, "InvalidRequestException")
	_, err = c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: id})
	simtest.WantCode(t, err, "InvalidRequestException")
	if l, err := c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{}); err != nil || len(l.SecretList) != 0 {
		t.Fatalf("%+v %v", l, err)
	}
	if _, err = c.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: id}); err != nil {
		t.Fatal(err)
	}
	if get(t, c, "s", "AWSCURRENT") != "v" {
		t.Fatal("restored secret lost its value")
	}
	if _, err = c.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: id, ForceDeleteWithoutRecovery: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	create(t, c, "s", "again")
	_, err = c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: id})
	simtest.WantCode(t, err, "ResourceExistsException")
}

// When the window is over the name is free; a saved cloud knows the window.
func TestWindowEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simsecrets.New(sim.NewWorld(1, nil), nil)
		call := &sim.Call{Scope: simtest.Home()}
		simtest.Do(t, s, call, "CreateSecret", `{"Name":"s","SecretString":"v"}`)
		simtest.Do(t, s, call, "DeleteSecret", `{"SecretId":"s"}`)
		saved, err := s.Save()
		if err != nil {
			t.Fatal(err)
		}
		s = simsecrets.New(sim.NewWorld(2, nil), nil)
		if err := s.Load(saved); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*24*time.Hour - time.Second)
		if got := simtest.Do(t, s, call, "CreateSecret", `{"Name":"s"}`); got["__type"] != "InvalidRequestException" {
			t.Fatal(got)
		}
		time.Sleep(time.Second)
		if got := simtest.Do(t, s, call, "CreateSecret", `{"Name":"s"}`); got["__type"] != nil {
			t.Fatal(got)
		}
	})
}

// Tags and the policy are read back; lists are filtered; replicas are refused.
func TestSettings(t *testing.T) {
	t.Parallel()
	c := setup(t)
	ctx := t.Context()
	id := aws.String("live-api-key")
	create(t, c, "live-api-key", "v")
	create(t, c, "other", "v")
	if _, err := c.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: id, ResourcePolicy: aws.String(`{}`)}); err != nil {
		t.Fatal(err)
	}
	if p, err := c.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: id}); err != nil || *p.ResourcePolicy != `{}` {
		t.Fatalf("%+v %v", p, err)
	}
	if _, err := c.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: id, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	list := func(key, value string) int {
		l, err := c.ListSecrets(ctx, &secretsmanager.ListSecretsInput{Filters: []types.Filter{{Key: types.FilterNameStringType(key), Values: []string{value}}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(l.SecretList)
	}
	if list("name", "live") != 1 || list("tag-key", "a") != 1 || list("name", "!live") != 1 || list("all", "none") != 0 {
		t.Fatal("filters")
	}
	_, err := c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("r"), AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("eu-west-1")}}})
	simtest.WantCode(t, err, "InvalidParameterException")
}

// A random password has the length, the kinds of characters and none of the characters that were asked for.
func TestRandomPassword(t *testing.T) {
	t.Parallel()
	c := setup(t)
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(4, 200).Draw(r, "length")
		exclude := rapid.StringOf(rapid.SampledFrom([]rune("aA0!-_"))).Draw(r, "exclude")
		punctuation := rapid.Bool().Draw(r, "exclude punctuation")
		out, err := c.GetRandomPassword(t.Context(), &secretsmanager.GetRandomPasswordInput{PasswordLength: &n, ExcludeCharacters: &exclude, ExcludePunctuation: &punctuation})
		if err != nil {
			r.Fatal(err)
		}
		p := *out.RandomPassword
		has := func(set string) bool { return strings.ContainsAny(p, set) }
		if int64(len(p)) != n || exclude != "" && has(exclude) || punctuation == has("!#$%&()*+,-./:;<=>?@[]^_{|}~\\`'\"") || !has("abcdefghijklmnopqrstuvwxyz") || !has("ABCDEFGHIJKLMNOPQRSTUVWXYZ") || !has("0123456789") {
			r.Fatalf("%q", p)
		}
	})
	_, err := c.GetRandomPassword(t.Context(), &secretsmanager.GetRandomPasswordInput{PasswordLength: aws.Int64(3)})
	simtest.WantCode(t, err, "InvalidParameterException")
}
