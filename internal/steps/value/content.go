package value

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// content is what a secret or parameter holds: a text, or of a secret bytes.
type content struct {
	text       secret.Value
	binary     []byte
	sort, data string    // of a parameter: type and data type
	made       time.Time // of a version that was chosen by its age
	newer      bool      // there are versions that are too young to be trusted
}

// object is the text as a JSON object. The parser's words are not passed on: they would quote the value.
func (c content) object() (map[string]json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(c.text.Reveal()), &object); err != nil || object == nil {
		return map[string]json.RawMessage{}, false
	}
	return object, true
}

// lacks are the keys that are not in the content, all of them when it is not a JSON object.
func (c content) lacks(keys []string) []string {
	if len(keys) == 0 {
		return nil
	}
	object, _ := c.object()
	var out []string
	for _, k := range keys {
		if _, ok := object[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}

// with puts the members of another object over those of the content.
func (c content) with(members map[string]json.RawMessage) (content, error) {
	object, _ := c.object()
	maps.Copy(object, members)
	b, err := json.Marshal(object)
	c.text = secret.New(string(b))
	return c, err
}

// generated is a whole new value.
func (v *value) generated() (content, string, error) {
	how := fmt.Sprintf("generated: %d letters and digits", v.generate.Length)
	if v.rotates() {
		how = fmt.Sprintf("rotated: %d new letters and digits", v.generate.Length)
	}
	if len(v.keys) > 0 {
		c, err := v.withMade(content{}, v.keys)
		return c, how + " for each of " + strings.Join(v.keys, ", "), err
	}
	text, err := characters(v.generate.Length)
	return content{text: secret.New(text)}, how, err
}

// withMade is a JSON object with new values of some keys.
func (v *value) withMade(base content, keys []string) (content, error) {
	members := map[string]json.RawMessage{}
	for _, k := range keys {
		text, err := characters(v.generate.Length)
		if err != nil {
			return content{}, err
		}
		members[k] = json.RawMessage(`"` + text + `"`)
	}
	return base.with(members)
}

// characters are random letters and digits, 5.95 bits each: nothing that a shell, a URL or a form could change.
func characters(n int) (string, error) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, n)
	for i := range out {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", fmt.Errorf("make a random value: %w", err)
		}
		out[i] = alphabet[at.Int64()]
	}
	return string(out), nil
}
