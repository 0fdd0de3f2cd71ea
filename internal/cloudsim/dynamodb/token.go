package dynamodb

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const (
	// tokenLife is how long a ClientRequestToken is remembered (TransactWriteItems).
	tokenLife = 10 * time.Minute
	// maxTokens bounds how many are remembered; the oldest go first.
	maxTokens = 100000
)

// tokens remembers the transactions of the last minutes by their ClientRequestToken. They are not saved.
type tokens struct {
	mu    sync.Mutex
	known map[string]*transaction
	order []*transaction // the known ones and some forgotten ones, oldest first
}

type transaction struct {
	token   string
	request [sha256.Size]byte
	at      time.Time
	answer  []byte // nil while it runs
}

// begin looks a token up. Done is the answer of the same transaction that was done before; otherwise the caller does
// it and calls finish with the answer, nil when it failed.
func (t *tokens) begin(token, body string, now time.Time) (finish func(answer []byte), done []byte, err error) {
	if token == "" {
		return func([]byte) {}, nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	sum := sha256.Sum256([]byte(body))
	if old := t.known[token]; old != nil {
		switch {
		case old.request != sum:
			return nil, nil, sim.Errorf("IdempotentParameterMismatchException", "The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical")
		case old.answer == nil:
			return nil, nil, sim.Errorf("TransactionInProgressException", "The transaction with the given request token is already in progress.")
		}
		return nil, old.answer, nil
	}
	if t.known == nil {
		t.known = map[string]*transaction{}
	}
	tx := &transaction{token: token, request: sum, at: now}
	t.known[token] = tx
	t.order = append(t.order, tx)
	return func(answer []byte) { t.finish(tx, answer) }, nil, nil
}

// finish keeps the answer. A transaction that failed may be tried again with its token.
func (t *tokens) finish(tx *transaction, answer []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tx.answer = answer; answer == nil && t.known[tx.token] == tx {
		delete(t.known, tx.token)
	}
}

func (t *tokens) forget(now time.Time) {
	for len(t.order) > 0 {
		oldest := t.order[0]
		if len(t.order) < maxTokens && now.Before(oldest.at.Add(tokenLife)) {
			return
		}
		t.order = t.order[1:]
		if t.known[oldest.token] == oldest {
			delete(t.known, oldest.token)
		}
	}
}
