package load_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// wire is a DynamoDB that takes at most five items of a call, and none that is called "bad".
type wire struct {
	mu    sync.Mutex
	items map[string]string // id to the text that came
	calls map[string]int
}

func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	var in struct {
		RequestItems map[string][]struct {
			PutRequest struct{ Item json.RawMessage }
		}
		Item json.RawMessage
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.calls[op]++
	list := []json.RawMessage{in.Item}
	if op == "BatchWriteItem" {
		list = nil
		for _, x := range in.RequestItems["t"] {
			list = append(list, x.PutRequest.Item)
		}
	}
	if err != nil || len(list) == 0 || len(list) > load.Batch || slices.ContainsFunc(list, func(x json.RawMessage) bool { return strings.Contains(string(x), "bad") }) {
		out.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(out, `{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","message":"bad"}`)
		return
	}
	var again []string
	for i, x := range list {
		var it struct{ ID struct{ S string } }
		_ = json.Unmarshal(x, &it) // the test looks at what came
		if i >= 5 {
			again = append(again, fmt.Sprintf(`{"PutRequest":{"Item":%s}}`, x))
			continue
		}
		w.items[it.ID.S] = string(x)
	}
	if op == "BatchWriteItem" {
		_, _ = fmt.Fprintf(out, `{"UnprocessedItems":{"t":[%s]}}`, strings.Join(again, ","))
		return
	}
	_, _ = io.WriteString(out, `{}`)
}

// texts is a source of one page.
type texts [][]byte

func (texts) Segments() int { return 1 }

func (s texts) Read(_ context.Context, _ int, _ load.Position, yield func(load.Page) error) error {
	return yield(load.Page{Puts: s, Next: "1"})
}

// Items that a source has in the form of the wire arrive as they are; what DynamoDB gives back is written again, and what it finds wrong is told.
func TestItemsGoOutAsTheyAre(t *testing.T) {
	t.Parallel()
	w := &wire{items: map[string]string{}, calls: map[string]int{}}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	api := dynamodb.New(dynamodb.Options{Region: "eu-west-2", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "any", "")})
	var src texts
	want := map[string]bool{}
	for i := range 40 { // the second batch holds the bad one
		id := fmt.Sprintf("%03d", i)
		if i == 30 {
			id = "bad"
		} else {
			want[id] = true
		}
		src = append(src, fmt.Appendf(nil, `{ "ID":{"S":%q}, "n":{"N":"1.50"}, "text":{"S":"\u00e9\"}{"}}`, id))
	}
	var told []string
	res, err := load.Run(t.Context(), load.Config{Source: src, API: api, Table: "t", Refused: func(x types.WriteRequest, _ error) {
		id, _ := x.PutRequest.Item["ID"].(*types.AttributeValueMemberS)
		told = append(told, id.Value)
	}})
	if err != nil || res.Written != 39 || res.Refused != 1 || !slices.Equal(told, []string{"bad"}) {
		t.Fatalf("%+v, told %v, %v", res, told, err)
	}
	got := map[string]bool{}
	for id := range w.items {
		got[id] = true
	}
	if !maps.Equal(got, want) {
		t.Errorf("the table has %d items", len(got))
	}
	if text := w.items["003"]; text != string(src[3]) {
		t.Errorf("an item came as %s, and was %s", text, src[3])
	}
}
