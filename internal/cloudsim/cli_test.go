package cloudsim

import (
	"os/exec"
	"strings"
	"testing"
)

// TestAWSCLI: the AWS CLI, where there is one, works unchanged with an endpoint URL and an account number as its key.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("no aws on PATH")
	}
	c, _ := small(t, Config{})
	url := serve(t, c)
	aws := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "aws", args...)
		cmd.Env = append(cmd.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID="+standby, "AWS_SECRET_ACCESS_KEY=any", "AWS_SESSION_TOKEN=",
			"AWS_REGION="+ireland, "AWS_DEFAULT_REGION="+ireland, "AWS_DEFAULT_OUTPUT=text", "AWS_MAX_ATTEMPTS=1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return err.Error() + ": " + string(out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, step := range []struct{ want, args string }{
		{"222222222222\tarn:aws:iam::222222222222:root\t222222222222", "sts get-caller-identity"},
		{"arn:aws:iam::222222222222:role/app", "iam create-role --role-name app --query Role.Arn --assume-role-policy-document " + trust},
		{"sts:AssumeRole", "iam get-role --role-name app --query Role.AssumeRolePolicyDocument.Statement[0].Action"},
		{"(UnknownOperationException) when calling the ListStreams operation", "kinesis list-streams"},
	} {
		if got := aws(strings.Fields(step.args)...); !strings.Contains(got, step.want) {
			t.Errorf("aws %s: %s\nwant %s", step.args, got, step.want)
		}
	}
}
