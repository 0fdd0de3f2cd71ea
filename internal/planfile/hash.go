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

// parts are the pieces of the version that can be shown to differ: see plan.Plan.
func (l *loader) parts() map[string]string {
	out := map[string]string{}
	for _, kind := range kinds() {
		for i, b := range l.groups[kind] {
			name := title(b)
			if kind == "locals" {
				name = fmt.Sprintf("locals (block %d)", i+1)
			}
			at := b.Range()
			if kind == "variable" && l.eval.vars[b.Labels[0]].ContainsMarked() { // its default may be the secret
				continue
			}
			out[name] = short(at.SliceBytes(l.sources[at.Filename]))
		}
	}
	for n, text := range l.eval.reads.texts {
		out["file "+n] = short([]byte(text))
	}
	for n, v := range l.eval.vars {
		if text, err := json.Marshal(v, v.Type()); err == nil && !v.ContainsMarked() {
			out["value of variable "+n] = short(text)
		}
	}
	return out
}

func short(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// part adds one thing: its kind, name and the hash of its content, so that no content can pass for another part.
func part(h hash.Hash, kind, name string, content []byte) {
	_, _ = fmt.Fprintf(h, "%s %q %x\n", kind, name, sha256.Sum256(content))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
