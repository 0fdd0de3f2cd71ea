package witness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestEveryOperationIsDocumented: of every operation that the AWS SDK knows of our services, docs/drill-cloud.md says whether it is true to
// AWS, simplified, or refused; and what it says agrees with what the cloud answers.
func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	cloud, err := cloudsim.New(cloudsim.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	cfg := simtest.At(aws.Config{BaseEndpoint: aws.String("http://127.0.0.1"), HTTPClient: inProcess{cloud}, RetryMaxAttempts: 1, APIOptions: []func(*middleware.Stack) error{
		func(s *middleware.Stack) error { // what the cloud says is asked here, not what the SDK says
			_, _ = s.Initialize.Remove("OperationInputValidation")
			return nil
		},
	}}, simtest.Home())
	all := clients(cfg)
	if names := cloud.Services(); len(names) != len(all) {
		t.Errorf("the cloud has the services %v; clients_test.go has %d", names, len(all))
	}
	var lists strings.Builder
	for _, service := range sortedKeys(all) {
		told := documented(t, service)
		var refused []string
		for _, operation := range operations(all[service]) {
			answered := probe(t, all[service], operation)
			switch how := told[operation]; {
			case answered && how == "":
				t.Errorf("%s %s is answered by the cloud: give it a place in the table of %q in %s", service, operation, service, document)
			case !answered && how != "" && how != "refused":
				t.Errorf("%s %s is %q in %s, and the cloud refuses it", service, operation, how, document)
			case !answered && how == "":
				refused = append(refused, operation)
			}
			delete(told, operation)
		}
		for operation := range told {
			t.Errorf("%s has no operation %s, which %s names", service, operation, document)
		}
		fmt.Fprintf(&lists, "- `%s`, %d: %s\n", service, len(refused), strings.Join(refused, ", "))
	}
	generated(t, "refused operations", lists.String())
}

// documented reads the table of a service: what each operation is.
func documented(t *testing.T, service string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, line := range section(t, "### `"+service+"`") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) < 3 || strings.HasPrefix(cells[0], "-") || strings.TrimSpace(cells[0]) == "operations" {
			continue
		}
		how := strings.TrimSpace(cells[1])
		if !slices.Contains([]string{"true", "simplified", "refused"}, how) {
			t.Errorf("%s, %s: %q is none of true, simplified, refused", document, service, how)
		}
		if how != "true" && strings.TrimSpace(cells[2]) == "" {
			t.Errorf("%s, %s: how %s is simplified or refused is not said", document, service, cells[0])
		}
		for operation := range strings.SplitSeq(cells[0], ",") {
			operation = strings.TrimSpace(operation)
			if out[operation] != "" {
				t.Errorf("%s, %s names %s twice", document, service, operation)
			}
			out[operation] = how
		}
	}
	return out
}

// operations names what a client of the SDK can call.
func operations(client any) (out []string) {
	for m := range reflect.TypeOf(client).Methods() {
		if m.Name == "ListDirectoryBuckets" || m.Name == "WriteGetObjectResponse" { // of services of their own, s3express and s3-object-lambda
			continue
		}
		if m.Type.NumIn() == 4 && m.Type.In(2).Kind() == reflect.Pointer && strings.HasSuffix(m.Type.In(2).Elem().Name(), "Input") {
			out = append(out, m.Name)
		}
	}
	return out
}

// probe makes a call with nothing in it but what its URL needs, and tells whether the cloud has the operation.
func probe(t *testing.T, client any, operation string) bool {
	t.Helper()
	method := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(method.Type().In(1).Elem())
	for _, member := range []string{"Bucket", "Key", "UploadId", "CopySource", "RequestRoute"} { // S3 knows its operations by these
		fill(in, member)
	}
	for range 10 {
		err, _ := reflect.TypeAssert[error](method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1])
		if err == nil {
			return true
		}
		if missing := emptyMember.FindStringSubmatch(err.Error()); missing != nil && fill(in, missing[1]) {
			continue
		}
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Errorf("%T %s was not answered: %v", client, operation, err)
			return false
		}
		code := api.ErrorCode() // calls without a signature can be for no service of ours
		return code != "UnknownOperationException" && code != "MissingAuthenticationToken" && !strings.Contains(api.ErrorMessage(), "the drill cloud does not")
	}
	t.Errorf("%T %s: cannot be called", client, operation)
	return false
}

var emptyMember = regexp.MustCompile(`input member (\w+) must not be empty`)

// fill gives a member of an input a value, and tells whether there is such a member.
func fill(in reflect.Value, member string) bool {
	field := in.Elem().FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, member) })
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if field.Kind() == reflect.String { // an enumeration, or what a pointer points at
		field.SetString("probe")
	}
	return field.IsValid()
}

// inProcess answers requests of any host without a network.
type inProcess struct{ http.Handler }

func (p inProcess) Do(r *http.Request) (*http.Response, error) {
	in := r.Clone(context.WithoutCancel(r.Context()))
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, in)
	return w.Result(), nil
}
