package lambda_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// What a function is made of must exist and be its region's and account's; a refused function is not there.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.closed["333333333333"] = true
	for name, c := range map[string]struct {
		code, text string
		change     func(*lambda.CreateFunctionInput)
	}{
		"a tag that is not there": {"InvalidParameterValueException", "Source image " + host + "team/app:2.0 does not exist. Provide a valid source image.", func(in *lambda.CreateFunctionInput) {
			in.Code.ImageUri = aws.String(host + "team/app:2.0")
		}},
		"another region's image": {"InvalidParameterValueException", "eu-west-1", func(in *lambda.CreateFunctionInput) {
			in.Code.ImageUri = aws.String("111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0")
		}},
		"another account's closed repository": {"AccessDeniedException", "does not have permission to access the ECR image", func(in *lambda.CreateFunctionInput) {
			in.Code.ImageUri = aws.String("333333333333.dkr.ecr.eu-west-2.amazonaws.com/app:1")
		}},
		"no registry": {"InvalidParameterValueException", "is not valid", func(in *lambda.CreateFunctionInput) {
			in.Code.ImageUri = aws.String("docker.io/team/app:1.0")
		}},
		"a handler of an image": {"InvalidParameterValueException", "Please don't provide Handler", func(in *lambda.CreateFunctionInput) { in.Handler = aws.String("main") }},
		"a role that is none":   {"ValidationException", "'role'", func(in *lambda.CreateFunctionInput) { in.Role = aws.String("run") }},
		"a role that is gone": {"InvalidParameterValueException", "cannot be assumed by Lambda", func(in *lambda.CreateFunctionInput) {
			in.Role = aws.String("arn:aws:iam::111111111111:role/path/gone")
		}},
		"another account's role": {"AccessDeniedException", "Cross-account pass role", func(in *lambda.CreateFunctionInput) {
			in.Role = aws.String("arn:aws:iam::222222222222:role/run")
		}},
		"a dead-letter queue that is gone": {"InvalidParameterValueException", "dead-letter queue", func(in *lambda.CreateFunctionInput) {
			in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String(events + "-gone")}
		}},
		"a reserved variable": {"InvalidParameterValueException", "AWS_REGION", func(in *lambda.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{"AWS_REGION": "eu-west-2"}}
		}},
		"variables above 4 KB": {"InvalidParameterValueException", "4KB", func(in *lambda.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{"A": strings.Repeat("x", 4096)}}
		}},
		"too long a timeout": {"ValidationException", "'timeout'", func(in *lambda.CreateFunctionInput) { in.Timeout = aws.Int32(901) }},
		"too little memory":  {"ValidationException", "'memorySize'", func(in *lambda.CreateFunctionInput) { in.MemorySize = aws.Int32(64) }},
		"a bad name":         {"ValidationException", "'functionName'", func(in *lambda.CreateFunctionInput) { in.FunctionName = aws.String("a b") }},
		"no handler of a package": {"InvalidParameterValueException", "Runtime and Handler are mandatory", func(in *lambda.CreateFunctionInput) {
			in.PackageType, in.Code = types.PackageTypeZip, &types.FunctionCode{ZipFile: []byte("PK")}
		}},
		"a package that S3 lacks": {"InvalidParameterValueException", "S3 Error Code: NoSuchKey", func(in *lambda.CreateFunctionInput) {
			in.PackageType, in.Runtime, in.Handler = types.PackageTypeZip, types.RuntimePython312, aws.String("a.b")
			in.Code = &types.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("gone.zip")}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input("refused")
			c.change(in)
			_, err := b.CreateFunction(t.Context(), in)
			simtest.WantCode(t, err, c.code)
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v does not say %q", err, c.text)
			}
			if out := ok[*lambda.ListFunctionsOutput](t)(b.ListFunctions(t.Context(), nil)); len(out.Functions) != 0 {
				t.Errorf("there is %s", *out.Functions[0].FunctionName)
			}
		})
	}
}

// Another account's image can be used while that account is there, and no longer.
func TestImageOfALostAccount(t *testing.T) {
	t.Parallel()
	b, in := setup(t), input("f")
	in.Code.ImageUri = aws.String("222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:1")
	ok[*lambda.CreateFunctionOutput](t)(b.CreateFunction(t.Context(), in))
	b.world.Lose(sim.Scope{Account: "222222222222"})
	in.FunctionName = aws.String("g")
	fails[*lambda.CreateFunctionOutput](t, "InvalidParameterValueException", "does not exist")(b.CreateFunction(t.Context(), in))
}

// An update changes what it names and nothing else, is InProgress for a moment, and never changes a published version.
func TestUpdateKeepsTheRest(t *testing.T) {
	t.Parallel()
	b, ctx, name := setup(t), t.Context(), aws.String("f")
	in := input("f")
	in.Environment, in.Timeout, in.Publish = &types.Environment{Variables: map[string]string{"A": "1", "B": "2"}}, aws.Int32(30), true
	made := ok[*lambda.CreateFunctionOutput](t)(b.CreateFunction(ctx, in))
	if *made.Version != "1" || !strings.HasSuffix(*made.FunctionArn, ":f:1") {
		t.Errorf("published %s %s", *made.Version, *made.FunctionArn)
	}
	change := &lambda.UpdateFunctionConfigurationInput{FunctionName: name, Environment: &types.Environment{Variables: map[string]string{"B": "3"}}}
	fails[*lambda.UpdateFunctionConfigurationOutput](t, "ResourceConflictException", "Pending")(b.UpdateFunctionConfiguration(ctx, change))
	b.pass(3 * time.Second)
	got := ok[*lambda.UpdateFunctionConfigurationOutput](t)(b.UpdateFunctionConfiguration(ctx, change))
	if got.LastUpdateStatus != types.LastUpdateStatusInProgress || *got.Timeout != 30 || len(got.Environment.Variables) != 1 || got.Environment.Variables["B"] != "3" {
		t.Errorf("updated to %+v", got)
	}
	code := &lambda.UpdateFunctionCodeInput{FunctionName: name, ImageUri: aws.String(host + "team/app@" + digest)}
	fails[*lambda.UpdateFunctionCodeOutput](t, "ResourceConflictException", "An update is in progress")(b.UpdateFunctionCode(ctx, code))
	b.pass(2 * time.Second)
	ok[*lambda.UpdateFunctionCodeOutput](t)(b.UpdateFunctionCode(ctx, code))
	b.pass(2 * time.Second)
	code.RevisionId = made.RevisionId
	fails[*lambda.UpdateFunctionCodeOutput](t, "PreconditionFailedException", "Revision Id")(b.UpdateFunctionCode(ctx, code))
	one := ok[*lambda.GetFunctionOutput](t)(b.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name, Qualifier: aws.String("1")}))
	if *one.Code.ImageUri != image || one.Configuration.Environment.Variables["B"] != "2" {
		t.Errorf("version 1 is now %+v %+v", one.Configuration, one.Code)
	}
}

// Versions count up, and only when something changed; an alias moves between them; a version that an alias means is not deleted.
func TestVersionsAndAliases(t *testing.T) {
	t.Parallel()
	b, ctx, name := setup(t), t.Context(), aws.String("f")
	b.function(t, "f")
	publish := func(want string) {
		t.Helper()
		if v := ok[*lambda.PublishVersionOutput](t)(b.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: name})); *v.Version != want {
			t.Errorf("published %s, want %s", *v.Version, want)
		}
	}
	publish("1")
	publish("1")
	ok[*lambda.UpdateFunctionConfigurationOutput](t)(b.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: name, MemorySize: aws.Int32(256)}))
	b.pass(2 * time.Second)
	publish("2")
	alias := ok[*lambda.CreateAliasOutput](t)(b.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: name, Name: aws.String("live"), FunctionVersion: aws.String("1")}))
	memory := func() int32 {
		return *ok[*lambda.GetFunctionConfigurationOutput](t)(b.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: alias.AliasArn})).MemorySize
	}
	if m := memory(); m != 128 {
		t.Errorf("version 1 has %d MB", m)
	}
	fails[*lambda.DeleteFunctionOutput](t, "ResourceConflictException", "live")(b.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name, Qualifier: aws.String("1")}))
	fails[*lambda.UpdateAliasOutput](t, "ResourceNotFoundException", ":f:7")(b.UpdateAlias(ctx, &lambda.UpdateAliasInput{FunctionName: name, Name: alias.Name, FunctionVersion: aws.String("7")}))
	ok[*lambda.UpdateAliasOutput](t)(b.UpdateAlias(ctx, &lambda.UpdateAliasInput{FunctionName: name, Name: alias.Name, FunctionVersion: aws.String("2")}))
	if m := memory(); m != 256 {
		t.Errorf("version 2 has %d MB", m)
	}
	ok[*lambda.DeleteFunctionOutput](t)(b.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name, Qualifier: aws.String("1")}))
	list := ok[*lambda.ListVersionsByFunctionOutput](t)(b.ListVersionsByFunction(ctx, &lambda.ListVersionsByFunctionInput{FunctionName: name}))
	if len(list.Versions) != 2 || *list.Versions[0].Version != "$LATEST" || *list.Versions[1].Version != "2" {
		t.Errorf("versions %+v", list.Versions)
	}
	if all := ok[*lambda.ListAliasesOutput](t)(b.ListAliases(ctx, &lambda.ListAliasesInput{FunctionName: name})); len(all.Aliases) != 1 {
		t.Errorf("aliases %+v", all.Aliases)
	}
	ok[*lambda.DeleteAliasOutput](t)(b.DeleteAlias(ctx, &lambda.DeleteAliasInput{FunctionName: name, Name: alias.Name}))
	fails[*lambda.GetAliasOutput](t, "ResourceNotFoundException", "Cannot find alias")(b.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: name, Name: alias.Name}))
}

// A deployment package, sent or in S3, has AWS's hash and size.
func TestPackages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, code := range map[string]*types.FunctionCode{
		"sent": {ZipFile: []byte("package")}, "stored": {S3Bucket: aws.String("code"), S3Key: aws.String("app.zip")},
	} {
		out := ok[*lambda.CreateFunctionOutput](t)(b.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &name, Role: aws.String(role), Runtime: types.RuntimePython312, Handler: aws.String("a.b"), Code: code,
		}))
		if *out.CodeSha256 != "vEpxGAhw95RRVfuwL0sKLj+qKmLW0xtwOQEwVe0Zhpo=" || out.CodeSize != 7 || out.PackageType != types.PackageTypeZip {
			t.Errorf("%s: %s, %d bytes", name, *out.CodeSha256, out.CodeSize)
		}
	}
}

// Functions belong to their account and region; lists come in pages.
func TestScopeAndPages(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	for _, name := range []string{"a", "b", "c"} {
		b.function(t, name)
	}
	var names []string
	pages := lambda.NewListFunctionsPaginator(b, &lambda.ListFunctionsInput{MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, f := range ok[*lambda.ListFunctionsOutput](t)(pages.NextPage(ctx)).Functions {
			names = append(names, *f.FunctionName)
		}
	}
	if strings.Join(names, "") != "abc" {
		t.Errorf("listed %v", names)
	}
	arn := aws.String("arn:aws:lambda:eu-west-2:111111111111:function:a")
	for code, at := range map[string]sim.Scope{
		"ResourceNotFoundException": {Account: "111111111111", Region: "eu-west-1"}, "AccessDeniedException": {Account: "222222222222", Region: "eu-west-2"},
	} {
		_, err := lambda.NewFromConfig(simtest.At(b.cfg, at)).GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: arn})
		simtest.WantCode(t, err, code)
		_, err = lambda.NewFromConfig(simtest.At(b.cfg, at)).GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String("a")})
		simtest.WantCode(t, err, "ResourceNotFoundException")
	}
}
