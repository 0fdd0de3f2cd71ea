package awscloud_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// fakeAWS answers STS for the account that the access key names, and every other call as answer says.
type fakeAWS struct {
	*httptest.Server
	answer http.HandlerFunc // nil: an empty JSON object

	mu    sync.Mutex
	calls []string     // operations, in order
	forms []url.Values // of STS calls
}

func newFake(t *testing.T) *fakeAWS {
	t.Helper()
	f := &fakeAWS{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := regexp.MustCompile(`Credential=([^/]+)/`).FindStringSubmatch(r.Header.Get("Authorization"))
	op := r.Method + " " + r.URL.Path
	form, _ := url.ParseQuery(string(body))
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		op = target[strings.LastIndexByte(target, '.')+1:]
	} else if form.Get("Action") != "" {
		op = form.Get("Action")
	}
	f.mu.Lock()
	f.calls = append(f.calls, op)
	if form.Has("Action") {
		f.forms = append(f.forms, form)
	}
	answer := f.answer
	f.mu.Unlock()
	switch {
	case answer != nil && op != "GetCallerIdentity" && op != "AssumeRole":
		answer(w, r)
	case op == "GetCallerIdentity":
		account := key[1][len(key[1])-12:]
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/x</Arn><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account, account)
	case op == "AssumeRole":
		account := strings.Split(form.Get("RoleArn"), ":")[4]
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%s</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, account)
	default:
		fmt.Fprint(w, `{}`)
	}
}

func (f *fakeAWS) count(op string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == op {
			n++
		}
	}
	return n
}

const home, away = "111111111111", "222222222222"

func standby() *plan.Site {
	return &plan.Site{Name: "standby", Account: away, Region: "eu-west-1"}
}

// cloud is a Cloud on the fake whose base keys belong to an account.
func (f *fakeAWS) cloud(account string) *awscloud.Cloud {
	return awscloud.New(awscloud.Config{
		Endpoint: f.URL, Run: "run 1/abc", Env: proc.Env{"PATH": "/bin", "AWS_PROFILE": "mine", "AWS_ENDPOINT_URL_S3": "https://real", "AWS_CA_BUNDLE": "/ca"},
		Credentials: func(*plan.Site) awscloud.Keys {
			return awscloud.Keys{ID: "AKIA" + account, Secret: secret.New("base-secret")}
		},
	})
}

func clients(t *testing.T, c *awscloud.Cloud, site *plan.Site) *awscloud.Clients {
	t.Helper()
	s, err := c.At(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
