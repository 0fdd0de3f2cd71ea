package ssm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
	simssm "github.com/lifeboat-dr/lifeboat/internal/cloudsim/ssm"
)

func setup(t *testing.T) (*ssm.Client, *simssm.Service) {
	t.Helper()
	s := simssm.New(sim.NewWorld(1, nil), nil)
	return ssm.NewFromConfig(simtest.Serve(t, s)), s
}

func put(t *testing.T, c *ssm.Client, name, value string, kind types.ParameterType, overwrite bool) error {
	t.Helper()
	_, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Type: kind, Overwrite: &overwrite})
	return err
}

// A value is overwritten only when asked; each version can still be read, by name and by ARN; a saved store has them all.
func TestVersions(t *testing.T) {
	t.Parallel()
	c, s := setup(t)
	ctx := t.Context()
	if err := put(t, c, "/app/url", "one", types.ParameterTypeString, false); err != nil {
		t.Fatal(err)
	}
	simtest.WantCode(t, put(t, c, "/app/url", "two", "", false), "ParameterAlreadyExists")
	if err := put(t, c, "/app/url", "two", "", true); err != nil {
		t.Fatal(err)
	}
	saved, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Load(saved); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"/app/url": "two", "/app/url:1": "one", "/app/url:2": "two", "arn:aws:ssm:eu-west-2:111111111111:parameter/app/url": "two"} {
		out, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &id})
		if err != nil || *out.Parameter.Value != want || *out.Parameter.Name != "/app/url" {
			t.Fatalf("%s: %+v %v", id, out, err)
		}
	}
	for id, code := range map[string]string{"/app/url:3": "ParameterVersionNotFound", "/app": "ParameterNotFound", "arn:aws:ssm:eu-west-1:111111111111:parameter/app/url": "ParameterNotFound"} {
		_, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &id})
		simtest.WantCode(t, err, code)
	}
	h, err := c.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: aws.String("/app/url")})
	if err != nil || len(h.Parameters) != 2 || *h.Parameters[0].Value != "one" {
		t.Fatalf("%+v %v", h, err)
	}
}

// A SecureString is readable only with decryption, and names its key.
func TestSecureString(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	if err := put(t, c, "/app/password", "hunter2", types.ParameterTypeSecureString, false); err != nil {
		t.Fatal(err)
	}
	for decrypt, shown := range map[bool]bool{true: true, false: false} {
		out, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/app/password"), WithDecryption: &decrypt})
		if err != nil || (*out.Parameter.Value == "hunter2") != shown || strings.Contains(*out.Parameter.Value, "hunter") != shown {
			t.Fatalf("decrypt %v: %+v %v", decrypt, out, err)
		}
	}
	d, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Type"), Values: []string{"SecureString"}}}})
	if err != nil || len(d.Parameters) != 1 || *d.Parameters[0].KeyId != "alias/aws/ssm" {
		t.Fatalf("%+v %v", d, err)
	}
}

// Wrong names, types, sizes and patterns are refused with AWS's codes.
func TestRefused(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	for name, tc := range map[string]struct {
		in   ssm.PutParameterInput
		code string
	}{
		"relative path": {ssm.PutParameterInput{Name: aws.String("a/b"), Value: aws.String("v"), Type: "String"}, "ValidationException"},
		"reserved":      {ssm.PutParameterInput{Name: aws.String("/aws/x"), Value: aws.String("v"), Type: "String"}, "AccessDeniedException"},
		"reserved name": {ssm.PutParameterInput{Name: aws.String("ssm-x"), Value: aws.String("v"), Type: "String"}, "ValidationException"},
		"no type":       {ssm.PutParameterInput{Name: aws.String("a"), Value: aws.String("v")}, "ValidationException"},
		"too deep":      {ssm.PutParameterInput{Name: aws.String(strings.Repeat("/a", 16)), Value: aws.String("v"), Type: "String"}, "HierarchyLevelLimitExceededException"},
		"too large":     {ssm.PutParameterInput{Name: aws.String("a"), Value: aws.String(strings.Repeat("x", 4097)), Type: "String"}, "ValidationException"},
		"pattern":       {ssm.PutParameterInput{Name: aws.String("a"), Value: aws.String("v"), Type: "String", AllowedPattern: aws.String(`^\d+$`)}, "ParameterPatternMismatchException"},
	} {
		t.Log(name)
		_, err := c.PutParameter(t.Context(), &tc.in)
		simtest.WantCode(t, err, tc.code)
	}
	out, err := c.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("a"), Value: aws.String(strings.Repeat("x", 4097)), Type: "String", Tier: types.ParameterTierIntelligentTiering})
	if err != nil || out.Tier != types.ParameterTierAdvanced {
		t.Fatalf("%+v %v", out, err)
	}
}

// A path gives what is under it, level by level or all, page by page; unknown names are reported beside the known.
func TestPathsAndLists(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	for i := range 12 {
		if err := put(t, c, fmt.Sprintf("/app/%02d", i), "v", types.ParameterTypeString, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(t, c, "/app/deep/er", "v", types.ParameterTypeString, false); err != nil {
		t.Fatal(err)
	}
	for recursive, want := range map[bool]int{false: 12, true: 13} {
		n, pages := 0, ssm.NewGetParametersByPathPaginator(c, &ssm.GetParametersByPathInput{Path: aws.String("/app"), Recursive: &recursive})
		for pages.HasMorePages() {
			p, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			n += len(p.Parameters)
		}
		if n != want {
			t.Fatalf("recursive %v: %d", recursive, n)
		}
	}
	many, err := c.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/app/00", "/none"}})
	if err != nil || len(many.Parameters) != 1 || len(many.InvalidParameters) != 1 {
		t.Fatalf("%+v %v", many, err)
	}
	gone, err := c.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{"/app/00", "/none"}})
	if err != nil || len(gone.DeletedParameters) != 1 || len(gone.InvalidParameters) != 1 {
		t.Fatalf("%+v %v", gone, err)
	}
}

// Tags are read back and filter.
func TestTags(t *testing.T) {
	t.Parallel()
	c, _ := setup(t)
	ctx := t.Context()
	if err := put(t, c, "plain", "v", types.ParameterTypeString, false); err != nil {
		t.Fatal(err)
	}
	id := aws.String("plain")
	if _, err := c.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceType: "Parameter", ResourceId: id, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}, {Key: aws.String("c"), Value: aws.String("d")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{ResourceType: "Parameter", ResourceId: id, TagKeys: []string{"c"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: "Parameter", ResourceId: id})
	if err != nil || len(tags.TagList) != 1 || *tags.TagList[0].Key != "a" {
		t.Fatalf("%+v %v", tags, err)
	}
	for value, want := range map[string]int{"b": 1, "x": 0} {
		d, err := c.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("tag:a"), Values: []string{value}}}})
		if err != nil || len(d.Parameters) != want {
			t.Fatalf("%+v %v", d, err)
		}
	}
	_, err = c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: "Parameter", ResourceId: aws.String("none")})
	simtest.WantCode(t, err, "InvalidResourceId")
}
