package planfile

import (
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// locals collects the named values. They are looked at once all names are known, since they may refer to each other.
func (l *loader) locals() {
	for _, x := range l.groups["locals"] {
		b := l.body(x)
		for _, a := range inOrder(x.Body.Attributes) {
			b.attrs = append(b.attrs, a.Name)
			if was := l.eval.locals[a.Name]; was != nil {
				l.report(diag.Diagnostic{
					Summary: fmt.Sprintf("Duplicate local %q", a.Name), Subject: at(a.NameRange), Hint: "Remove one, or give it another name.",
					Notes: []diag.Note{{Text: "the first is here", Range: at(was.attr.NameRange)}},
				})
				continue
			}
			l.eval.locals[a.Name] = &local{attr: a}
		}
		b.end()
	}
	for _, x := range l.groups["locals"] {
		for _, a := range inOrder(x.Body.Attributes) {
			_ = l.eval.local(a.Name, a.NameRange, &need{}) // studies it; what is wrong is kept with it
			l.report(l.eval.locals[a.Name].diags...)
		}
	}
}

// checkLocals tries every local, used or not.
func (l *loader) checkLocals() {
	for _, x := range l.groups["locals"] {
		for _, a := range inOrder(x.Body.Attributes) {
			if lo := l.eval.locals[a.Name]; !lo.need.failed {
				_, diags := l.eval.try(a.Expr, lo.need, nil)
				l.report(diags...)
			}
		}
	}
}
