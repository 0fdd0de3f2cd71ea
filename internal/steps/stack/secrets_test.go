package stack_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
)

// Secret variables come from the site that is recovered to, or from the one they name; what cannot be read is told without content.
func TestSecretsAtSites(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	vault, standby := cloud.Open(t, cloudtest.Vault()), cloud.Open(t, cloudtest.Standby())
	_, err := vault.SecretsManager.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("app"), SecretString: aws.String(`{"password":"hunter2","n":1.50}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = standby.SSM.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/app/token"), Value: aws.String("t0ken"), Type: types.ParameterTypeSecureString})
	if err != nil {
		t.Fatal(err)
	}
	secrets := stack.SecretsAt(cloud.Clients(nil), cloudtest.Plan())
	for _, tc := range []struct {
		name, want, fails string
		ref               plan.SecretRef
	}{
		{name: "a whole secret elsewhere", ref: plan.SecretRef{Site: "vault", Secret: "app"}, want: `{"password":"hunter2","n":1.50}`},
		{name: "a key", ref: plan.SecretRef{Site: "vault", Secret: "app", Key: "password"}, want: "hunter2"},
		{name: "a number as it was written", ref: plan.SecretRef{Site: "vault", Secret: "app", Key: "n"}, want: "1.50"},
		{name: "a parameter here", ref: plan.SecretRef{Parameter: "/app/token"}, want: "t0ken"},
		{name: "a key that is missing", ref: plan.SecretRef{Site: "vault", Secret: "app", Key: "x"}, fails: `has no key "x"`},
		{name: "a secret that is missing", ref: plan.SecretRef{Secret: "app"}, fails: "cannot be read"},
		{name: "no such site", ref: plan.SecretRef{Site: "nowhere", Secret: "app"}, fails: "nowhere"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := secrets.Get(t.Context(), cloudtest.Standby(), tc.ref)
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v, want %q", err, tc.fails)
				}
				return
			}
			if err != nil || got.Reveal() != tc.want {
				t.Errorf("got %q, %v, want %q", got.Reveal(), err, tc.want)
			}
		})
	}
}
