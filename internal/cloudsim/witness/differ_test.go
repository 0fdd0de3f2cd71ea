package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// side is one of the two clouds that are asked the same, and what it said.
type side struct {
	t       *testing.T
	name    string
	account string
	clients map[string]any // by the last part of their SDK package's path
	told    []told
}

// told is one answer without what may differ: ids, times, hosts.
type told struct {
	service, operation string
	fields             map[string]string // by path; an error is under "error"
}

func newSide(t *testing.T, name, endpoint, account string) *side {
	t.Helper()
	cfg := aws.Config{
		Region: "eu-west-2", BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, account, ""),
		APIOptions:  []func(*middleware.Stack) error{smithyhttp.AddHeaderValue("X-Moto-Account-Id", account)}, // moto tells accounts apart by this
	}
	s := &side{t: t, name: name, account: account, clients: map[string]any{}}
	for _, c := range clients(cfg) {
		s.clients[packageOf(c)] = c
	}
	return s
}

func packageOf(v any) string {
	path := reflect.TypeOf(v).Elem().PkgPath()
	return path[strings.LastIndexByte(path, '/')+1:]
}

// answer is what a call gave; a failed one gives nothing at any path.
type answer struct{ out reflect.Value }

// call makes a call, and keeps what was told.
func (s *side) call(in any) answer {
	s.t.Helper()
	service, operation := packageOf(in), strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
	results := reflect.ValueOf(s.clients[service]).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(s.t.Context()), reflect.ValueOf(in)})
	fields := map[string]string{}
	out := results[0]
	if err, failed := reflect.TypeAssert[error](results[1]); failed && err != nil {
		fields["error"], out = s.failure(service+" "+operation, err), reflect.Value{}
	} else {
		flatten(out, "", fields)
	}
	s.told = append(s.told, told{service, operation, fields})
	return answer{out}
}

// failure names an error by its code and status. A side that answers what no AWS client can read is at fault; moto may be.
func (s *side) failure(what string, err error) string {
	s.t.Helper()
	status := http.StatusOK
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return fmt.Sprintf("%s (%d)", api.ErrorCode(), status)
	case s.name == ours:
		s.t.Fatalf("%s was not answered: %v", what, err)
	}
	return fmt.Sprintf("no AWS answer (%d)", status)
}

// at gives the text at a path such as Items[0].Id; empty when there is none.
func (a answer) at(path string) string {
	v := a.out
	for part := range strings.SplitSeq(path, ".") {
		name, index, _ := strings.Cut(part, "[")
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return ""
		}
		if v = v.FieldByName(name); index == "" {
			continue
		}
		if v.Kind() != reflect.Slice || v.Len() == 0 { // only [0] is asked for
			return ""
		}
		v = v.Index(0)
	}
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.String {
		return ""
	}
	return v.String()
}

// flatten writes what a value holds by path, without what is empty; lists are in the order of what they hold.
func flatten(v reflect.Value, path string, out map[string]string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if r, ok := reflect.TypeAssert[io.Reader](v); ok {
			b, _ := io.ReadAll(r)
			put(out, path, string(b))
			return
		}
		flatten(v.Elem(), path, out)
	case reflect.Struct:
		if _, ok := reflect.TypeAssert[time.Time](v); ok {
			out[path] = "<time>"
			return
		}
		for f, member := range v.Fields() {
			if f.IsExported() && f.Type != reflect.TypeFor[middleware.Metadata]() {
				flatten(member, strings.TrimPrefix(path+"."+f.Name, "."), out)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			flatten(v.MapIndex(k), path+"."+k.String(), out)
		}
	case reflect.Slice:
		if b, ok := reflect.TypeAssert[[]byte](v); ok {
			put(out, path, fmt.Sprintf("<%d bytes>", len(b)))
			return
		}
		var elements []string
		for i := range v.Len() {
			part := map[string]string{}
			flatten(v.Index(i), "", part)
			b, _ := json.Marshal(part)
			elements = append(elements, string(b))
		}
		slices.Sort(elements)
		for i, e := range elements {
			part := map[string]string{}
			_ = json.Unmarshal([]byte(e), &part)
			for k, value := range part {
				out[fmt.Sprintf("%s[%d]%s", path, i, dotted(k))] = value
			}
		}
	case reflect.String:
		put(out, path, v.String())
	case reflect.Bool:
		if v.Bool() {
			put(out, path, "true")
		}
	default:
		if v.IsZero() {
			return
		}
		put(out, path, fmt.Sprint(v.Interface()))
	}
}

func dotted(name string) string {
	if name == "" || name[0] == '[' {
		return name
	}
	return "." + strings.TrimPrefix(name, ".")
}

func put(out map[string]string, path, value string) {
	if value = normal(path, value); value != "" {
		out[path] = value
	}
}

// opaque are the members whose values each cloud makes for itself.
var opaque = regexp.MustCompile(`(?i)(^|[.\]])(id|apiId|parentId|resourceId|deploymentId|rootResourceId|uploadId|nextToken|nextMarker|marker|position|token|.*versionId|revisionId|ownerId|.*SecretAccessKey|sessionToken|accessKeyId|authorizationToken|uuid|eventId|assumedRoleId|userId|.*UserId|receiptHandle|messageId|messageDeduplicationId|sequenceNumber|.*digest|randomPassword|nextForwardToken|nextBackwardToken|uploadSequenceToken|hostId|eTag|codeSha256|.*Md5.*)$`)

// instants are numbers and texts that are times.
var instants = regexp.MustCompile(`(?i)(time|timestamp|date|CreatedTimestamp|LastModified)$`)

var patterns = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`/backup/\d{14}-[0-9a-f]{8}`), "/backup/<made>"},
	{regexp.MustCompile(`mrk-[0-9a-f]{32}`), "<mrk>"},
	{regexp.MustCompile(`[0-9a-f]{32,64}`), "<hex>"},
	{regexp.MustCompile(`\b(AROA|ASIA|ANPA|AIDA)[A-Z0-9]{8,}\b`), "<$1>"},
	{regexp.MustCompile(`(:secret:[^"*]+)-[A-Za-z0-9]{6}\b`), "$1-<id>"},
	{regexp.MustCompile(`https?://127\.0\.0\.1:\d+|https://(sqs\.eu-west-2|eu-west-2\.queue)\.amazonaws\.com`), "<endpoint>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+0000)?`), "<time>"},
}

// normal takes out of a value what each cloud makes for itself, and writes JSON documents in one way.
func normal(path, value string) string {
	if opaque.MatchString(path) {
		return "<made>"
	}
	if instants.MatchString(path) && strings.Trim(value, "0123456789.") == "" {
		return "<time>"
	}
	text := value
	if strings.HasPrefix(text, "%7B") {
		text, _ = url.QueryUnescape(text)
	}
	if strings.HasPrefix(text, "{") {
		var document any
		if json.Unmarshal([]byte(text), &document) == nil {
			if b, err := json.Marshal(document); err == nil {
				text = string(b)
			}
		}
	}
	for _, p := range patterns {
		text = p.re.ReplaceAllString(text, p.to)
	}
	return text
}

// now is this minute in milliseconds.
func (s *side) now() int64 { return time.Now().Truncate(time.Minute).UnixMilli() }

// settle waits until our states, which take their time as AWS's do, are the last ones; moto's are at once.
func (s *side) settle() {
	if s.name == ours {
		time.Sleep(250 * time.Millisecond) // of a clock that runs so fast
	}
}

const (
	ours  = "the drill cloud"
	speed = 20 // of its clock
)
