package planfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

var (
	errMixed   = errors.New("the values are of different types")
	errNothing = errors.New("every value is null or empty")
	errNotText = errors.New("the content is not text (UTF-8)")
	errLate    = errors.New("what is read must be known when the plan is loaded; it cannot depend on an output")
)

// reads is what the plan reads from outside of its files: it is part of the plan's version. After Load it is frozen: a run must not
// see another world than the one that was validated.
type reads struct {
	files  files
	base   string
	env    proc.Env
	texts  map[string]string  // file() by name
	envs   map[string]*string // env() by name; nil: not set
	frozen bool
}

func newReads(l *loader) *reads {
	return &reads{files: l.files, base: l.base, env: l.opts.Env, texts: map[string]string{}, envs: map[string]*string{}}
}

// file gives a file's text. The file lies in the plan's folder, and not behind a symbolic link: so the folder is the whole plan.
func (r *reads) file(name string) (string, error) {
	clean := path.Clean(filepath.ToSlash(name))
	if text, ok := r.texts[clean]; ok {
		return text, nil
	}
	if r.frozen {
		return "", errLate
	}
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || !fs.ValidPath(clean) {
		return "", fmt.Errorf("%q lies outside the plan's folder; copy the file into it", name)
	}
	full := r.base
	for part := range strings.SplitSeq(clean, "/") {
		full = path.Join(full, part)
		if st, err := fs.Lstat(r.files.fs, full); err == nil && st.Mode()&fs.ModeSymlink != 0 {
			return "", fmt.Errorf("%q is behind a symbolic link; put the file itself into the plan's folder", name)
		}
	}
	b, err := r.files.read(full)
	if err != nil {
		return "", errors.New(strings.TrimSuffix(reason(name, err), "."))
	}
	if !utf8.Valid(b) {
		return "", errNotText
	}
	r.texts[clean] = string(b)
	return r.texts[clean], nil
}

// envFunc is env(NAME) and env(NAME, default).
func (r *reads) envFunc() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) > 2 {
				return cty.UnknownVal(cty.String), function.NewArgErrorf(2, "env takes a name and at most one default")
			}
			name := args[0].AsString()
			if _, seen := r.envs[name]; !seen {
				if r.frozen {
					return cty.UnknownVal(cty.String), errLate
				}
				r.envs[name] = nil
				if v, set := r.env[name]; set {
					r.envs[name] = &v
				}
			}
			switch v := r.envs[name]; {
			case v != nil:
				return cty.StringVal(*v), nil
			case len(args) == 2:
				return args[1], nil
			default:
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "the environment has no %s; set it, or give a default: env(%q, \"...\")", name, name)
			}
		},
	})
}
