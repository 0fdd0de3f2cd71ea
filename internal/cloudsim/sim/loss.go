package sim

import (
	"io"
	"net"
	"net/http"
)

// Lose makes a region of an account unreachable; an empty account means the region for everybody, an empty region the
// whole account.
func (w *World) Lose(s Scope) {
	d := loss(s)
	d.Since = w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disasters[d.place()] = d
}

// Return ends what Lose began.
func (w *World) Return(s Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.disasters, loss(s).place())
}

func loss(s Scope) Disaster {
	kind := RegionLost
	if s.Region == "" {
		kind = AccountLost
	}
	return Disaster{Kind: kind, Account: s.Account, Region: s.Region}
}

// Lost tells whether a region of an account is unreachable.
func (w *World) Lost(s Scope) bool {
	_, lost := w.lossOf(s)
	return lost
}

func (w *World) lossOf(s Scope) (Disaster, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range [...]place{{RegionLost, s}, {RegionLost, Scope{Region: s.Region}}, {AccountLost, Scope{Account: s.Account}}} {
		if d, ok := w.disasters[p]; ok {
			return d, true
		}
	}
	return Disaster{}, false
}

// Revoked tells whether the credentials of an account are refused.
func (w *World) Revoked(account string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.disasters[place{CredentialsRevoked, Scope{Account: account}}]
	return ok
}

// Vanish ends a request as an unreachable place does, when the scope is lost: by a reset connection, or by silence
// until the client gives up. It tells whether it did; a handler then returns without writing anything.
func (w *World) Vanish(rw http.ResponseWriter, r *http.Request, s Scope) bool {
	d, lost := w.lossOf(s)
	if !lost {
		return false
	}
	if d.Mode == Hang || d.Mode == Mixed && w.Float() < 0.5 {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices that a client is gone only after the body's end
		<-r.Context().Done()
	}
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and recorders: the server drops the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not an orderly end
	}
	_ = conn.Close()
	return true
}
