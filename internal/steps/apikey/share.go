package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/handover"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

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
