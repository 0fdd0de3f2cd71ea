// Package handover brings a key to its consumer so that nobody else can read it on the way.
//
// Promise: what is written to disk or sent is encrypted to the consumer's own age or SSH key, armored, and can be read by any age program;
// neither errors nor file names hold the key. A recipient that parses here can be encrypted to, so that a plan is refused on a quiet day and
// not in the night of the recovery.
package handover

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// Header is the request header that carries the key (API Gateway Developer Guide, "Choose an API key source").
const Header = "x-api-key"

// Letter is what a consumer is told.
type Letter struct {
	Application string
	Consumer    string
	Key         secret.Value
	URL         string    // empty: the plan does not say it
	From        time.Time // the key works since then
}

// text is the letter in plain words.
func (l Letter) text() string {
	address := ""
	if l.URL != "" {
		address = "Address: " + l.URL + "\n"
	}
	return fmt.Sprintf("The API key of %s for %s\n\nKey:     %s\nHeader:  %s\n%sFrom:    %s\n\nPlease confirm to whoever sent this that you have it, and call once.\n",
		l.Consumer, l.Application, l.Key.Reveal(), Header, address, l.From.UTC().Format("2006-01-02 15:04 UTC"))
}

// Seal encrypts the letter to the consumer's recipients, as text. It is nil for a consumer who has none.
func Seal(l Letter, c plan.Consumer) ([]byte, error) {
	to, err := recipients(c)
	if err != nil || len(to) == 0 {
		return nil, err
	}
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt to consumer %q: %w", c.Name, err)
	}
	if _, err := io.WriteString(w, l.text()); err != nil {
		return nil, fmt.Errorf("encrypt to consumer %q: %w", c.Name, err)
	}
	for _, c := range []io.Closer{w, a} {
		if err := c.Close(); err != nil {
			return nil, fmt.Errorf("encrypt: %w", err)
		}
	}
	return out.Bytes(), nil
}
