package secretsmanager

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type passwordInput struct {
	PasswordLength                                                     *int
	ExcludeCharacters                                                  string
	ExcludeLowercase, ExcludeNumbers, ExcludePunctuation, IncludeSpace bool
	ExcludeUppercase                                                   bool
	RequireEachIncludedType                                            *bool
}

// The kinds of characters of a password (GetRandomPassword).
const (
	lower       = "abcdefghijklmnopqrstuvwxyz"
	upper       = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits      = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	maxPassword = 4096
)

// randomPassword follows from the world's seed, like all that the drill cloud makes: it protects nothing.
func (s *Service) randomPassword(_ *sim.Call, in *passwordInput) (any, error) {
	n, each := 32, true
	if in.PasswordLength != nil {
		n = *in.PasswordLength
	}
	if in.RequireEachIncludedType != nil {
		each = *in.RequireEachIncludedType
	}
	types := in.types()
	if n < 1 || n > maxPassword || len(types) == 0 || each && n < len(types) {
		return nil, sim.Errorf("InvalidParameterException", "a password of %d characters from %d kinds of characters cannot be made (1 to %d, at least one for each required kind)", n, len(types), maxPassword)
	}
	p := []byte(s.world.Text(n, strings.Join(types, "")))
	if each {
		order := s.shuffled(n)
		for i, t := range types {
			p[order[i]] = s.world.Text(1, t)[0]
		}
	}
	return map[string]string{"RandomPassword": string(p)}, nil
}

func (in *passwordInput) types() []string {
	var out []string
	for _, k := range []struct {
		out  bool
		from string
	}{{in.ExcludeLowercase, lower}, {in.ExcludeUppercase, upper}, {in.ExcludeNumbers, digits}, {in.ExcludePunctuation, punctuation}, {!in.IncludeSpace, " "}} {
		left := strings.Map(func(r rune) rune {
			if k.out || strings.ContainsRune(in.ExcludeCharacters, r) {
				return -1
			}
			return r
		}, k.from)
		if left != "" {
			out = append(out, left)
		}
	}
	return out
}

// shuffled gives 0 to n-1 in random order.
func (s *Service) shuffled(n int) []int {
	out := make([]int, n)
	for i := range out {
		j := int(s.world.Float() * float64(i+1))
		out[i], out[j] = out[j], i
	}
	return out
}
