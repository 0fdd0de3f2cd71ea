package cloudsim

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sts"
)

// verified tells whether a call has the signature that it should have, and refuses it when not.
func (c *Cloud) verified(w http.ResponseWriter, r *http.Request, call *sim.Call, s scope, secret string) bool {
	why, ok := c.verify(w, r, s, secret)
	if !ok {
		c.refuse(w, r, call, why)
	}
	return ok
}

// identify fills in whose a call is, and gives the secret of its key: for an account's own keys that is the key id itself. When the
// key is no good it gives the reason, and the account as far as it is known: a lost place does not answer to strangers either.
func (c *Cloud) identify(call *sim.Call, token string) (secret string, why refusal, ok bool) {
	session, temporary := c.sts.Session(call.AccessKey)
	switch {
	case temporary:
		call.Account, call.CallerARN, secret = session.Account, session.ARN, session.Secret
	default:
		account, known := sts.AccountOf(call.AccessKey)
		if !known {
			return "", invalidKey, false
		}
		call.Account, call.CallerARN, secret = account, "arn:aws:iam::"+account+":root", call.AccessKey
		if user, off := c.user(call); off {
			return "", invalidKey, false
		} else if user != "" {
			call.CallerARN = user
		}
	}
	switch {
	case c.world.Revoked(call.Account), temporary && token != session.Token:
		return "", invalidKey, false
	case temporary && !c.world.Wall().Before(session.Expires):
		return "", expiredToken, false
	}
	return secret, 0, true
}

// user tells whose a long-term key is, and whether it was switched off; an account's own number is of nobody.
func (c *Cloud) user(call *sim.Call) (arn string, off bool) {
	if c.users == nil || !strings.HasPrefix(call.AccessKey, "AKIA") {
		return "", false
	}
	return c.users.Key(call.Account, call.AccessKey)
}

// recovered makes a panic of a service an InternalFailure answer, told in the log. http.ErrAbortHandler goes on.
func (c *Cloud) recovered(w *recorder, r *http.Request, call *sim.Call, operation string, panicked any) error {
	if panicked == nil {
		return nil
	}
	err, ok := panicked.(error)
	if !ok {
		err = fmt.Errorf("%v", panicked)
	}
	if errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	c.cfg.Log.Error("a service of the drill cloud failed", "service", call.Service, "operation", operation, "error", err, "stack", string(debug.Stack()))
	if w.status == 0 {
		writeError(w, r, call, sim.AsError(fmt.Errorf("%s %s: %w", call.Service, operation, err)))
	}
	return err
}
