package draft

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// terraform drafts where the stacks and their states live, and the variables that most of them share.
func (d *drafter) terraform() {
	if !slices.ContainsFunc(d.inv.Stacks, func(st *survey.Stack) bool { return !elsewhere(st) }) {
		return // no stack, no state
	}
	d.line("terraform {\nroot = %s", quote(d.Root))
	for _, sh := range d.inv.Shared {
		if len(sh.Stacks) > 0 && len(sh.Stacks) == len(d.inv.Stacks) {
			d.comment("%s is no stack: every stack uses what only it declares (%s).", sh.Dir, strings.Join(sh.Declares, ", "))
			d.line("overlay = [%s]", quoted(sh.Files))
			d.overlay = sh.Files
		}
	}
	d.state()
	d.variables()
	d.line("}\n")
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return strings.Join(out, ", ")
}

// state drafts the place of the states: at the primary where they are, at any other site under a name of its own.
func (d *drafter) state() {
	buckets, tables := map[string]int{}, map[string]int{}
	lockfile := false
	for _, st := range d.inv.Stacks {
		b := d.backend(st)
		if b == nil || b.Type != "s3" {
			continue
		}
		if s, ok := b.Body.Get("bucket").Str(); ok {
			buckets[s]++
		}
		if s, ok := b.Body.Get("dynamodb_table").Str(); ok {
			tables[s]++
		}
		if is, _ := b.Body.Get("use_lockfile").Bool(); is {
			lockfile = true
		}
	}
	d.line("state {")
	const place, global = "-${site.account}-${site.region}", "at the primary; bucket names are global, so other sites have their own"
	with := func(b string) string {
		return `site.name == "primary" ? ` + quote(b) + ` : "` + bucketName(b, "", place) + `"`
	}
	switch b := most(buckets); {
	case d.StateBucket != "":
		d.bucket = with(d.StateBucket)
		d.line("bucket = %s", d.bucket)
	case b != "":
		d.bucket = with(b)
		d.guess("bucket = "+d.bucket, "the code's bucket "+global)
	default:
		name := bucketName(d.Name, "-state", place)
		d.bucket = `"` + name + `"`
		d.fill("bucket = "+d.bucket, Open{"the bucket that keeps the states now, " + global, "--state-bucket", name})
	}
	d.line(`key = "${stack.name}.tfstate"`)
	switch t := most(tables); {
	case t != "":
		d.line("lock_table = %s", quote(t))
	case lockfile:
		d.line("lockfile = true")
	default:
		d.guess("lockfile = true", "the code does not say how states are locked")
	}
	d.line("}")
}

// bucketName is a name for a bucket that begins like another name and ends in its place, which an account's number and a region make longer.
func bucketName(begin, kind, place string) string {
	const most = 63 - len("-123456789012-ap-southeast-1") // S3 User Guide, "General purpose bucket naming rules"
	begin = strings.ToLower(strings.ReplaceAll(slug(begin), "_", "-"))
	return strings.Trim(begin[:min(len(begin), most-len(kind))], "-") + kind + place
}

// variables drafts those that several stacks declare and none of them has a value for, or that follow the site.
func (d *drafter) variables() {
	count := map[string]int{}
	first := map[string]*survey.Variable{}
	for _, st := range d.inv.Stacks {
		for _, v := range st.Variables {
			if role, _ := d.stateRole(st, v.Name); role != "" {
				continue
			}
			if d.siteValue(v) == "" && (!unset(v) || d.given(st, v.Name)) || v.Sensitive {
				continue
			}
			if count[v.Name]++; first[v.Name] == nil {
				first[v.Name] = v
			}
		}
	}
	var names []string
	for _, n := range slices.Sorted(maps.Keys(count)) {
		if count[n] > 1 || d.siteValue(first[n]) != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return
	}
	d.line("variables = {")
	for _, n := range names {
		switch site := d.siteValue(first[n]); {
		case d.Values[n] != "":
			d.line("%s", d.common.give(n, literal(first[n], d.Values[n])))
		case site != "":
			d.line("%s", d.common.give(n, site))
		default:
			d.ask(n, first[n], d.common)
		}
	}
	d.line("}")
}

// ask leaves a variable's value to the user.
func (d *drafter) ask(name string, v *survey.Variable, to values) {
	if given := d.Values[name]; given != "" {
		d.line("%s", to.give(name, literal(v, given)))
		return
	}
	for _, h := range d.inv.Hints {
		if h.Kind == survey.SetsVariable && h.Key == name && h.Value != "" && !v.Sensitive {
			d.guess(to.give(name, quote(h.Value)), "%s passes it (%s)", h.At.File.Path, h.At)
			return
		}
	}
	p := placeholder(v)
	to.asked[name] = true
	d.fill(to.give(name, p), Open{"the value of " + name + " (" + v.At.String() + ")", "--value " + name + "=", strings.Trim(p, `"`)})
}

// given tells whether an instance of the stack brings a variable's value.
func (d *drafter) given(st *survey.Stack, name string) bool {
	for _, in := range st.Instances {
		if slices.ContainsFunc(in.Settings, func(s survey.Setting) bool { return s.Variable == name }) {
			return true
		}
	}
	return false
}

// backend is where the state is of the instance that is recovered; nil: nothing tells.
func (d *drafter) backend(st *survey.Stack) *survey.Backend {
	if in := d.instance(st); in != nil && in.Backend != nil {
		return in.Backend
	}
	return st.Backend
}

// backendKey is a stack's key where the code names it: the states are there already.
func (d *drafter) backendKey(st *survey.Stack, name string) {
	b := d.backend(st)
	if b == nil {
		b = &survey.Backend{}
	}
	key, ok := b.Body.Get("key").Str()
	if !ok {
		key, ok = d.keyRead(st)
	}
	if !ok || key == name+".tfstate" || d.keys[key] { // a key that two stacks have is one of two buckets, of which a plan has one
		return
	}
	d.keys[key] = true
	d.line("backend_key = %s", quote(key))
}

// keyRead is the key under which other stacks read a stack's state, if that is one.
func (d *drafter) keyRead(st *survey.Stack) (key string, ok bool) {
	for _, e := range d.inv.Edges {
		from := d.inv.Stack(e.From)
		if e.To != st.Name || e.How != survey.ByRemoteState || from == nil {
			continue
		}
		for _, r := range from.Of(survey.Data, "terraform_remote_state") {
			if k, known := r.Body.Get("config", "key").Str(); known && r.Address == e.Reader {
				if ok && k != key {
					return "", false
				}
				key, ok = k, true
			}
		}
	}
	return key, ok
}

// relative is a path from one folder to a file.
func relative(from, to string) string {
	if from == "." {
		return to
	}
	up := ""
	for from != "." && from != "/" && !strings.HasPrefix(to, from+"/") {
		from, up = path.Dir(from), up+"../"
	}
	if from != "." {
		to = strings.TrimPrefix(to, from+"/")
	}
	return up + to
}
