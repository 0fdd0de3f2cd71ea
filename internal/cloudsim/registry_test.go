package cloudsim

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestRegistryMeetsTheDisaster: the container registry, whose clients do not sign, is reached with ECR's token, lost with its region,
// and closed with its account.
func TestRegistryMeetsTheDisaster(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, c)
	out, err := ecr.New(ecr.Options{Region: london, BaseEndpoint: &url, Credentials: static(primary, "")}).GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(auth string) int {
		r := httptest.NewRequest(http.MethodGet, "/v2/", http.NoBody)
		r.Header.Set("Authorization", auth)
		return answer(c, r).Code
	}
	login := "Basic " + *out.AuthorizationData[0].AuthorizationToken
	if got := ask(""); got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
	if got := ask(login); got != http.StatusOK {
		t.Errorf("with the token: %d", got)
	}
	w := c.World()
	revoked := sim.Disaster{Kind: sim.CredentialsRevoked, Account: primary}
	if err := w.Strike(revoked); err != nil {
		t.Fatal(err)
	}
	if got := ask(login); got != http.StatusForbidden {
		t.Errorf("with revoked credentials: %d", got)
	}
	if err := w.End(revoked); err != nil {
		t.Fatal(err)
	}
	w.Lose(sim.Scope{Account: primary, Region: ireland})
	if got := ask(login); got != http.StatusOK {
		t.Errorf("while another region is lost: %d", got)
	}
	w.Lose(sim.Scope{Account: primary, Region: london})
	defer func() {
		if recover() != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not a returned error
			t.Error("a lost registry did not end the request")
		}
	}()
	t.Errorf("while it is lost: %d", ask(login))
}
