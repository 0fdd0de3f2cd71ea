package handover_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"

	"github.com/lifeboat-dr/lifeboat/internal/handover"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const value = "canary0123456789canary0123456789canary01"

func letter() handover.Letter {
	return handover.Letter{
		Application: "pharmacy-updates", Consumer: "Website", Key: secret.New(value), URL: "https://api.example.org/status",
		From: time.Date(2026, 11, 23, 20, 15, 0, 0, time.UTC),
	}
}

// sshLine is a public key as in an id_ed25519.pub: the kind and the key, each after its length (RFC 8709).
func sshLine(public ed25519.PublicKey) string {
	const kind = "ssh-ed25519"
	b := binary.BigEndian.AppendUint32(nil, uint32(len(kind)))
	b = binary.BigEndian.AppendUint32(append(b, kind...), uint32(len(public)))
	return kind + " " + base64.StdEncoding.EncodeToString(append(b, public...)) + " web@example.org"
}

// The promise: the recipient, and only the recipient, reads the key, its header, the address and since when; with age and with SSH keys.
func TestOnlyTheRecipientReadsIt(t *testing.T) {
	t.Parallel()
	own, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shell, err := agessh.NewEd25519Identity(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		consumer plan.Consumer
		reader   age.Identity
	}{
		"age":    {plan.Consumer{AgeRecipient: own.Recipient().String()}, own},
		"hybrid": {plan.Consumer{AgeRecipient: hybrid.Recipient().String()}, hybrid},
		"ssh":    {plan.Consumer{SSHRecipient: sshLine(public)}, shell},
	} {
		sealed, err := handover.Seal(letter(), c.consumer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(sealed, []byte("-----BEGIN AGE ENCRYPTED FILE-----\n")) || bytes.Contains(sealed, []byte("canary")) {
			t.Errorf("%s: %s", name, sealed)
		}
		if _, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), other); err == nil {
			t.Errorf("%s: a stranger reads it", name)
		}
		r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), c.reader)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := io.ReadAll(r)
		for _, want := range []string{"Key:     " + value, "Header:  x-api-key", "Address: https://api.example.org/status", "From:    2026-11-23 20:15 UTC"} {
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in %s, %v", name, want, text, err)
			}
		}
	}
	if sealed, err := handover.Seal(letter(), plan.Consumer{}); sealed != nil || err != nil {
		t.Errorf("without a recipient: %q, %v", sealed, err)
	}
}

// The promise: what cannot be encrypted to is refused when the plan is read, with words that help and without quoting what may be secret.
func TestWrongRecipients(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q":          "checksum", // the last letter is changed
		"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqm":               "checksum",
		"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t": "plugins",
		"AGE-SECRET-KEY-1QQQ": "secret key",
		"bob@example.org":     `begins with "age1"`,
		"ssh-ed25519 AAAA":    "write it as ssh_recipient",
	} {
		if _, err := handover.ParseAge(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := handover.ParseAge("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"); err != nil { // of age's own README
		t.Error(err)
	}
	for text, want := range map[string]string{
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isG": "cut off",
		"ssh-dss AAAA": "ssh-ed25519 or ssh-rsa",
		"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA": "ssh-ed25519 or ssh-rsa",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nx":                  "private key",
		"":                                                        "ssh-ed25519 or ssh-rsa",
	} {
		if _, err := handover.ParseSSH(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"http://example.org", "https://", "example.org", "https://u:p@example.org/", "::"} {
		if handover.CheckWebhook(text) == nil {
			t.Errorf("%q is taken for a webhook", text)
		}
	}
}

// The promise: the answer's status decides what the engine does; redirects are not followed; no error shows the path, which may be a password.
func TestWebhook(t *testing.T) {
	t.Parallel()
	answer, calls := 0, 0
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || string(body) != "sealed" || r.URL.Path != "/password" {
			t.Errorf("%s %s: %q", r.Method, r.URL.Path, body)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(answer)
	}))
	t.Cleanup(srv.Close)
	for code, want := range map[int]step.Class{204: "", 200: "", 302: step.Permanent, 404: step.Permanent, 429: step.Throttle, 503: step.Transient} {
		answer = code
		err := handover.Post(t.Context(), srv.Client().Transport, srv.URL+"/password", []byte("sealed"))
		if want == "" && err != nil || want != "" && (err == nil || step.ClassOf(err) != want) {
			t.Errorf("%d: %v", code, err)
		}
		if err != nil && strings.Contains(err.Error(), "password") {
			t.Errorf("%d: %v", code, err)
		}
	}
	if calls != 6 {
		t.Errorf("%d calls", calls)
	}
	srv.Close()
	err := handover.Post(t.Context(), srv.Client().Transport, srv.URL+"/password", []byte("sealed"))
	if e, ok := errors.AsType[*step.Error](err); !ok || e.Class != step.Transient || strings.Contains(err.Error(), "password") {
		t.Errorf("%v", err)
	}
	if err := handover.Post(t.Context(), nil, "http://127.0.0.1:1/password", nil); err == nil || !strings.Contains(err.Error(), "https://") {
		t.Errorf("%v", err)
	}
}
