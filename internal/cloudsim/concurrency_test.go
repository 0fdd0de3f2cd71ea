package cloudsim

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// TestConcurrencyOfNewAccounts: a standby account that is as small as new ones are on AWS refuses what the primary could reserve.
func TestConcurrencyOfNewAccounts(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Concurrency: map[string]int{standby: 10}})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, c)
	for account, want := range map[string]struct {
		limit   int32
		refused string
	}{primary: {1000, ""}, standby: {10, "below its minimum value of [10]"}} {
		cfg := aws.Config{Region: london, BaseEndpoint: &url, Credentials: static(account, ""), RetryMaxAttempts: 1}
		role, err := iam.NewFromConfig(cfg).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("run"), AssumeRolePolicyDocument: aws.String(trust)})
		if err != nil {
			t.Fatal(err)
		}
		functions := lambda.NewFromConfig(cfg)
		settings, err := functions.GetAccountSettings(t.Context(), &lambda.GetAccountSettingsInput{})
		if err != nil || settings.AccountLimit.ConcurrentExecutions != want.limit || *settings.AccountLimit.UnreservedConcurrentExecutions != want.limit {
			t.Errorf("%s: %+v %v", account, settings, err)
		}
		if _, err := functions.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: aws.String("f"), Role: role.Role.Arn, Runtime: lambdatypes.RuntimePython312, Handler: aws.String("index.handler"), Code: &lambdatypes.FunctionCode{ZipFile: []byte("code")},
		}); err != nil {
			t.Fatal(err)
		}
		_, err = functions.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: aws.String("f"), ReservedConcurrentExecutions: aws.Int32(1)})
		if (err == nil) != (want.refused == "") || err != nil && !strings.Contains(err.Error(), want.refused) {
			t.Errorf("%s reserves one: %v", account, err)
		}
	}
	for _, bad := range []map[string]int{{"standby": 10}, {standby: 0}} {
		if _, err := New(Config{Concurrency: bad}); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}
