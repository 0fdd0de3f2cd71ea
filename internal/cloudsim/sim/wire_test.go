package sim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestJSONProtocol: an operation gets its input, a result is JSON, an error has its code, status and further members; anything else
// is an InternalFailure or an unknown operation.
func TestJSONProtocol(t *testing.T) {
	t.Parallel()
	type in struct{ Name string }
	h := sim.JSONHandler("ssm", "1.1", map[string]sim.JSONOp{
		"Greet": sim.Op(func(_ *sim.Call, in *in) (map[string]string, error) { return map[string]string{"Hello": in.Name}, nil }),
		"Refuse": sim.Op(func(*sim.Call, *in) (any, error) {
			return nil, &sim.Error{Code: "Gone", Message: "it is gone", Status: http.StatusGone, Extra: map[string]any{"Where": "away"}}
		}),
		"Fail": sim.Op(func(*sim.Call, *in) (any, error) { return nil, errors.New("no disk") }),
	})
	for _, test := range []struct {
		operation, body string
		status          int
		want            string
	}{
		{"Greet", `{"Name":"you","Other":1}`, 200, `{"Hello":"you"}`},
		{"Greet", ``, 200, `{"Hello":""}`},
		{"Greet", `{`, 400, `{"__type":"SerializationException","message":"unexpected end of JSON input"}`},
		{"Refuse", `{}`, 410, `{"Where":"away","__type":"Gone","message":"it is gone"}`},
		{"Fail", `{}`, 500, `{"__type":"InternalFailure","message":"no disk"}`},
		{"Dance", `{}`, 400, `{"__type":"UnknownOperationException","message":"the drill cloud does not implement ssm Dance"}`},
		{"Greet", strings.Repeat(" ", sim.MaxBody+1), 413, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		r.Header.Set("X-Amz-Target", "AmazonSSM."+test.operation)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.status || test.want != "" && w.Body.String() != test.want || !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/x-amz-json-1.1" {
			t.Errorf("%s: %d %s", test.operation, w.Code, w.Body)
		}
	}
}

// TestQueryProtocol: a result stands in <NameResult>, no result leaves the metadata only, an error tells whose fault it is.
func TestQueryProtocol(t *testing.T) {
	t.Parallel()
	h := sim.QueryHandler("iam", "https://ns/", map[string]sim.QueryOp{
		"Get": func(_ *sim.Call, in url.Values) (any, error) { return struct{ Name string }{in.Get("Name")}, nil },
		"Del": func(*sim.Call, url.Values) (any, error) { return nil, nil },
		"Miss": func(*sim.Call, url.Values) (any, error) {
			return nil, sim.Errorf("NoSuchEntity", "no %s", "x").WithStatus(http.StatusNotFound)
		},
		"Fail": func(*sim.Call, url.Values) (any, error) { return nil, errors.New("no disk") },
	})
	const metadata = `<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>`
	for form, want := range map[string]string{
		"Action=Get&Name=a%26b": `<GetResponse xmlns="https://ns/"><GetResult><Name>a&amp;b</Name></GetResult>` + metadata + `</GetResponse>`,
		"Action=Del":            `<DelResponse xmlns="https://ns/">` + metadata + `</DelResponse>`,
		"Action=Miss":           `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no x</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
		"Action=Fail":           `<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>no disk</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
		"Action=%zz":            `<ErrorResponse><Error><Type>Sender</Type><Code>MalformedQueryString</Code>`,
		"":                      `<ErrorResponse><Error><Type>Sender</Type><Code>UnknownOperationException</Code>`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), &sim.Call{RequestID: "r-1"})))
		if !strings.HasPrefix(w.Body.String(), want) || (w.Code == http.StatusOK) != strings.HasPrefix(want, "<Get") && !strings.HasPrefix(want, "<Del") {
			t.Errorf("%s: %d %s", form, w.Code, w.Body)
		}
	}
}
