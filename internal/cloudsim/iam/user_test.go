package iam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/iam"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestUserLife: a user and its access keys are made, switched off and deleted as AWS does it, with AWS's quota and errors.
func TestUserLife(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := iam.New(sim.NewWorld(1, nil))
	c := awsiam.NewFromConfig(simtest.Serve(t, s))
	name := aws.String("Deployer")
	u := must[*awsiam.CreateUserOutput](t)(c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: name, Path: aws.String("/ci/")})).User
	if *u.Arn != "arn:aws:iam::111111111111:user/ci/Deployer" || !strings.HasPrefix(*u.UserId, "AIDA") {
		t.Errorf("created %+v", u)
	}
	_, err := c.CreateUser(ctx, &awsiam.CreateUserInput{UserName: aws.String("deployer")})
	if code(err) != "EntityAlreadyExists 409" {
		t.Errorf("the same name in small letters: %v", err)
	}
	for range 2 {
		k := must[*awsiam.CreateAccessKeyOutput](t)(c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: name})).AccessKey
		if k.Status != types.StatusTypeActive || *k.SecretAccessKey == "" || len(*k.AccessKeyId) != 20 {
			t.Errorf("key %+v", k)
		}
	}
	if _, err = c.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: name}); code(err) != "LimitExceeded 409" {
		t.Errorf("a third key: %v", err)
	}
	list := func() []types.AccessKeyMetadata {
		return must[*awsiam.ListAccessKeysOutput](t)(c.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{UserName: name})).AccessKeyMetadata
	}
	keys := list()
	must[*awsiam.UpdateAccessKeyOutput](t)(c.UpdateAccessKey(ctx, &awsiam.UpdateAccessKeyInput{UserName: name, AccessKeyId: keys[1].AccessKeyId, Status: types.StatusTypeInactive}))
	state := must[[]byte](t)(s.Save())
	if err := s.Load(state); err != nil {
		t.Fatal(err)
	}
	if keys = list(); len(keys) != 2 || keys[0].Status != types.StatusTypeActive || keys[1].Status != types.StatusTypeInactive {
		t.Errorf("keys %+v", keys)
	}
	if _, err = c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: name}); code(err) != "DeleteConflict 409" {
		t.Errorf("deleted with its keys: %v", err)
	}
	for _, k := range keys {
		must[*awsiam.DeleteAccessKeyOutput](t)(c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: name, AccessKeyId: k.AccessKeyId}))
	}
	if _, err = c.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: name, AccessKeyId: keys[0].AccessKeyId}); code(err) != "NoSuchEntity 404" {
		t.Errorf("a key that is gone: %v", err)
	}
	if n := len(must[*awsiam.ListUsersOutput](t)(c.ListUsers(ctx, &awsiam.ListUsersInput{PathPrefix: aws.String("/ci/")})).Users); n != 1 {
		t.Errorf("%d users", n)
	}
	must[*awsiam.DeleteUserOutput](t)(c.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: name}))
	if _, err = c.GetUser(ctx, &awsiam.GetUserInput{UserName: name}); code(err) != "NoSuchEntity 404" {
		t.Errorf("a user that is gone: %v", err)
	}
}
