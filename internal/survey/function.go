package survey

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those that are computed when all their arguments are known. They mean what Terraform's functions of the same names mean.
// What is not here, and what depends on the time, on chance or on the machine, gives a hole.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
		"parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc,

		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc,
		"lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "replace": replaceFunc(),
		"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		"startswith": predicate(strings.HasPrefix), "endswith": predicate(strings.HasSuffix), "strcontains": predicate(strings.Contains),

		"chunklist": stdlib.ChunklistFunc, "contains": stdlib.ContainsFunc, "index": stdlib.IndexFunc, "length": lengthFunc(),
		"range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc, "setproduct": stdlib.SetProductFunc,

		"jsondecode": stdlib.JSONDecodeFunc, "csvdecode": stdlib.CSVDecodeFunc, "formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
		"base64encode": onText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"basename":     onText(path.Base), "dirname": onText(path.Dir), "abspath": onText(path.Clean), "pathexpand": onText(path.Clean),
	}
}

func onText(f func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(f(args[0].AsString())), nil
		},
	})
}

func predicate(f func(string, string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}}, Type: function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// lengthFunc counts characters of a text, and elements of anything else.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}}, Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() == cty.String {
				return stdlib.Strlen(args[0])
			}
			return cty.NumberIntVal(int64(args[0].LengthInt())), nil
		},
	})
}

// replaceFunc replaces a text, or, written between slashes, a regular expression.
func replaceFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "search", Type: cty.String}, {Name: "with", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s := args[1].AsString()
			if len(s) > 1 && strings.HasPrefix(s, "/") && strings.HasSuffix(s, "/") {
				return stdlib.RegexReplace(args[0], cty.StringVal(s[1:len(s)-1]), args[2])
			}
			return stdlib.Replace(args[0], args[1], args[2])
		},
	})
}

var wide = regexp.MustCompile(`%[^a-zA-Z%]*[0-9]{4}`)

// riskyCall tells of a call that makes very much out of little.
func riskyCall(name string, args []*Value) bool {
	small, total := 0, 1
	for _, a := range args {
		if t, ok := a.Str(); ok {
			small = max(small, len(t))
			if (name == "format" || name == "formatlist") && wide.MatchString(t) {
				return true
			}
		}
		if n, ok := a.Int(); ok && (n > maxArgNum || n < -maxArgNum) && (name == "indent" || name == "range" || name == "parseint") {
			return true
		}
		total *= max(1, len(a.All()))
		if total > maxArgSize {
			break
		}
	}
	return name == "replace" && small > 4096 || name == "setproduct" && total > maxArgSize
}

// fromFile is file() and templatefile(), for files of the tree only; nil: it is another function.
func (s *scope) fromFile(name string, args []*Value, at Span) *Value {
	if name != "file" && name != "templatefile" && name != "fileexists" || len(args) == 0 {
		return nil
	}
	p, known := args[0].Str()
	if !known {
		return lost(name+"()", at, args...)
	}
	if name == "fileexists" {
		return hole("fileexists("+p+")", at)
	}
	p = path.Clean(p)
	if path.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../") {
		return hole(name+"("+p+")", at)
	}
	f := s.read(s.whereIs(p))
	if f == nil {
		return hole(name+"("+p+")", at)
	}
	if name == "file" || len(args) < 2 {
		v := &Value{Kind: String, Span: at, size: 1}
		for start := 0; start < len(f.Src); { // by line, so that a piece can be pointed at
			stop := len(f.Src)
			if i := strings.IndexByte(string(f.Src[start:min(stop, start+4096)]), '\n'); i >= 0 {
				stop = start + i + 1
			}
			v.Parts = append(v.Parts, Part{Text: string(f.Src[start:stop]), At: Span{f, uint32(start), uint32(stop)}, Via: &Via{Ref: "file()", At: at}}) //nolint:gosec // files have at most maxFile bytes
			if start = stop; len(v.Parts) > maxParts {
				return hole("(too large)", at)
			}
		}
		return v
	}
	return s.templateFile(f, args[1], at)
}

// whereIs is the file of the tree that a path means. One without path.module starts where terraform runs; one in a file of Terragrunt's, where that
// file is. Where there is none, it is the likeliest place.
func (s *scope) whereIs(p string) string {
	places := []string{p}
	switch {
	case s.grunt != nil:
		places = []string{path.Join(s.grunt.from, p), path.Join(s.grunt.unit, p), p}
	case s.root != "." && !strings.HasPrefix(p, s.root+"/"):
		places = []string{p, path.Join(s.root, p)}
	}
	for _, place := range places {
		if s.has(place) {
			return place
		}
	}
	if s.folders[path.Dir(p)] != nil {
		return p
	}
	return places[len(places)-1]
}

func (s *scope) templateFile(f *File, vars *Value, at Span) *Value {
	if unsafe(f.Src) != "" || len(f.Src) > maxText {
		return hole("(too large)", at)
	}
	x, diags := hclsyntax.ParseTemplate(f.Src, f.Path, hcl.InitialPos)
	if diags.HasErrors() || s.busy["template "+f.Path] {
		return hole("templatefile("+f.Path+")", at)
	}
	s.busy["template "+f.Path] = true
	defer delete(s.busy, "template "+f.Path)
	var fr *frame
	for _, e := range vars.Elems {
		fr = fr.with(e.Key, e.Value)
	}
	return through(s.eval(x, fr), "templatefile()", at, at)
}
