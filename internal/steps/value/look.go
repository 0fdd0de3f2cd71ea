package value

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// state is what is at the site.
type state struct {
	there, dying, valued bool
	key                  *awscloud.Dying // of a dying secret whose key is the one that dies; nil: itself
	mine                 bool            // written by this step of this run
	content              content         // of a secret with a value
}

// settled tells whether there is nothing to do.
func (w *wish) settled(st state) bool {
	return st.there && !st.dying && st.valued && len(st.content.lacks(w.keys)) == 0 && (st.mine || !w.rotates())
}

func (w *wish) reason(st state) string {
	lacks := st.content.lacks(w.keys)
	switch {
	case !st.there:
		return w.String() + " does not exist"
	case st.key != nil:
		return w.String() + " cannot be read: " + st.key.Name + ": " + st.key.Why
	case st.dying:
		return w.String() + " is scheduled for deletion"
	case !st.valued:
		return w.String() + " has no value"
	case len(lacks) > 0:
		return fmt.Sprintf("%s lacks key %s", w, strings.Join(lacks, ", "))
	case !st.mine && w.rotates():
		return w.String() + " is older than the compromise"
	}
	return w.String() + " is there"
}

// mark is what this run's write of a value is known by. As a client token it makes a repeated request the same request.
func mark(call *step.Call) string {
	sum := sha256.Sum256([]byte(call.Key()))
	return hex.EncodeToString(sum[:])
}

func (v *value) look(ctx context.Context, call *step.Call) (store, state, error) {
	c, err := v.sites.At(ctx, call.Site)
	if err != nil {
		return nil, state{}, err
	}
	at := v.open(c)
	st, err := v.lookAt(ctx, at, call)
	return at, st, err
}

func (v *value) lookAt(ctx context.Context, at store, call *step.Call) (state, error) {
	known := ""
	if v.rotates() {
		known = mark(call)
	}
	st, err := at.look(ctx, known)
	if err != nil {
		return state{}, awscloud.Explain(err, v.String()+" cannot be looked at", call.Site)
	}
	return st, nil
}
