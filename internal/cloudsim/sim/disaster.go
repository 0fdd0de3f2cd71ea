package sim

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Kind names what a disaster takes away.
type Kind string

// The kinds of disaster.
const (
	// RegionLost makes a region unreachable, for one account or (without an account) for everybody.
	RegionLost Kind = "region-lost"
	// AccountLost makes an account unreachable in every region.
	AccountLost Kind = "account-lost"
	// CredentialsRevoked refuses every credential of an account.
	CredentialsRevoked Kind = "credentials-revoked"
)

// Mode says how an unreachable place behaves.
type Mode string

// The modes of a lost place. An empty mode is Refuse.
const (
	Refuse Mode = "refuse" // the connection is reset without an answer
	Hang   Mode = "hang"   // nothing is answered until the client gives up
	Mixed  Mode = "mixed"  // each call meets one or the other, by the world's dice
)

// Disaster is something that has been taken away.
type Disaster struct {
	Kind    Kind      `json:"kind"`
	Account string    `json:"account,omitempty"` // 12 digits
	Region  string    `json:"region,omitempty"`
	Mode    Mode      `json:"mode,omitempty"`
	Since   time.Time `json:"since,omitzero"` // the cloud's time, set by Strike
}

// place is what makes two disasters the same one.
type place struct {
	kind Kind
	Scope
}

func (d Disaster) place() place { return place{d.Kind, Scope{d.Account, d.Region}} }

// check gives a ValidationError that names the member which is missing or wrong.
func (d Disaster) check() error {
	if d.Account != "" && !IsAccount(d.Account) {
		return Errorf("ValidationError", "a disaster's account is 12 digits, not %q", d.Account)
	}
	switch d.Mode {
	case "", Refuse, Hang, Mixed:
	default:
		return Errorf("ValidationError", "a disaster's mode is %s, %s or %s, not %q", Refuse, Hang, Mixed, d.Mode)
	}
	switch d.Kind {
	case RegionLost:
		if !KnownRegion(d.Region) {
			return Errorf("ValidationError", "%s needs a region of AWS, not %q", d.Kind, d.Region)
		}
	case AccountLost, CredentialsRevoked:
		if d.Account == "" || d.Region != "" {
			return Errorf("ValidationError", "%s needs an account, and no region", d.Kind)
		}
	default:
		return Errorf("ValidationError", "a disaster's kind is %s, %s or %s, not %q", RegionLost, AccountLost, CredentialsRevoked, d.Kind)
	}
	return nil
}

// Strike begins a disaster, or changes the mode of one. A disaster that names nothing that exists is refused.
func (w *World) Strike(d Disaster) error {
	if err := d.check(); err != nil {
		return err
	}
	d.Since = w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.disasters[d.place()]; ok {
		d.Since = old.Since
	}
	w.disasters[d.place()] = d
	return nil
}

// End ends the disaster of the same kind, account and region. One that is not there is an error.
func (w *World) End(d Disaster) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.disasters[d.place()]; !ok {
		return Errorf("NoSuchDisaster", "there is no disaster %s account %q region %q to end", d.Kind, d.Account, d.Region).WithStatus(http.StatusNotFound)
	}
	delete(w.disasters, d.place())
	return nil
}

// Disasters lists what goes on, the oldest first.
func (w *World) Disasters() []Disaster {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.disasters), func(a, b Disaster) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
}
