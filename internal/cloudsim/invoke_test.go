package cloudsim

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestInvokeURL: who calls a deployed API need not sign; the gateway finds it by path and by host name, counts the calls, and does
// not answer for a lost region.
func TestInvokeURL(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	made := rest(t, c, http.MethodPost, "/restapis", `{"name":"updates"}`)
	api, root := field(t, made, "id"), field(t, made, "rootResourceId")
	method := "/restapis/" + api + "/resources/" + root + "/methods/GET"
	rest(t, c, http.MethodPut, method, `{"authorizationType":"NONE"}`)
	rest(t, c, http.MethodPut, method+"/integration", `{"type":"HTTP_PROXY","httpMethod":"GET","uri":"https://example.org"}`)
	rest(t, c, http.MethodPost, "/restapis/"+api+"/deployments", `{"stageName":"live"}`)
	byPath := func() *http.Request {
		return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_aws/execute-api/"+api+"/live", http.NoBody)
	}
	byHost := func() *http.Request {
		return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+api+".execute-api."+london+".amazonaws.com/live", http.NoBody)
	}
	for _, r := range []*http.Request{byPath(), byHost()} {
		if w := answer(c, r); w.Code != http.StatusOK || w.Body.String() != `{"simulated":true}` || w.Header().Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s: %d %s", r.URL, w.Code, w.Body)
		}
	}
	if !slices.ContainsFunc(c.Calls(), func(o control.Operation) bool {
		return o.Service == "execute-api" && o.Operation == "Invoke" && o.Calls == 2
	}) {
		t.Errorf("counted %v", c.Calls())
	}
	c.World().Lose(sim.Scope{Region: london})
	for _, r := range []*http.Request{byPath(), byHost()} {
		if !aborts(c, r) {
			t.Errorf("%s was answered from a lost region", r.URL)
		}
	}
}

// aborts tells whether a request got no answer.
func aborts(c *Cloud, r *http.Request) (aborted bool) {
	defer func() {
		err, _ := recover().(error)
		aborted = errors.Is(err, http.ErrAbortHandler)
	}()
	answer(c, r)
	return false
}

// rest makes a signed REST-JSON call of API Gateway that succeeds.
func rest(t *testing.T, c *Cloud, method, path, body string) string {
	t.Helper()
	r := request(t.Context(), "http://127.0.0.1"+path, primary, london, "apigateway", "")
	r.Header.Del("X-Amz-Target")
	r.Method, r.Body = method, http.NoBody
	if body != "" {
		signed := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Body = signed.Body
	}
	w := answer(c, r)
	if w.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.String()
}

// field gives a text member of a flat JSON object.
func field(t *testing.T, object, name string) string {
	t.Helper()
	_, rest, _ := strings.Cut(object, `"`+name+`":"`)
	value, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no %s in %s", name, object)
	}
	return value
}
