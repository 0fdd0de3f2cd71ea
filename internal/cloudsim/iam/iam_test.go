package iam_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/iam"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

const (
	trust  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
	access = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["logs:*", "s3:GetObject"], "Resource": "*"}}`
	basic  = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
)

// code is the AWS error code of err, and its HTTP status.
func code(err error) string {
	var api smithy.APIError
	var resp interface{ HTTPStatusCode() int }
	switch {
	case err == nil:
		return "none"
	case errors.As(err, &api) && errors.As(err, &resp):
		return fmt.Sprint(api.ErrorCode(), " ", resp.HTTPStatusCode())
	}
	return err.Error()
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestRoleLife: what Terraform does with aws_iam_role and its policies is answered as AWS does, from creation to nothing left.
func TestRoleLife(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := awsiam.NewFromConfig(simtest.Serve(t, iam.New(sim.NewWorld(1, nil))))
	name := aws.String("reader")

	role := must[*awsiam.CreateRoleOutput](t)(c.CreateRole(ctx, &awsiam.CreateRoleInput{
		RoleName: name, Path: aws.String("/app/"), AssumeRolePolicyDocument: aws.String(trust), Description: aws.String("reads"), MaxSessionDuration: aws.Int32(7200),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a b")}},
	})).Role
	if got := *role.Arn; got != "arn:aws:iam::111111111111:role/app/reader" || !strings.HasPrefix(*role.RoleId, "AROA") || len(*role.RoleId) != 21 {
		t.Fatalf("created %s %s", got, *role.RoleId)
	}
	got := must[*awsiam.GetRoleOutput](t)(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: name})).Role
	doc := must[string](t)(url.PathUnescape(*got.AssumeRolePolicyDocument))
	if doc != trust || strings.ContainsAny(*got.AssumeRolePolicyDocument, "{ +") || *got.Description != "reads" || *got.MaxSessionDuration != 7200 || len(got.Tags) != 1 || !got.CreateDate.Equal(*role.CreateDate) {
		t.Fatalf("the role reads back as %+v with trust %s", got, *got.AssumeRolePolicyDocument)
	}

	must[*awsiam.PutRolePolicyOutput](t)(c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("in"), PolicyDocument: aws.String(access)}))
	inline := must[*awsiam.GetRolePolicyOutput](t)(c.GetRolePolicy(ctx, &awsiam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("in")}))
	if doc := must[string](t)(url.PathUnescape(*inline.PolicyDocument)); doc != access {
		t.Fatalf("the inline policy reads back as %s", doc)
	}
	for range 2 { // attaching twice is once
		must[*awsiam.AttachRolePolicyOutput](t)(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)}))
	}
	attached := must[*awsiam.ListAttachedRolePoliciesOutput](t)(c.ListAttachedRolePolicies(ctx, &awsiam.ListAttachedRolePoliciesInput{RoleName: name})).AttachedPolicies
	if len(attached) != 1 || *attached[0].PolicyName != "AWSLambdaBasicExecutionRole" {
		t.Fatalf("attached %+v", attached)
	}
	if ps := must[*awsiam.ListInstanceProfilesForRoleOutput](t)(c.ListInstanceProfilesForRole(ctx, &awsiam.ListInstanceProfilesForRoleInput{RoleName: name})); ps.InstanceProfiles == nil || len(ps.InstanceProfiles) > 0 {
		t.Fatalf("instance profiles %+v", ps.InstanceProfiles)
	}

	gone := &awsiam.DeleteRoleInput{RoleName: name}
	for _, step := range []struct {
		want string
		then func() error
	}{
		{"DeleteConflict 409", func() error {
			_, err := c.DetachRolePolicy(ctx, &awsiam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)})
			return err
		}},
		{"DeleteConflict 409", func() error {
			_, err := c.DeleteRolePolicy(ctx, &awsiam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("in")})
			return err
		}},
		{"none", func() error { return nil }},
		{"NoSuchEntity 404", func() error { return nil }},
	} {
		if _, err := c.DeleteRole(ctx, gone); code(err) != step.want {
			t.Fatalf("DeleteRole: %s, want %s", code(err), step.want)
		}
		if err := step.then(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPolicyVersions: a managed policy has at most five versions, its default cannot be deleted, and no id comes twice.
func TestPolicyVersions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := awsiam.NewFromConfig(simtest.Serve(t, iam.New(sim.NewWorld(1, nil))))
	p := must[*awsiam.CreatePolicyOutput](t)(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(access)})).Policy
	if *p.Arn != "arn:aws:iam::111111111111:policy/p" || !strings.HasPrefix(*p.PolicyId, "ANPA") || *p.DefaultVersionId != "v1" {
		t.Fatalf("created %+v", p)
	}
	add := func() error {
		_, err := c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: p.Arn, PolicyDocument: aws.String(access), SetAsDefault: true})
		return err
	}
	for range 4 {
		if err := add(); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(); code(err) != "LimitExceeded 409" {
		t.Fatalf("a sixth version: %v", err)
	}
	del := func(id string) error {
		_, err := c.DeletePolicyVersion(ctx, &awsiam.DeletePolicyVersionInput{PolicyArn: p.Arn, VersionId: &id})
		return err
	}
	if err := del("v5"); code(err) != "DeleteConflict 409" {
		t.Fatalf("the default version was deleted: %v", err)
	}
	if _, err := c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: p.Arn}); code(err) != "DeleteConflict 409" {
		t.Fatalf("a policy with versions was deleted: %v", err)
	}
	if err := errors.Join(del("v1"), add()); err != nil {
		t.Fatal(err)
	}
	vs := must[*awsiam.ListPolicyVersionsOutput](t)(c.ListPolicyVersions(ctx, &awsiam.ListPolicyVersionsInput{PolicyArn: p.Arn})).Versions
	var ids []string
	for _, v := range vs {
		ids = append(ids, fmt.Sprint(*v.VersionId, v.IsDefaultVersion))
	}
	if got := strings.Join(ids, " "); got != "v2false v3false v4false v5false v6true" {
		t.Fatalf("versions %s", got)
	}
	v := must[*awsiam.GetPolicyVersionOutput](t)(c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: p.Arn, VersionId: aws.String("v6")})).PolicyVersion
	if doc := must[string](t)(url.PathUnescape(*v.Document)); doc != access {
		t.Fatalf("the version reads back as %s", doc)
	}
}

// TestAttachmentsAreCounted: a policy knows the roles that use it, and cannot go while one does.
func TestAttachmentsAreCounted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := awsiam.NewFromConfig(simtest.Serve(t, iam.New(sim.NewWorld(1, nil))))
	p := must[*awsiam.CreatePolicyOutput](t)(c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(access)})).Policy
	for i := range 3 {
		name := aws.String(fmt.Sprint("r", i))
		must[*awsiam.CreateRoleOutput](t)(c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust)}))
		must[*awsiam.AttachRolePolicyOutput](t)(c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: name, PolicyArn: p.Arn}))
	}
	if got := must[*awsiam.GetPolicyOutput](t)(c.GetPolicy(ctx, &awsiam.GetPolicyInput{PolicyArn: p.Arn})).Policy; *got.AttachmentCount != 3 {
		t.Fatalf("%d attachments", *got.AttachmentCount)
	}
	var names []string
	pages := awsiam.NewListEntitiesForPolicyPaginator(c, &awsiam.ListEntitiesForPolicyInput{PolicyArn: p.Arn, MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		for _, r := range must[*awsiam.ListEntitiesForPolicyOutput](t)(pages.NextPage(ctx)).PolicyRoles {
			names = append(names, *r.RoleName)
		}
	}
	if got := strings.Join(names, " "); got != "r0 r1 r2" {
		t.Fatalf("the pages of entities give %q", got)
	}
	if _, err := c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: p.Arn}); code(err) != "DeleteConflict 409" {
		t.Fatalf("an attached policy was deleted: %v", err)
	}
}

// TestErrors: what IAM refuses is refused with IAM's code and status.
func TestErrors(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := awsiam.NewFromConfig(simtest.Serve(t, iam.New(sim.NewWorld(1, nil))))
	create := func(name, trust string) error {
		_, err := c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
		return err
	}
	put := func(doc string) error {
		_, err := c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: aws.String("there"), PolicyName: aws.String("p"), PolicyDocument: &doc})
		return err
	}
	attach := func(arn string) error {
		_, err := c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: aws.String("there"), PolicyArn: &arn})
		return err
	}
	if err := create("there", trust); err != nil {
		t.Fatal(err)
	}
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a role twice":                  {create("there", trust), "EntityAlreadyExists 409"},
		"names differ in case only":     {create("There", trust), "EntityAlreadyExists 409"},
		"a name with a space":           {create("a b", trust), "ValidationError 400"},
		"a name of 65 characters":       {create(strings.Repeat("n", 65), trust), "ValidationError 400"},
		"trust that is not JSON":        {create("new", "{"), "MalformedPolicyDocument 400"},
		"trust with a resource":         {create("new", statement(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}`)), "MalformedPolicyDocument 400"},
		"trust of another action":       {create("new", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}`)), "MalformedPolicyDocument 400"},
		"trust without principal":       {create("new", statement(`{"Effect":"Allow","Action":"sts:AssumeRole"}`)), "MalformedPolicyDocument 400"},
		"trust over its quota":          {create("new", strings.Replace(trust, "lambda", strings.Repeat("x", 2048), 1)), "LimitExceeded 409"},
		"a policy with a principal":     {put(trust), "MalformedPolicyDocument 400"},
		"a policy without resource":     {put(statement(`{"Effect":"Allow","Action":"s3:*"}`)), "MalformedPolicyDocument 400"},
		"a policy without statements":   {put(statement(``)), "MalformedPolicyDocument 400"},
		"a policy of an unknown effect": {put(statement(`{"Effect":"allow","Action":"s3:*","Resource":"*"}`)), "MalformedPolicyDocument 400"},
		"an action without vendor":      {put(statement(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`)), "MalformedPolicyDocument 400"},
		"a resource that is no ARN":     {put(statement(`{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}`)), "MalformedPolicyDocument 400"},
		"an inline policy over quota":   {put(strings.Replace(access, "logs", strings.Repeat("x", 10240), 1)), "LimitExceeded 409"},
		"an AWS policy that is unknown": {attach("arn:aws:iam::aws:policy/NoSuchPolicy"), "NoSuchEntity 404"},
		"the start of an AWS policy":    {attach("arn:aws:iam::aws:policy/Read"), "NoSuchEntity 404"},
		"a policy of another account":   {attach("arn:aws:iam::222222222222:policy/p"), "NoSuchEntity 404"},
		"what is no ARN":                {attach("p"), "ValidationError 400"},
		"an AWS policy that is known":   {attach("arn:aws:iam::aws:policy/ReadOnlyAccess"), "none"},
		"whitespace does not count":     {create("spaced", strings.ReplaceAll(trust, ": ", ":"+strings.Repeat(" ", 600))), "none"},
	} {
		if got := code(test.err); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	_, err := c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: aws.String("g")})
	if code(err) != "UnknownOperationException 400" || !strings.Contains(err.Error(), "iam CreateGroup") {
		t.Errorf("an operation that the drill cloud lacks: %v", err)
	}
	_, err = c.GetPolicyVersion(ctx, &awsiam.GetPolicyVersionInput{PolicyArn: aws.String(basic), VersionId: aws.String("v1")})
	if code(err) != "UnknownOperationException 400" {
		t.Errorf("the document of an AWS-managed policy: %v", err)
	}
	_, err = c.DeletePolicy(ctx, &awsiam.DeletePolicyInput{PolicyArn: aws.String(basic)})
	if code(err) != "AccessDenied 403" {
		t.Errorf("an AWS-managed policy was deleted: %v", err)
	}
}

// TestServiceLinkedRole: it is made once, belongs to its service, and goes the way AWS prescribes.
func TestServiceLinkedRole(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := awsiam.NewFromConfig(simtest.Serve(t, iam.New(sim.NewWorld(1, nil))))
	in := &awsiam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("replication.ecr.amazonaws.com")}
	role := must[*awsiam.CreateServiceLinkedRoleOutput](t)(c.CreateServiceLinkedRole(ctx, in)).Role
	if *role.Arn != "arn:aws:iam::111111111111:role/aws-service-role/replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication" {
		t.Fatalf("created %s", *role.Arn)
	}
	if _, err := c.CreateServiceLinkedRole(ctx, in); code(err) != "InvalidInput 400" {
		t.Fatalf("made twice: %v", err)
	}
	if _, err := c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: role.RoleName}); code(err) != "UnmodifiableEntity 400" {
		t.Fatalf("deleted by its user: %v", err)
	}
	task := must[*awsiam.DeleteServiceLinkedRoleOutput](t)(c.DeleteServiceLinkedRole(ctx, &awsiam.DeleteServiceLinkedRoleInput{RoleName: role.RoleName})).DeletionTaskId
	state := must[*awsiam.GetServiceLinkedRoleDeletionStatusOutput](t)(c.GetServiceLinkedRoleDeletionStatus(ctx, &awsiam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}))
	if state.Status != types.DeletionTaskStatusTypeSucceeded {
		t.Fatalf("the deletion is %s", state.Status)
	}
}

// TestAccountsAreApart: a role of one account is not seen from another.
func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := iam.New(sim.NewWorld(1, nil))
	cfg := simtest.Serve(t, s)
	one, two := awsiam.NewFromConfig(cfg), awsiam.NewFromConfig(simtest.At(cfg, sim.Scope{Account: "222222222222", Region: "us-east-1"}))
	must[*awsiam.CreateRoleOutput](t)(one.CreateRole(t.Context(), &awsiam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trust)}))
	if _, err := two.GetRole(t.Context(), &awsiam.GetRoleInput{RoleName: aws.String("r")}); code(err) != "NoSuchEntity 404" {
		t.Fatalf("seen from another account: %v", err)
	}
	if _, longest, ok := s.Role(simtest.Home().Account, "R"); !ok || longest.Hours() != 1 {
		t.Fatalf("STS finds %v %v", longest, ok)
	}
}

// TestSaveLoad: after any history, a loaded IAM answers every list as the saved one did.
func TestSaveLoad(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(1, nil)
	saved, loaded := iam.New(w), iam.New(w)
	a, b := awsiam.NewFromConfig(simtest.Serve(t, saved)), awsiam.NewFromConfig(simtest.Serve(t, loaded))
	rapid.Check(t, func(rt *rapid.T) {
		if err := saved.Load([]byte(`{}`)); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 20).Draw(rt, "calls") {
			_ = randomCall(rt, a) // refused calls are part of a history
		}
		state, err := saved.Save()
		if err != nil {
			rt.Fatal(err)
		}
		if err := loaded.Load(state); err != nil {
			rt.Fatal(err)
		}
		if x, y := everything(rt, a), everything(rt, b); !reflect.DeepEqual(x, y) {
			rt.Fatalf("saved  %s\nloaded %s", x, y)
		}
	})
}

func randomCall(rt *rapid.T, c *awsiam.Client) error {
	ctx := context.Background()
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "name")
	arn := rapid.SampledFrom([]string{basic, "arn:aws:iam::111111111111:policy/a", "arn:aws:iam::111111111111:policy/b"}).Draw(rt, "policy")
	var err error
	switch rapid.IntRange(0, 6).Draw(rt, "call") {
	case 0:
		_, err = c.CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)})
	case 1:
		_, err = c.CreatePolicy(ctx, &awsiam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(access)})
	case 2:
		_, err = c.AttachRolePolicy(ctx, &awsiam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &arn})
	case 3:
		_, err = c.PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: &name, PolicyName: &name, PolicyDocument: aws.String(access)})
	case 4:
		_, err = c.TagRole(ctx, &awsiam.TagRoleInput{RoleName: &name, Tags: []types.Tag{{Key: &name, Value: &arn}}})
	case 5:
		_, err = c.CreatePolicyVersion(ctx, &awsiam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: aws.String(access)})
	case 6:
		_, err = c.DeleteRole(ctx, &awsiam.DeleteRoleInput{RoleName: &name})
	}
	return err
}

// everything is what an account shows of itself, as text.
func everything(rt *rapid.T, c *awsiam.Client) string {
	ctx := context.Background()
	var b strings.Builder
	show := func(v any, err error) {
		if err != nil {
			rt.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			rt.Fatal(err)
		}
		b.Write(text)
	}
	roles, err := c.ListRoles(ctx, &awsiam.ListRolesInput{})
	show(roles, err)
	for _, r := range roles.Roles {
		show(c.GetRole(ctx, &awsiam.GetRoleInput{RoleName: r.RoleName}))
		show(c.ListAttachedRolePolicies(ctx, &awsiam.ListAttachedRolePoliciesInput{RoleName: r.RoleName}))
		show(c.ListRolePolicies(ctx, &awsiam.ListRolePoliciesInput{RoleName: r.RoleName}))
	}
	policies, err := c.ListPolicies(ctx, &awsiam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	show(policies, err)
	for _, p := range policies.Policies {
		show(c.ListPolicyVersions(ctx, &awsiam.ListPolicyVersionsInput{PolicyArn: p.Arn}))
	}
	return b.String()
}
