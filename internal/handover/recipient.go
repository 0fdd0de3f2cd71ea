package handover

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// ParseAge reads an age recipient: age1..., or age1pq1... of the hybrid kind. The error does not quote it, as the library's would: it may be a
// secret key.
func ParseAge(s string) (age.Recipient, error) {
	if strings.HasPrefix(s, "AGE-SECRET-KEY-") {
		return nil, errors.New("this is a secret key; give the recipient, which begins with age1, and replace the key")
	}
	if strings.HasPrefix(s, "ssh-") {
		return nil, errors.New("this is an SSH key; write it as ssh_recipient")
	}
	if !strings.HasPrefix(s, "age1") {
		return nil, errors.New(`a recipient begins with "age1"`)
	}
	if name, _, plugin := strings.Cut(strings.TrimPrefix(s, "age1"), "1"); plugin && name != "pq" {
		return nil, errors.New("recipients of plugins are not supported")
	}
	all, err := age.ParseRecipients(strings.NewReader(s))
	if err != nil || len(all) != 1 {
		return nil, errors.New("the recipient is cut off or mistyped: its checksum does not hold")
	}
	return all[0], nil
}

// ParseSSH reads an SSH public key, as in an id_ed25519.pub. The error does not quote it.
func ParseSSH(s string) (age.Recipient, error) {
	if strings.Contains(s, "PRIVATE KEY") {
		return nil, errors.New("this is a private key; give the public one, which begins with ssh-, and replace the key")
	}
	if kind, _, _ := strings.Cut(s, " "); kind != "ssh-ed25519" && kind != "ssh-rsa" {
		return nil, errors.New("only keys that begin with ssh-ed25519 or ssh-rsa can be encrypted to")
	}
	r, err := agessh.ParseRecipient(s)
	if err != nil {
		return nil, errors.New("the SSH key is cut off, mistyped, or too short")
	}
	return r, nil
}

// CheckWebhook tells what is wrong with the address that an encrypted key is sent to.
func CheckWebhook(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		return errors.New("it is no URL with a host")
	case u.Scheme != "https":
		return errors.New("it must begin with https://")
	case u.User != nil:
		return errors.New("it must not hold a password")
	}
	return nil
}

// recipients are whom a consumer's letter is encrypted to.
func recipients(c plan.Consumer) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, x := range []struct {
		text  string
		parse func(string) (age.Recipient, error)
	}{{c.AgeRecipient, ParseAge}, {c.SSHRecipient, ParseSSH}} {
		if x.text == "" {
			continue
		}
		r, err := x.parse(x.text)
		if err != nil {
			return nil, fmt.Errorf("recipient of consumer %q: %w", c.Name, err)
		}
		out = append(out, r)
	}
	return out, nil
}
