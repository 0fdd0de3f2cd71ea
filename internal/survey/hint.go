package survey

import (
	"path"
	"slices"
	"strings"
)

// readHints reads the files that tell how stacks are applied: scripts, Makefiles and pipelines. They are read as text: what a shell would
// compute is not known.
func (s *surveyor) readHints() {
	var files []string
	for _, l := range s.folders {
		files = append(files, l.hints...)
	}
	slices.Sort(files)
	for _, p := range files {
		f := s.read(p)
		if f == nil || !runsTerraform(string(f.Src)) {
			continue
		}
		h := &hinter{surveyor: s, file: f, vars: map[string]string{}}
		h.base = path.Dir(p)
		if strings.Contains(p, ".github/") || strings.Contains(p, ".circleci/") || strings.Contains(p, ".gitlab") || strings.Contains(p, ".buildkite/") {
			h.base = "." // pipelines start at the root
		}
		h.read()
	}
}

func runsTerraform(src string) bool {
	return strings.Contains(src, "terraform") || strings.Contains(src, "tofu") || strings.Contains(src, "terragrunt")
}

// hinter reads one file.
type hinter struct {
	*surveyor
	file  *File
	base  string            // folder in which its commands start
	dir   string            // folder in which the current command runs; "?": not known
	vars  map[string]string // variables that the file sets to a plain text
	order int
}

// line is a piece of the file, with what continues it.
type line struct {
	text  string
	start int
}

func (h *hinter) read() {
	yaml := strings.HasSuffix(h.file.Path, "ml")
	script := strings.HasSuffix(h.file.Path, "sh")
	steps := workingDirectories(h.file.Src, yaml)
	h.dir = h.base
	for _, l := range lines(h.file.Src) {
		if strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			continue
		}
		switch dir, ok := steps.at(l.start); {
		case ok:
			h.dir = h.join(h.base, dir)
		case !script && !strings.HasPrefix(l.text, " ") && !strings.HasPrefix(l.text, "\t") && !strings.HasPrefix(l.text, "cd "):
			h.dir = h.base // another target or job
		}
		h.assign(l)
		before := h.dir
		for _, c := range commands(l.text) {
			h.command(c, l)
		}
		if !script && !yaml { // each line of a Makefile has a shell of its own
			h.dir = before
		}
	}
}

// lines are the file's lines; one that ends in a backslash goes on.
func lines(src []byte) []line {
	var out []line
	start := 0
	text := ""
	from := 0
	for start < len(src) {
		stop := len(src)
		if i := strings.IndexByte(string(src[start:min(len(src), start+8192)]), '\n'); i >= 0 {
			stop = start + i
		} else if len(src)-start > 8192 {
			stop = start + 8192
		}
		if text == "" {
			from = start
		}
		piece := string(src[start:stop])
		start = stop + 1
		if p, ok := strings.CutSuffix(strings.TrimRight(piece, "\r"), `\`); ok && len(text) < 1<<16 {
			text += p + " "
			continue
		}
		out = append(out, line{text + piece, from})
		text = ""
	}
	if text != "" {
		out = append(out, line{text, from})
	}
	return out
}

// stepDirs are the working directories of a pipeline's steps, by where the step begins.
type stepDirs []struct {
	start, end int
	dir        string
}

func (s stepDirs) at(offset int) (string, bool) {
	for _, d := range s {
		if offset >= d.start && offset < d.end {
			return d.dir, true
		}
	}
	return "", false
}

func workingDirectories(src []byte, yaml bool) stepDirs {
	if !yaml {
		return nil
	}
	var out stepDirs
	starts := []int{0}
	all := lines(src)
	for _, l := range all {
		if strings.HasPrefix(strings.TrimSpace(l.text), "- ") {
			starts = append(starts, l.start)
		}
	}
	starts = append(starts, len(src))
	fallback := ""
	for i := 0; i+1 < len(starts); i++ {
		dir := ""
		for _, l := range all {
			if l.start < starts[i] || l.start >= starts[i+1] {
				continue
			}
			for _, key := range []string{"working-directory:", "workingDirectory:", "working_directory:"} {
				if _, v, ok := strings.Cut(l.text, key); ok {
					dir = strings.Trim(strings.TrimSpace(v), `"'`)
				}
			}
		}
		if i == 0 {
			fallback = dir
		}
		if dir == "" {
			dir = fallback
		}
		if dir != "" {
			out = append(out, struct {
				start, end int
				dir        string
			}{starts[i], starts[i+1], dir})
		}
	}
	return out
}

// assign remembers NAME=value, and tells of those that set what terraform or AWS read from the environment.
func (h *hinter) assign(l line) {
	t := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l.text), "export "))
	name, value, ok := cutAny(t, ":=", "?=", "=", ":")
	name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "- "))
	if !ok || name == "" || strings.ContainsAny(name, " \t$(){}\"'/") || runsTerraform(value) && strings.Contains(value, " ") { // the last is a command with its environment
		return
	}
	value = h.expand(strings.Trim(strings.TrimSpace(value), `"'`))
	if value != "" {
		h.vars[name] = value
	}
	h.environment(name, value, l)
}

func (h *hinter) environment(name, value string, l line) {
	at := h.at(l, name)
	if v, ok := strings.CutPrefix(name, "TF_VAR_"); ok {
		h.hint(Hint{Kind: SetsVariable, Key: v, Value: value, At: at})
	}
	if name == "AWS_REGION" || name == "AWS_DEFAULT_REGION" {
		h.hint(Hint{Kind: SetsRegion, Key: name, Value: value, At: at})
	}
	if name == "TF_WORKSPACE" && value != "" {
		h.hint(Hint{Kind: UsesWorkspace, Key: value, Value: value, At: at})
	}
}

func cutAny(s string, seps ...string) (before, after string, ok bool) {
	for _, sep := range seps {
		if b, a, found := strings.Cut(s, sep); found && (sep != ":" || strings.HasPrefix(a, " ")) {
			return b, a, true
		}
	}
	return s, "", false
}

// expand replaces variables that the file sets; the result is empty if others are left.
func (h *hinter) expand(s string) string {
	for range 5 {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			return s
		}
		name, rest := "", ""
		switch {
		case strings.HasPrefix(s[i:], "${") && strings.Contains(s[i:], "}"):
			name, rest, _ = strings.Cut(s[i+2:], "}")
		case strings.HasPrefix(s[i:], "$(") && strings.Contains(s[i:], ")"):
			name, rest, _ = strings.Cut(s[i+2:], ")")
		default:
			j := i + 1
			for j < len(s) && wordByte(s[j]) && s[j] != '-' {
				j++
			}
			name, rest = s[i+1:j], s[j:]
		}
		v, known := h.vars[name]
		if !known || len(v)+len(s) > 4096 {
			return ""
		}
		s = s[:i] + v + rest
	}
	return ""
}

func (h *hinter) join(dir, to string) string {
	to = h.expand(to)
	if to == "" || dir == "?" || path.IsAbs(to) {
		return "?"
	}
	return path.Join(dir, to)
}

// at is where a word of a line stands.
func (h *hinter) at(l line, word string) Span {
	start := l.start
	if i := strings.Index(string(h.file.Src[l.start:]), word); i >= 0 && word != "" {
		start += i
	}
	return Span{h.file, uint32(start), uint32(min(len(h.file.Src), start+len(word)))} //nolint:gosec // files have at most maxFile bytes
}

func (h *hinter) hint(x Hint) {
	if x.Dir == "" && h.dir != "?" {
		x.Dir = h.dir
	}
	for _, st := range h.inv.Stacks {
		if st.Dir == x.Dir {
			x.Stack = st.Name
		}
	}
	h.inv.Hints = append(h.inv.Hints, &x)
}

// commands are the commands of a line, as words without quotes.
func commands(text string) [][]string {
	var out [][]string
	var words []string
	var word strings.Builder
	quote := byte(0)
	flush := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	next := func() {
		flush()
		if len(words) > 0 {
			out = append(out, words)
			words = nil
		}
	}
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			} else {
				word.WriteByte(b)
			}
		case b == '"' || b == '\'':
			quote = b
		case b == ' ' || b == '\t' || b == '\r':
			flush()
		case b == ';' || b == '|' || b == '&':
			next()
		default:
			word.WriteByte(b)
		}
	}
	next()
	return out
}

// command reads one command: cd, cp of a .tf file, or a run of terraform.
func (h *hinter) command(words []string, l line) {
	for len(words) > 0 && starter(words[0]) {
		if name, value, ok := strings.Cut(words[0], "="); ok {
			h.environment(name, h.expand(value), l)
		}
		words = words[1:]
	}
	if len(words) < 2 {
		return
	}
	switch name := path.Base(strings.Trim(words[0], "@-+()`$")); {
	case name == "cd" || name == "pushd":
		h.dir = h.join(h.dir, words[1])
	case (name == "cp" || name == "ln") && len(words) > 2:
		h.copies(words[1:], l)
	case name == "terraform" || name == "tofu" || name == "terragrunt" || strings.HasPrefix(words[0], "$(TERRAFORM") || strings.HasPrefix(words[0], "$(TF"):
		h.run(words[1:], l)
	}
}

// starter are words before a command's name.
func starter(w string) bool {
	switch w {
	case "-", "run:", "sudo", "then", "do", "exec", "else", "(", "{", "env", "script:", "if", "&&":
		return true
	}
	w = strings.TrimLeft(w, "@-")
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && !strings.ContainsAny(name, "-/$.")
}

func (h *hinter) copies(words []string, l line) {
	to := h.join(h.dir, words[len(words)-1])
	for _, w := range words[:len(words)-1] {
		if p := h.join(h.dir, w); strings.HasSuffix(p, ".tf") {
			dir := to
			if strings.HasSuffix(dir, ".tf") {
				dir = path.Dir(dir)
			}
			h.hint(Hint{Kind: CopiesFile, Dir: dir, Value: p, At: h.at(l, w)})
		}
	}
}

// run reads the arguments of a run of terraform.
func (h *hinter) run(words []string, l line) {
	was := h.dir
	defer func() { h.dir = was }()
	var rest []string
	for i := 0; i < len(words); i++ {
		w := strings.TrimPrefix(words[i], "-")
		if w == words[i] {
			rest = append(rest, w)
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(w, "-"), "=")
		if !ok && (key == "var" || key == "var-file" || key == "backend-config") && i+1 < len(words) {
			i++
			value = words[i]
		}
		h.option(key, value, l)
	}
	if len(rest) == 0 {
		return
	}
	switch rest[0] {
	case "apply", "plan", "init", "run-all", "deploy":
		x := Hint{Kind: Runs, Key: rest[0], At: h.at(l, rest[0])}
		if rest[0] == "apply" {
			h.order++
			x.Order = h.order
		}
		h.hint(x)
	case "workspace":
		if len(rest) > 2 && (rest[1] == "select" || rest[1] == "new") {
			if name := h.expand(rest[len(rest)-1]); name != "" {
				h.hint(Hint{Kind: UsesWorkspace, Key: name, Value: name, At: h.at(l, rest[len(rest)-1])})
			}
		}
	}
}

func (h *hinter) option(key, value string, l line) {
	at := h.at(l, value)
	switch key {
	case "chdir", "working-dir", "terragrunt-working-dir":
		h.dir = h.join(h.dir, value)
	case "var":
		if name, v, ok := strings.Cut(value, "="); ok {
			h.hint(Hint{Kind: SetsVariable, Key: strings.TrimSpace(name), Value: h.expand(strings.TrimSpace(v)), At: at})
		}
	case "var-file":
		h.hint(Hint{Kind: UsesVarFile, Key: value, Value: h.join(h.dir, value), At: at})
	case "backend-config":
		if name, v, ok := strings.Cut(value, "="); ok {
			h.hint(Hint{Kind: SetsBackend, Key: strings.TrimSpace(name), Value: h.expand(strings.TrimSpace(v)), At: at})
		}
	}
}
