package value

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Verifier gives the AWS clients of a site, and makes sure that they reach its account. *awscloud.Cloud does.
type Verifier interface {
	Sites
	Verify(context.Context, *plan.Site) (awscloud.Identity, error)
}

// Typed is a value that a person gives.
type Typed struct {
	Site    *plan.Site
	Replace bool // a value that is there
	Plain   bool // a new parameter is no SecureString
	// Ask gets the value from the person, once it is clear that it can be written. With keys it is a JSON object that has them.
	Ask func(context.Context) (secret.Value, error)
}

// RefusedError says that a value cannot be taken, or none is wanted. Nothing was written.
type RefusedError struct{ What, Next string }

// Error is what is wrong. It never holds the value.
func (e *RefusedError) Error() string { return e.What }

// Put writes a typed-in value for a step of kind step.Secret or step.Parameter, after the site's account was verified. JSON keys that are not
// given stay as they are. It says what it did.
func Put(ctx context.Context, sites Verifier, spec step.Spec, t Typed) (string, error) {
	w, err := wanted(spec)
	if err != nil {
		return "", err
	}
	if w.made() {
		return "", &RefusedError{w.String() + " is generated: nobody types it in", "Take its generate block out of the plan if people shall know it"}
	}
	if _, err := sites.Verify(ctx, t.Site); err != nil {
		return "", err
	}
	c, err := sites.At(ctx, t.Site)
	if err != nil {
		return "", err
	}
	at := w.open(c)
	st, err := at.look(ctx, "")
	switch {
	case err != nil:
		return "", awscloud.Explain(err, w.String()+" cannot be looked at", t.Site)
	case st.dying:
		return "", &RefusedError{w.reason(st), "Go on with the run: the step takes it back with its value"}
	case st.valued && !t.Replace:
		return "", &RefusedError{fmt.Sprintf("%s has a value at site %q already", w, t.Site.Name), "Add --replace to put another one over it"}
	}
	given, err := t.Ask(ctx)
	if err != nil {
		return "", err
	}
	next, err := w.check(given, st.content)
	if err != nil {
		return "", err
	}
	if t.Plain && w.kind == step.Parameter {
		next.sort = "String"
	}
	if err := at.write(ctx, "", next, st.there); err != nil {
		return "", awscloud.Explain(err, w.String()+" cannot be written", t.Site)
	}
	return fmt.Sprintf("%s is at site %q", w, t.Site.Name), nil
}

// check refuses what AWS or the code could not use, and puts the rest over what is there.
func (w *wish) check(given secret.Value, there content) (content, error) {
	next := content{text: given}
	text := given.Reveal()
	switch {
	case strings.TrimSpace(text) == "":
		return content{}, &RefusedError{"the value of " + w.String() + " is empty", "Type the value, or pipe it in"}
	case !utf8.ValidString(text):
		return content{}, &RefusedError{"the value of " + w.String() + " is not text", "Values are UTF-8; encode bytes, as base64 for one"}
	}
	if len(w.keys) > 0 {
		members, ok := next.object()
		if !ok {
			return content{}, &RefusedError{"the value of " + w.String() + " is not a JSON object", "The code reads its keys " + strings.Join(w.keys, ", ")}
		}
		if lacks := next.lacks(w.kept); len(lacks) > 0 {
			return content{}, &RefusedError{fmt.Sprintf("the value of %s lacks key %s", w, strings.Join(lacks, ", ")), "The code reads it: add it to the JSON object"}
		}
		if empty := next.empty(w.kept); len(empty) > 0 {
			return content{}, &RefusedError{fmt.Sprintf("key %s of %s is empty", strings.Join(empty, ", "), w), "Give it a value"}
		}
		var err error
		if next, err = there.with(members); err != nil {
			return content{}, err
		}
		next.binary = nil
	}
	if n := len(next.text.Reveal()); n > w.limit {
		return content{}, &RefusedError{fmt.Sprintf("the value of %s has %d bytes, more than the %d that AWS takes", w, n, w.limit), "Shorten it, or keep it elsewhere"}
	}
	return next, nil
}

// empty are the keys whose values are null or empty texts.
func (c content) empty(keys []string) []string {
	object, _ := c.object()
	var out []string
	for _, k := range keys {
		if v := string(object[k]); v == `""` || v == "null" {
			out = append(out, k)
		}
	}
	return out
}
