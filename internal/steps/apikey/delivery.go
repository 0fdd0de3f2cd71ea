package apikey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
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

// file is where the encrypted key is put.
func (w *world) file() string { return filepath.Join(w.Dir, "handover", w.cfg.Slug()+".age") }

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
