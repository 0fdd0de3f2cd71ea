package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/handover"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// delivery is how far the hand-over is, as this machine knows. The value of a key never changes, so that its id says which value was sent.
type delivery struct {
	KeyID  string      `json:"key_id"`
	To     string      `json:"to"` // hash of the ways to the consumer, and of the address
	Kept   bool        `json:"kept"`
	Sent   bool        `json:"sent"`
	Duties []step.Duty `json:"duties,omitempty"`

	world *world
}

func (d *delivery) path() string { return filepath.Join(d.world.call.Dir, "delivery.json") }

// openDelivery reads what this step did before. Another key, another address or another way to the consumer begin anew.
func (w *world) openDelivery() (*delivery, error) {
	c := w.cfg.Consumer
	sum := sha256.Sum256([]byte(strings.Join([]string{c.AgeRecipient, c.SSHRecipient, c.Webhook, c.Shared, w.url}, "\x00")))
	d := &delivery{world: w}
	b, err := proc.ReadFile(d.path(), 1<<20)
	if err == nil {
		err = json.Unmarshal(b, d)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read how far the hand-over is: %w", err)
	}
	if to := hex.EncodeToString(sum[:]); d.KeyID != w.key.id || d.To != to {
		d = &delivery{KeyID: w.key.id, To: to, world: w}
	}
	return d, nil
}

func (d *delivery) save() error {
	b, err := json.Marshal(d)
	if err == nil {
		err = proc.WriteFile(d.path(), b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember how far the hand-over is: %w", err)
	}
	return nil
}

func (d *delivery) owe(key, text string) {
	d.Duties = append(d.Duties, step.Duty{Key: "vault/" + key, Text: text, Who: d.world.Plan.Application.Owner})
}

// shared is the value of the secret that the consumer reads; empty when there is none.
func (w *world) shared(ctx context.Context) (secret.Value, error) {
	name := w.cfg.Consumer.Shared
	if name == "" {
		return secret.Value{}, nil
	}
	out, err := w.clients.SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	switch {
	case err == nil:
		return secret.New(aws.ToString(out.SecretString)), nil
	case awscloud.Code(err) == "ResourceNotFoundException":
		return secret.Value{}, nil
	}
	return secret.Value{}, awscloud.Explain(err, "secret "+name+" cannot be read", w.call.Site)
}

// share puts the key into the secret that the consumer reads.
func (d *delivery) share(ctx context.Context) (bool, error) {
	w, name := d.world, d.world.cfg.Consumer.Shared
	if name == "" {
		return false, nil
	}
	was, err := w.shared(ctx)
	if err != nil || was.Equal(w.key.value) {
		return false, err
	}
	api, value := w.clients.SecretsManager, aws.String(w.key.value.Reveal())
	// The token makes a repeated request the same request, for the same run, step and key.
	sum := sha256.Sum256([]byte(w.call.Key() + "/" + w.key.id))
	token := hex.EncodeToString(sum[:])
	_, err = api.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: value, ClientRequestToken: &token})
	if awscloud.Code(err) == "ResourceNotFoundException" {
		_, err = api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
			Name: &name, SecretString: value, ClientRequestToken: &token, Description: aws.String("API key of " + w.cfg.Consumer.Name),
		})
	}
	if err != nil {
		return false, awscloud.Explain(err, fmt.Sprintf("the key of %s cannot be put into secret %s", w.cfg.Consumer.Name, name), w.call.Site)
	}
	return true, nil
}

// file is where the encrypted key is put.
func (w *world) file() string { return filepath.Join(w.Dir, "handover", w.cfg.Slug()+".age") }

// send writes the encrypted key, and tells the webhook. Once both are done they are not done again.
func (d *delivery) send(ctx context.Context) (bool, error) {
	w := d.world
	if d.Sent {
		return false, nil
	}
	sealed, err := handover.Seal(handover.Letter{
		Application: w.cfg.Application, Consumer: w.cfg.Consumer.Name, Key: w.key.value, URL: w.url, From: w.Clock.Now(),
	}, w.cfg.Consumer)
	if err != nil {
		return false, &step.Error{Class: step.Permanent, What: "the key cannot be encrypted", Err: err, Next: "Correct the consumer's recipient in the plan"}
	}
	if sealed != nil {
		if err := w.write(sealed); err != nil {
			return false, fmt.Errorf("write the encrypted key: %w", err)
		}
	}
	if hook := w.cfg.Consumer.Webhook; hook != "" {
		w.call.Tell(step.Progress{Message: "sending the encrypted key to the webhook of " + w.cfg.Consumer.Name})
		if err := handover.Post(ctx, w.Web, hook, sealed); err != nil {
			return false, err
		}
	}
	d.Sent = true
	return sealed != nil, d.save()
}

func (w *world) write(sealed []byte) error {
	if err := os.MkdirAll(filepath.Dir(w.file()), 0o700); err != nil {
		return err
	}
	return proc.WriteFile(w.file(), sealed, 0o600)
}

// ask waits for the consumer.
func (d *delivery) ask() *step.Ask {
	w, c := d.world, d.world.cfg.Consumer
	var ways []string
	if c.AgeRecipient != "" || c.SSHRecipient != "" {
		ways = append(ways, fmt.Sprintf("The key, encrypted to %s alone, is in the file %s: send it.", c.Name, w.file()))
	}
	if u, err := url.Parse(c.Webhook); err == nil && c.Webhook != "" {
		ways = append(ways, "It was sent to the webhook at "+u.Host+" too.")
	}
	if c.Shared != "" {
		ways = append(ways, fmt.Sprintf("It is in secret %s at site %q.", c.Shared, w.call.Site.Name))
	}
	ways = append(ways, fmt.Sprintf("When %s says that it arrived:\n  lifeboat confirm %s %s --by %q", c.Contact, w.call.Run, w.call.Step, c.Contact))
	return &step.Ask{Key: step.AskReceived, Prompt: fmt.Sprintf("Has %s received the API key?", c.Name), Detail: strings.Join(ways, "\n"), Who: c.Contact, Only: true}
}
