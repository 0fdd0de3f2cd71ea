package witness

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAWSCLI: every AWS CLI on PATH, of version 1 and of version 2, works unchanged with a strict drill cloud.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		program := filepath.Join(dir, "aws")
		if out, err := exec.CommandContext(t.Context(), program, "--version").Output(); err == nil {
			version, _, _ := strings.Cut(string(out), " ")
			found[version] = program
		}
	}
	if len(found) == 0 {
		t.Skip("no aws on PATH (pip install awscli, or apt-get install awscli for version 2)")
	}
	for _, major := range []string{"aws-cli/1", "aws-cli/2"} {
		if !strings.Contains(strings.Join(sortedKeys(found), " "), major) {
			t.Logf("%s is not on PATH: not tried", major)
		}
	}
	for version, program := range found {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			useAWS(t, m, func(args ...string) string {
				t.Helper()
				return m.run(program, append([]string{"--endpoint-url", m.url, "--output", "text"}, args...)...) // older ones do not read AWS_ENDPOINT_URL
			})
			if out, err := m.try("", program, "--endpoint-url", m.url, "kinesis", "list-streams"); err == nil || !strings.Contains(out, "(UnknownOperationException) when calling the ListStreams operation") {
				t.Errorf("what the cloud lacks: %v %s", err, out)
			}
			m.env = append(m.env, "AWS_SECRET_ACCESS_KEY=wrong")
			if out, err := m.try("", program, "--endpoint-url", m.url, "sts", "get-caller-identity"); err == nil || !strings.Contains(out, "(SignatureDoesNotMatch)") {
				t.Errorf("a wrong secret: %v %s", err, out)
			}
		})
	}
}

// useAWS does with a CLI what an operator does in a recovery.
func useAWS(t *testing.T, m *machine, aws func(...string) string) {
	t.Helper()
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %.200q, not %.200q", what, got, want)
		}
	}
	is("who", aws("sts", "get-caller-identity", "--query", "Arn"), "arn:aws:iam::111111111111:root")

	large := strings.Repeat("nine byte", 1<<20) // the CLI sends it in parts of 8 MiB
	m.write("up/a b+é", large)
	m.write("up/deep/small", "hello")
	aws("s3", "mb", "s3://states-of-ours")
	aws("s3", "cp", "--quiet", m.path("up/a b+é"), "s3://states-of-ours/in/")
	aws("s3", "cp", "--quiet", "s3://states-of-ours/in/a b+é", "s3://states-of-ours/tree/copy/é")
	aws("s3", "sync", "--quiet", m.path("up"), "s3://states-of-ours/tree")
	aws("s3", "sync", "--quiet", "s3://states-of-ours/tree", m.path("down"))
	is("a small file, there and back", m.read("down/deep/small"), "hello")
	is("a large file, there and back", m.read("down/a b+é"), large)
	is("a copy of it made there", m.read("down/copy/é"), large)
	if said := aws("s3", "sync", m.path("up"), "s3://states-of-ours/tree"); said != "" {
		t.Errorf("a second sync moves %s", said)
	}
	aws("s3", "rb", "--force", "s3://states-of-ours")

	aws("dynamodb", "create-table", "--table-name", "events", "--billing-mode", "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH")
	aws("dynamodb", "wait", "table-exists", "--table-name", "events")
	aws("dynamodb", "batch-write-item", "--request-items", "file://"+m.write("items.json", `{"events":[{"PutRequest":{"Item":{"id":{"S":"1"},"n":{"N":"12345678901234567890"}}}},{"PutRequest":{"Item":{"id":{"S":"2"}}}}]}`))
	is("items", aws("dynamodb", "scan", "--table-name", "events", "--page-size", "1", "--output", "json", "--query", "Count"), "2")
	useStreams(t, m, aws)
	is("an exact number", aws("dynamodb", "get-item", "--table-name", "events", "--key", `{"id":{"S":"1"}}`, "--query", "Item.n.N"), "12345678901234567890")

	m.repositories("app")
	if crane, err := look("crane"); err == nil { // a login is the CLI's part of a push
		if out, err := m.try(aws("ecr", "get-login-password"), crane, "auth", "login", m.host, "-u", "AWS", "--password-stdin"); err != nil {
			t.Error(out, err)
		}
		is("an empty repository", m.run(crane, "ls", m.host+"/app"), "")
	}

	key := aws("kms", "create-key", "--query", "KeyMetadata.KeyId")
	m.write("plain", "hello")
	sealed, err := base64.StdEncoding.DecodeString(aws("kms", "encrypt", "--key-id", key, "--plaintext", "fileb://"+m.path("plain"), "--query", "CiphertextBlob"))
	if err != nil {
		t.Fatal(err)
	}
	is("what a key reads", aws("kms", "decrypt", "--ciphertext-blob", "fileb://"+m.write("sealed", string(sealed)), "--query", "Plaintext"), "aGVsbG8=")
}

// useStreams reads with a CLI what happens in a table, in its order, and comes to the end of a stream that is switched off.
func useStreams(t *testing.T, m *machine, aws func(...string) string) {
	t.Helper()
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %.200q, not %.200q", what, got, want)
		}
	}
	aws("dynamodb", "update-table", "--table-name", "events", "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES")
	requests := `{"events":[{"PutRequest":{"Item":{"id":{"S":"3"},"n":{"N":"12345678901234567890.5"}}}}]}`
	aws("dynamodb", "batch-write-item", "--request-items", "file://"+m.write("put.json", requests))
	aws("dynamodb", "update-item", "--table-name", "events", "--key", `{"id":{"S":"3"}}`, "--update-expression", "SET n = n + :one", "--expression-attribute-values", `{":one":{"N":"1"}}`)
	aws("dynamodb", "delete-item", "--table-name", "events", "--key", `{"id":{"S":"3"}}`)
	stream := aws("dynamodbstreams", "list-streams", "--table-name", "events", "--query", "Streams[].StreamArn")
	shard := aws("dynamodbstreams", "describe-stream", "--stream-arn", stream, "--query", "StreamDescription.Shards[].ShardId")
	iterator := aws("dynamodbstreams", "get-shard-iterator", "--stream-arn", stream, "--shard-id", shard, "--shard-iterator-type", "TRIM_HORIZON", "--query", "ShardIterator")
	is("what happened", aws("dynamodbstreams", "get-records", "--shard-iterator", iterator, "--query", "Records[].[eventName,dynamodb.OldImage.n.N,dynamodb.NewImage.n.N]"),
		"INSERT\tNone\t12345678901234567890.5\nMODIFY\t12345678901234567890.5\t12345678901234567891.5\nREMOVE\t12345678901234567891.5\tNone")
	aws("dynamodb", "update-table", "--table-name", "events", "--stream-specification", "StreamEnabled=false")
	is("a stream that ended, and its last page", aws("dynamodbstreams", "get-records", "--shard-iterator", iterator, "--query", "[length(Records), NextShardIterator]"), "3\tNone")
}
