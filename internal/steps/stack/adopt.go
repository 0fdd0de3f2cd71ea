package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/adopt"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

const (
	// rounds bounds how often an adopting stack is planned: each plan knows values that the one before did not, and so more can be looked up.
	rounds = 8
	// reprieves is how often what was taken back from its deletion is looked at, until AWS shows it alive.
	reprieves = 3
)

// adoption is what the plan of a stack without its state would do, and why.
type adoption struct {
	detail *terraform.Detail
	found  []adopt.Finding    // of what the plan still creates
	taken  []terraform.Import // what it adopts
	swaps  []swap             // tables that this run put in others' places
	old    []swap             // those whose old table the state has still: the plan is one without them
}

// adopt turns a plan that creates what lives into one that imports it: look up, write import blocks, plan again, until nothing more is found.
func (t *turn) adopt(ctx context.Context, p *terraform.Plan, vars []byte) (*terraform.Plan, error) {
	a := t.adoption
	if t.Sites == nil {
		return nil, fmt.Errorf("stack %q: its state is lost, and nothing here looks at what lives", t.cfg.Stack.Name)
	}
	for round := 1; !p.Empty || round == 1 && len(a.swaps) > 0; round++ {
		var err error
		if a.detail, err = t.work.Show(ctx, t.options); err != nil {
			return nil, err
		}
		t.call.Tell(step.Progress{Message: "looking up what lives"})
		if a.found, err = adopt.Look(ctx, t.Sites, t.call.Site, a.detail); err != nil {
			return nil, err
		}
		if !a.take() {
			break
		}
		if round == rounds {
			return nil, &step.Error{
				Class: step.Permanent, Site: t.call.Site.Name, What: fmt.Sprintf("stack %q: %d plans, and each shows more that lives", t.cfg.Stack.Name, rounds),
				Next: "`lifeboat resume` looks again; or put import blocks into the stack's code",
			}
		}
		if err := t.work.Imports(a.taken); err != nil {
			return nil, err
		}
		t.call.Tell(step.Progress{Message: fmt.Sprintf("found alive: %d; planning to adopt", len(a.taken))})
		if p, err = t.work.Plan(ctx, t.options, t.cfg.Stack.VarFiles, vars); err != nil {
			return nil, err
		}
	}
	return p, a.check(t.cfg.Stack.Name, t.call.Site.Name)
}

// take notes what lives and is not noted yet, and tells whether there was any.
func (a *adoption) take() bool {
	before := len(a.taken)
	for _, f := range a.found {
		known := slices.ContainsFunc(a.taken, func(i terraform.Import) bool { return i.To == f.Address })
		if f.State == adopt.Present && !known {
			a.taken = append(a.taken, terraform.Import{To: f.Address, ID: f.ID})
		}
	}
	return len(a.taken) > before
}

// dying is what lives and is about to be deleted.
func (a *adoption) dying() []adopt.Finding {
	return slices.DeleteFunc(slices.Clone(a.found), func(f adopt.Finding) bool { return f.State != adopt.Dying })
}

// consent asks a person before anything is changed: first to take back what is in its deletion window, then for the whole list.
func (t *turn) consent(ctx context.Context, p *terraform.Plan) (*terraform.Plan, error) {
	for try := 1; ; try++ {
		dying := t.adoption.dying()
		if len(dying) == 0 {
			break
		}
		if try > reprieves {
			return nil, &step.Error{
				Class: step.Transient, Site: t.call.Site.Name,
				What: fmt.Sprintf("stack %q: %s was taken back and is still shown as about to be deleted", t.cfg.Stack.Name, dying[0].Address),
			}
		}
		if err := t.reprieve(ctx, dying); err != nil {
			return nil, err
		}
		t.forget()
		var err error
		if p, err = t.planUnlocking(ctx); err != nil {
			return nil, err
		}
	}
	if p.Empty {
		return p, nil
	}
	approved := func() error {
		return t.ask(t.adoption.question(t.cfg.Stack.Name, t.call.Site.Name), "adopting what lives was rejected")
	}
	if err := approved(); err != nil || len(t.adoption.old) == 0 {
		return p, err
	}
	if err := t.letGo(ctx); err != nil {
		return nil, err
	}
	p, err := t.planUnlocking(ctx)
	if err == nil && len(t.adoption.old) > 0 {
		err = fmt.Errorf("stack %q: its state still has table %s", t.cfg.Stack.Name, t.adoption.old[0].had)
	}
	if err != nil {
		return nil, err
	}
	return p, approved() // the same list: the answer counts; another is another question
}

// reprieve takes back what is about to be deleted, once a person agreed: it was found by its name, and no state says that it is ours.
func (t *turn) reprieve(ctx context.Context, dying []adopt.Finding) error {
	lines := []string{"No state says that these are the stack's. They have the names that its code gives:"}
	for _, d := range dying {
		lines = append(lines, fmt.Sprintf("  %s = %s: %s", d.Address, d.ID, d.Why))
	}
	q := &step.Ask{
		Prompt: fmt.Sprintf("stack %q: %d of what its code names will be deleted soon at site %q; take back and adopt?", t.cfg.Stack.Name, len(dying), t.call.Site.Name),
		Detail: strings.Join(lines, "\n"),
	}
	q.Key = "reprieve-" + digestOf(q.Detail)
	if err := t.ask(q, "taking back what is about to be deleted was rejected"); err != nil {
		return err
	}
	for _, d := range dying {
		t.call.Tell(step.Progress{Message: d.Address + ": " + d.Why + "; taking it back"})
		if err := d.Back(ctx); err != nil {
			return err
		}
		t.took(d.Address + " taken back")
	}
	return nil
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// question shows what would happen, by address. It counts for exactly that.
func (a *adoption) question(stack, site string) *step.Ask {
	var lists listing
	why := map[string]adopt.Finding{}
	for _, f := range a.found {
		why[f.Address] = f
	}
	for _, r := range a.detail.Resources {
		lists.add(r, why[r.Address])
	}
	for _, s := range a.swaps {
		if slices.ContainsFunc(a.taken, func(i terraform.Import) bool { return i.To == s.address }) {
			lists.put("forgotten", fmt.Sprintf("%s = %s: %s takes its place", s.address, s.had, s.now))
		}
	}
	count := func(action string) int { return len(lists.lines[action]) }
	parts := []string{fmt.Sprintf("%d destroyed, %d replaced, %d adopted, %d created",
		count("destroyed"), count("replaced"), count("adopted"), count("created")+count(heldWord)+count(blindWord)+count(localWord))}
	for _, word := range []string{heldWord, blindWord, localWord, "changed"} {
		if n := count(word); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	detail := lists.String()
	return &step.Ask{
		Key: "adopt-" + digestOf(detail), Detail: detail,
		Prompt: fmt.Sprintf("stack %q at site %q: %s; do it?", stack, site, strings.Join(parts, ", ")),
	}
}

// The words for what is created and needs a thought.
const (
	heldWord  = "of them held by name"
	blindWord = "of them not looked up"
	localWord = "of them new values"
)

// listing are the addresses under each word, with what a person should know.
type listing struct{ lines map[string][]string }

func (l *listing) put(word, line string) {
	if l.lines == nil {
		l.lines = map[string][]string{}
	}
	l.lines[word] = append(l.lines[word], line)
}

// add puts a planned resource where it belongs; one that is adopted and changed belongs to both.
func (l *listing) add(r terraform.Resource, f adopt.Finding) {
	line := r.Address
	if f.Why != "" {
		line += ": " + f.Why
	}
	if r.Import != "" {
		l.put("adopted", r.Address+" = "+r.Import)
	}
	switch r.Action {
	case "create":
		switch f.State {
		case adopt.Held:
			l.put(heldWord, line)
		case adopt.Blind:
			l.put(blindWord, line)
		case adopt.Local:
			l.put(localWord, line)
		case adopt.Present, adopt.Missing, adopt.Dying:
			l.put("created", line)
		default:
			l.put("created", line)
		}
	case "update":
		l.put("changed", r.Address+": "+strings.Join(r.Differs(), ", "))
	case "replace":
		l.put("replaced", r.Address+": because of "+strings.Join(r.Differs(), ", "))
	case "delete":
		l.put("destroyed", r.Address)
	case "forget":
		l.put("forgotten", r.Address)
	}
}

// String is all of it. The worst comes first.
func (l *listing) String() string {
	titles := []struct{ word, title string }{
		{"destroyed", "Destroyed"},
		{"replaced", "Replaced, so destroyed and made anew"},
		{heldWord, "Held by name: creating it fails, or makes a second one"},
		{blindWord, "Cannot be looked up: created, which collides with what may live"},
		{localWord, "Made anew, for the value was in the lost state alone"},
		{"created", "Created, for nothing of the name lives"},
		{"changed", "Changed in place, with the arguments that differ"},
		{"forgotten", "Forgotten, and left as it is"},
		{"adopted", "Adopted, by its id"},
	}
	var out []string
	for _, t := range titles {
		if lines := l.lines[t.word]; len(lines) > 0 {
			out = append(out, fmt.Sprintf("%s (%d):", t.title, len(lines)))
			for _, x := range lines {
				out = append(out, "  "+x)
			}
		}
	}
	return strings.Join(out, "\n")
}

// prove plans once more after an adoption: the code, the new state and what lives must agree. What would still only change in place
// is what this code changes in every plan, and is told.
func (t *turn) prove(ctx context.Context) ([]terraform.Change, error) {
	t.forget()
	p, err := t.planUnlocking(ctx)
	if err != nil {
		return nil, err
	}
	t.forget()
	if p.Empty {
		t.took("an empty plan proves it")
		return nil, nil
	}
	var left []string
	for _, c := range p.Changes {
		if c.Action != "update" {
			return nil, &step.Error{
				Class: step.Permanent, Site: t.call.Site.Name, What: fmt.Sprintf("stack %q: after the apply a plan still has %s", t.cfg.Stack.Name, planned(p)),
				Why: "first of all: " + c.Action + " " + c.Address, Next: "look at `lifeboat status`, then `lifeboat resume`, which looks up what lives again",
			}
		}
		left = append(left, c.Address)
	}
	t.took("every plan changes " + strings.Join(left, ", "))
	return p.Changes, nil
}
