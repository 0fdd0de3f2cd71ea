package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty/json"
)

// hash is the plan's version: the same text, files read by file(), values of variables and of env() give the same hash on any
// machine, whichever way the values were given. Values go in as hashes, so that a guess at a secret cannot be confirmed piece by piece.
func (l *loader) hash() string {
	h := sha256.New()
	for _, n := range slices.Sorted(slices.Values(l.names)) {
		part(h, "plan", n, l.sources[n])
	}
	for _, n := range sortedKeys(l.eval.reads.texts) {
		part(h, "file", n, []byte(l.eval.reads.texts[n]))
	}
	for _, n := range sortedKeys(l.eval.reads.envs) {
		if v := l.eval.reads.envs[n]; v != nil {
			part(h, "env", n, []byte(*v))
		}
	}
	for _, n := range sortedKeys(l.eval.vars) {
		v, _ := l.eval.vars[n].UnmarkDeep()
		text, err := json.Marshal(v, v.Type())
		if err != nil {
			text = []byte(err.Error()) // cannot be: variables are known and have JSON types
		}
		part(h, "variable", n, text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// part adds one thing: its kind, name and the hash of its content, so that no content can pass for another part.
func part(h hash.Hash, kind, name string, content []byte) {
	_, _ = fmt.Fprintf(h, "%s %q %x\n", kind, name, sha256.Sum256(content))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
