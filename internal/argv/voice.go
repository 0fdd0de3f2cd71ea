package argv

import (
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	maxLine  = 64 << 10 // the rest of a longer line is dropped
	maxShown = 200      // runes
	pause    = 100 * time.Millisecond
)

// voice tells lines as progress, at most one in each pause; the last one is always told.
type voice struct {
	tell   func(step.Progress)
	hidden []string

	mu     sync.Mutex
	line   []byte
	last   string // the last line that was not empty
	untold bool
	toldAt time.Time
}

// Write takes any piece of output. It never fails.
func (v *voice) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range p {
		switch {
		case c == '\n' || c == '\r':
			v.end()
		case len(v.line) < maxLine:
			v.line = append(v.line, c)
		}
	}
	return len(p), nil
}

func (v *voice) end() {
	text := Show(string(v.line), v.hidden...)
	v.line = v.line[:0]
	if text == "" {
		return
	}
	v.last, v.untold = text, true
	if now := (clock.System{}).Now(); now.Sub(v.toldAt) >= pause {
		v.toldAt, v.untold = now, false
		v.tell(step.Progress{Message: text})
	}
}

func (v *voice) flush() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.end()
	if v.untold {
		v.untold = false
		v.tell(step.Progress{Message: v.last})
	}
}

// Show makes one line of what a stranger said: its first 200 characters, without control characters and terminal sequences, each hidden
// text (and each line of one) replaced by (secret).
func Show(text string, hidden ...string) string {
	// Once before and once after: control characters may be part of a secret, or stand inside it to hide it from us.
	text = hide(plain(hide(text, hidden)), hidden)
	if utf8.RuneCountInString(text) > maxShown {
		return string([]rune(text)[:maxShown]) + "…"
	}
	return text
}

func hide(text string, hidden []string) string {
	for _, h := range hidden {
		for part := range strings.Lines(h) {
			if part = strings.TrimSpace(part); part != "" {
				text = strings.ReplaceAll(text, part, secret.Hidden)
			}
		}
	}
	return text
}

// plain drops what a terminal would obey.
func plain(text string) string {
	var b strings.Builder
	for rest := skipSequence(text); rest != ""; rest = skipSequence(rest) {
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError: // format characters can turn a line around
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// skipSequence drops terminal control sequences (ECMA-48: ESC [ parameters final) at the start of s.
func skipSequence(s string) string {
	for strings.HasPrefix(s, "\x1b[") {
		i := 2
		for i < len(s) && s[i] < 0x40 {
			i++
		}
		s = s[min(i+1, len(s)):]
	}
	return s
}
