package cloudsim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// TestSaveLoad: a cloud loaded from a file, plain or packed, has the resources, the keys, the disasters, and no identifier twice.
func TestSaveLoad(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cloud.json", "cloud.json.gz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, file := t.Context(), filepath.Join(t.TempDir(), name)
			old, notes := small(t, Config{Seed: 3})
			url := serve(t, old)
			created, err := iamClient(url, standby, "").CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("one"), AssumeRolePolicyDocument: aws.String(trust)})
			if err != nil {
				t.Fatal(err)
			}
			session, err := stsClient(url, ireland, primary, "").AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: created.Role.Arn, RoleSessionName: aws.String("me")})
			if err != nil {
				t.Fatal(err)
			}
			steer := &control.Client{BaseURL: url}
			lost := sim.Disaster{Kind: sim.RegionLost, Region: london}
			if err := steer.Strike(ctx, lost); err != nil {
				t.Fatal(err)
			}
			notes.counts["x"] = 4
			if err := steer.Save(ctx, file); err != nil {
				t.Fatal(err)
			}

			loaded, notes := small(t, Config{Seed: 99})
			if err := loaded.Load(file); err != nil {
				t.Fatal(err)
			}
			url = serve(t, loaded)
			key, token := *session.Credentials.AccessKeyId, *session.Credentials.SessionToken
			if got, err := whoami(t, stsClient(url, ireland, key, token)); err != nil || !strings.HasSuffix(got, "assumed-role/one/me") {
				t.Errorf("the key of before is %q (%v)", got, err)
			}
			got, err := iamClient(url, key, token).GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("one")})
			if err != nil || *got.Role.RoleId != *created.Role.RoleId {
				t.Errorf("the role of before: %v %v", got, err)
			}
			if reached := reach(t, url, primary, london); reached != "refused" {
				t.Errorf("the lost region: %s", reached)
			}
			next, err := iamClient(url, standby, "").CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("two"), AssumeRolePolicyDocument: aws.String(trust)})
			same, err2 := iamClient(serve(t, old), standby, "").CreateRole(ctx, &awsiam.CreateRoleInput{RoleName: aws.String("two"), AssumeRolePolicyDocument: aws.String(trust)})
			if err != nil || err2 != nil || *next.Role.RoleId != *same.Role.RoleId || *next.Role.RoleId == *created.Role.RoleId {
				t.Errorf("the next identifier is %v after %s, in the cloud that was saved %v", next, *created.Role.RoleId, same)
			}
			if notes.counts["x"] != 4 {
				t.Errorf("notes: %v", notes.counts)
			}
		})
	}
}

// TestLoadRefuses: a file that is not wholly a cloud of this program's version is refused, with its name.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{})
	good := filepath.Join(t.TempDir(), "good.json")
	if err := c.Save(good); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, content := range map[string]string{
		"empty":             "",
		"half of it":        text[:len(text)/2],
		"another version":   strings.Replace(text, `"version":1`, `"version":2`, 1),
		"no version":        strings.Replace(text, `"version":1`, `"v":1`, 1),
		"no world":          strings.Replace(text, `"world"`, `"word"`, 1),
		"an alien service":  strings.Replace(text, `"iam":`, `"quantum":`, 1),
		"a broken service":  strings.Replace(text, `"iam":{}`, `"iam":{"111111111111":null}`, 1),
		"a broken disaster": strings.Replace(text, `"disasters":`, `"disasters":[{"kind":"flood"}],"x":`, 1),
	} {
		if content == text {
			t.Fatalf("%s: the test changes nothing", name)
		}
		file := filepath.Join(t.TempDir(), "cloud.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, _ := small(t, Config{})
		if err := c.Load(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSaveIsWholeOrNothing: a save that fails leaves the file of before, and nothing beside it.
func TestSaveIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "cloud.json")
	if err := os.Mkdir(file, 0o700); err != nil { // a rename onto a directory fails
		t.Fatal(err)
	}
	c, _ := small(t, Config{})
	if err := c.Save(file); err == nil {
		t.Fatal("saved over a directory")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || !entries[0].IsDir() {
		t.Fatalf("left %v %v", entries, err)
	}
	if err := (&control.Client{BaseURL: serve(t, c)}).Save(t.Context(), "cloud.json"); err == nil || !strings.Contains(err.Error(), "absolute") {
		t.Fatalf("a relative path: %v", err)
	}
}
