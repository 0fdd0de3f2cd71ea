package stack_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// swapped is a terraform whose code has one table, which it never destroys, under the name that its variable gives. Its state is a real one:
// in the bucket, or in the file that the backend says.
type swapped struct {
	*fake
	cloud *awscloud.Clients
	addr  string
	key   string // that the code gives it; empty: id
	wrong string // the name that the code gives the table, whatever the variable says
}

const stateText = `{"version": 4, "serial": 7, "lineage": "l", "resources": [
	{"module": "module.data", "mode": "managed", "type": "aws_dynamodb_table", "name": "t", "instances": [
		{"index_key": "a", "attributes": {"name": %q}}, {"index_key": "b", "attributes": {"name": "another"}}]}]}`

func forgetful() string {
	return strings.Replace(stateText, `{"index_key": "a", "attributes": {"name": %q}}, `, "", 1)
}

var _ proc.Runner = (*swapped)(nil)

func (x *swapped) Run(ctx context.Context, c proc.Cmd) error {
	switch c.Args[0] {
	case "plan", "show", "apply", "state":
	default:
		return x.fake.Run(ctx, c)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	x.said = append(x.said, strings.Join(c.Args, " "))
	switch c.Args[0] {
	case "show":
		return x.show(c)
	case "state": // rm: the instance a
		return x.put(ctx, forgetful())
	}
	x.say(c, "version", `"ui":"1.2"`)
	if c.Args[0] == "plan" {
		return x.plan(ctx, c)
	}
	return x.apply(ctx, c)
}

func (x *swapped) put(ctx context.Context, text string) error {
	x.applied++
	_, err := x.cloud.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("states"), Key: aws.String("blue"), Body: strings.NewReader(text)})
	return err
}

// has is the name that the state has of the table.
func (x *swapped) has(ctx context.Context, dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "lifeboat.beside"))
	if err != nil {
		out, err := x.cloud.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("states"), Key: aws.String("blue")})
		if err != nil {
			return "", err
		}
		if text, err = io.ReadAll(out.Body); err != nil {
			return "", err
		}
	}
	if !bytes.Contains(text, []byte("another")) {
		return "", errors.New("the state lost a table that was not swapped")
	}
	m := regexp.MustCompile(`"name": ?"(orders[^"]*)"`).FindSubmatch(text)
	if m == nil {
		return "", nil
	}
	return string(m[1]), nil
}

// intent is a saved plan.
type intent struct{ Has, Wants, Import string }

func (x *swapped) plan(ctx context.Context, c proc.Cmd) error {
	vars, err := io.ReadAll(c.Stdin)
	if err != nil {
		return err
	}
	in := intent{Wants: x.wrong}
	if m := regexp.MustCompile(`table = "(.*)"`).FindSubmatch(vars); m != nil && x.wrong == "" {
		in.Wants = string(m[1])
	}
	if in.Has, err = x.has(ctx, c.Dir); err != nil {
		return err
	}
	if b, err := os.ReadFile(filepath.Join(c.Dir, "zz_lifeboat_import.tf")); err == nil && in.Has == "" {
		in.Import = string(regexp.MustCompile(`id = "(\S+)"`).FindSubmatch(b)[1])
	}
	add, remove := 0, 0
	switch {
	case in.Has != "" && in.Has != in.Wants:
		return x.fail(c, "Instance cannot be destroyed", "Resource "+x.addr+" has lifecycle.prevent_destroy set.")
	case in.Has == "" && in.Import == "":
		add = 1
		x.change(c, x.addr, "create")
	}
	text, err := json.Marshal(in)
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Dir, "lifeboat.tfplan"), text, 0o600)
	}
	if err != nil {
		return err
	}
	x.say(c, "change_summary", fmt.Sprintf(`"changes":{"add":%d,"change":0,"import":%d,"remove":%d,"operation":"plan"}`, add, len(in.Import)/max(1, len(in.Import)), remove))
	x.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"action":"noop"}}`)
	if in.Has != in.Wants {
		return &proc.Exit{Code: 2, Err: errors.New("exit status 2")}
	}
	return nil
}

func (x *swapped) intent(c proc.Cmd) (in intent, err error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, "lifeboat.tfplan"))
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	return in, err
}

func (x *swapped) show(c proc.Cmd) error {
	in, err := x.intent(c)
	if err != nil {
		return err
	}
	type object = map[string]any
	change := object{"actions": []string{"no-op"}, "before": object{"name": in.Has}, "after": object{"name": in.Wants}}
	switch {
	case in.Import != "":
		change = object{"actions": []string{"no-op"}, "before": object{"name": in.Import}, "after": object{"name": in.Wants}, "importing": object{"id": in.Import}}
	case in.Has == "":
		change = object{"actions": []string{"create"}, "after": object{"name": in.Wants, "hash_key": cmp.Or(x.key, "id")}}
	}
	return json.NewEncoder(c.Stdout).Encode(object{"format_version": "1.2", "resource_changes": []object{{
		"address": x.addr, "module_address": "module.data", "mode": "managed", "type": "aws_dynamodb_table", "name": "t", "index": "a",
		"provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
	}}})
}

func (x *swapped) apply(ctx context.Context, c proc.Cmd) error {
	in, err := x.intent(c)
	switch {
	case err != nil:
		return x.fail(c, "Failed to load plan", err.Error())
	case in.Import != in.Wants:
		return x.fail(c, "Wrong plan", fmt.Sprintf("%+v", in))
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "lifeboat.beside")); err == nil {
		return x.fail(c, "Wrong place", "applied beside the state")
	}
	if err := x.put(ctx, fmt.Sprintf(stateText, in.Wants)); err != nil {
		return err
	}
	x.say(c, "change_summary", `"changes":{"add":0,"change":0,"import":1,"remove":0,"operation":"apply"}`)
	x.say(c, "outputs", `"outputs":{"url":{"sensitive":false,"value":"u"},"key":{"sensitive":true}}`)
	return nil
}

// swapping is a stack whose table orders was restored as orders-then: the state has the old one, and its code forbids its end.
func swapping(tb testing.TB, f *steptest.Faults) (*bench, *swapped, step.Call) {
	tb.Helper()
	b, cloud := newBench(tb), cloudtest.New(tb)
	x := &swapped{fake: b.fake, cloud: cloud.Open(tb, cloudtest.Standby()), addr: `module.data.aws_dynamodb_table.t["a"]`}
	table := &plan.Table{Block: plan.Block{Name: "t"}, In: "blue", Address: x.addr, Table: text("orders")}
	b.cfg.Adopt, b.cfg.Swaps, b.sites, b.runner = true, []*plan.Table{table}, cloud.Clients(f), x
	b.cfg.Terraform.State.Bucket, b.cfg.Terraform.State.LockTable, b.cfg.Stack.BackendKey = text("states"), nil, text("blue")
	b.cfg.Stack.Variables["table"] = plan.TableName{Table: table}
	_, err := x.cloud.S3.CreateBucket(tb.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("states"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cloudtest.Standby().Region)},
	})
	if err == nil {
		err = x.put(tb.Context(), fmt.Sprintf(stateText, "orders"))
	}
	for _, name := range []string{"orders", "orders-then"} {
		if err == nil {
			_, err = x.cloud.DynamoDB.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
				TableName: &name, BillingMode: types.BillingModePayPerRequest,
				AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
				KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
			})
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	x.applied = 0
	call := *b.call()
	call.Report = nil
	call.Resolve = func(e plan.Expr) (plan.Value, error) {
		return e.Resolve(plan.Scope{Table: func(string) string { return "orders-then" }})
	}
	return b, x, call
}

// whole tells what is wrong: the state has the restored table, and the other is there.
func (x *swapped) whole(ctx context.Context) error {
	name, err := x.has(ctx, "nowhere")
	if err == nil && name != "orders-then" {
		err = fmt.Errorf("the state has table %q", name)
	}
	if err == nil {
		_, err = x.cloud.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	}
	return err
}
