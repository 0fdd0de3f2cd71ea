package providertest

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// furnish makes what the example only reads: two images, a secret, a parameter.
func furnish(t *testing.T, cfg aws.Config, tag string) {
	t.Helper()
	registry := ecr.NewFromConfig(cfg)
	token, err := registry.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	login, err := base64.StdEncoding.DecodeString(*token.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(login), ":")
	host := strings.TrimPrefix(*token.AuthorizationData[0].ProxyEndpoint, "http://")
	for _, repository := range []string{"pharmacy-updates/change-event", "pharmacy-updates/message-replay"} {
		if _, err := registry.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &repository}); err != nil {
			t.Fatal(err)
		}
		image, err := random.Image(1024, 1)
		if err != nil {
			t.Fatal(err)
		}
		ref, err := name.ParseReference(host+"/"+repository+":"+tag, name.Insecure)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(ref, image, remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"directory-of-services", "signing-key"} {
		if _, err := secretsmanager.NewFromConfig(cfg).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
			Name: aws.String("pharmacy-updates/" + name), SecretString: aws.String(`{"username":"u","password":"p"}`),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/pharmacy-updates/opening-times-url"), Value: aws.String("https://example.org"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
}

// inventory names what works in the account and region. A key or a secret that waits for its deletion does not work.
func inventory(t *testing.T, cfg aws.Config) []string {
	t.Helper()
	var out []string
	add := func(kind string, names ...string) {
		for _, n := range names {
			out = append(out, kind+" "+n)
		}
	}
	ctx := t.Context()
	tables, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{})
	must(t, err)
	add("table", tables.TableNames...)
	queues, err := sqs.NewFromConfig(cfg).ListQueues(ctx, &sqs.ListQueuesInput{})
	must(t, err)
	add("queue", queues.QueueUrls...)
	buckets, err := s3.NewFromConfig(cfg).ListBuckets(ctx, &s3.ListBucketsInput{})
	must(t, err)
	for _, b := range buckets.Buckets {
		add("bucket", *b.Name)
	}
	functions, err := lambda.NewFromConfig(cfg).ListFunctions(ctx, &lambda.ListFunctionsInput{})
	must(t, err)
	for _, f := range functions.Functions {
		add("function", *f.FunctionName)
	}
	mappings, err := lambda.NewFromConfig(cfg).ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{})
	must(t, err)
	for _, m := range mappings.EventSourceMappings {
		add("mapping", *m.UUID)
	}
	groups, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	must(t, err)
	for _, g := range groups.LogGroups {
		add("log group", *g.LogGroupName)
	}
	roles, err := iam.NewFromConfig(cfg).ListRoles(ctx, &iam.ListRolesInput{})
	must(t, err)
	for _, r := range roles.Roles {
		add("role", *r.RoleName)
	}
	secrets, err := secretsmanager.NewFromConfig(cfg).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	must(t, err)
	for _, s := range secrets.SecretList {
		add("secret", *s.Name)
	}
	add("key", liveKeys(t, kms.NewFromConfig(cfg))...)
	apis, err := apigateway.NewFromConfig(cfg).GetRestApis(ctx, &apigateway.GetRestApisInput{})
	must(t, err)
	for _, a := range apis.Items {
		add("API", *a.Name)
	}
	consumers, err := apigateway.NewFromConfig(cfg).GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
	must(t, err)
	for _, k := range consumers.Items {
		add("API key", *k.Name)
	}
	slices.Sort(out)
	return out
}

func liveKeys(t *testing.T, c *kms.Client) (out []string) {
	t.Helper()
	aliases, err := c.ListAliases(t.Context(), &kms.ListAliasesInput{})
	must(t, err)
	for _, a := range aliases.Aliases {
		if !strings.HasPrefix(*a.AliasName, "alias/aws/") {
			out = append(out, *a.AliasName)
		}
	}
	keys, err := c.ListKeys(t.Context(), &kms.ListKeysInput{})
	must(t, err)
	for _, k := range keys.Keys {
		d, err := c.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: k.KeyId})
		must(t, err)
		if d.KeyMetadata.KeyManager == "CUSTOMER" && d.KeyMetadata.DeletionDate == nil {
			out = append(out, *k.KeyId)
		}
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
