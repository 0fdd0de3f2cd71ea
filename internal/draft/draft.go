// Package draft writes the first plan: an Inventory becomes the text of a lifeboat.hcl.
//
// Promise: the text is a valid plan. What the code proves stands there with its evidence; what it does not is marked "# guess:" with the
// reason; what nobody but the user can know is marked "# fill in:", and is told in Draft.Open. Equal inventories and answers give equal texts.
package draft

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Answers are what the user said. Empty ones are guessed, or left open.
type Answers struct {
	Name                          string // of the application
	Owner                         string
	Account, Region               string // where the application lives
	StandbyAccount, StandbyRegion string
	VaultAccount, VaultRegion     string            // account NoVault: there is none
	VaultBucket                   string            // keeps the exports of tables
	StateBucket                   string            // keeps the states at the primary
	RecoveryTime, RecoveryPoint   string            // durations
	Environment                   string            // which of several instances of a root module is recovered
	Values                        map[string]string // of Terraform variables that have none
	Consumers                     []Consumer        // who hold API keys
	Root                          string            // folder of the Terraform code, from the plan's folder
}

// Draft is a plan's text.
type Draft struct {
	Text     string
	Open     []Open // what the user must fill in
	Guesses  int    // lines to look at
	Rehearse string // the scenario to drill first
}

// Open is a thing that nobody but the user can know.
type Open struct {
	What string // the question
	Flag string // that answers it: --account; or --value NAME= for a variable
	Now  string // what stands in its place
}

// ErrNoStack says that the code has nothing that a plan could apply.
var ErrNoStack = errors.New("no root module could be read: either all files with resources are unreadable, or they are modules only, or Terragrunt applies modules that are not in the tree")

// Make drafts a plan. Without a stack it is ErrNoStack.
func Make(inv *survey.Inventory, a Answers) (Draft, error) {
	d := &drafter{inv: inv, Answers: a, names: map[string]string{}, taken: map[string]bool{}, common: newValues(), own: newValues(), keys: map[string]bool{}, readBy: map[string]reading{}}
	left := d.leaveOut()
	d.settle()
	d.head()
	d.sites()
	d.terraform()
	head := d.cut()
	order, ignored := d.inv.Order()
	for _, s := range order {
		d.stack(s)
	}
	if len(d.stacks) == 0 {
		return Draft{}, ErrNoStack
	}
	for _, s := range left {
		d.guesses++
		d.comment("guess: %s\n", s)
	}
	for _, e := range ignored {
		d.comment("%s also reads what %s makes (%s), in a circle: the order leaves this out.", e.From, e.To, e.At)
	}
	stacks := d.cut()
	d.images() // what stands before the stacks has names that follow from what they are given
	d.secrets()
	d.manuals()
	first := d.cut()
	for _, p := range []piece{head, first, stacks} {
		d.lines, d.open = append(d.lines, p.lines...), append(d.open, p.open...)
	}
	d.tables()
	d.otherData()
	d.apiKeys(order)
	d.verifies(order)
	d.scenarios()
	text, diags := planfile.Format([]byte(strings.Join(d.lines, "\n")+"\n"), "lifeboat.hcl")
	if diags.HasErrors() {
		return Draft{}, fmt.Errorf("the drafted plan has wrong syntax: %w", diags.Err())
	}
	return Draft{Text: string(text), Open: once(d.open), Guesses: d.guesses, Rehearse: d.rehearsed()}, nil
}

// piece is a part of the text.
type piece struct {
	lines []string
	open  []Open
}

// cut takes what was written since the last cut.
func (d *drafter) cut() piece {
	p := piece{d.lines, d.open}
	d.lines, d.open = nil, nil
	return p
}

// once leaves out questions that one answer answers.
func once(list []Open) []Open {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(o Open) bool {
		was := seen[o.Flag]
		seen[o.Flag] = true
		return was && o.Flag != consumerFlag
	})
}

// drafter is one draft in progress.
type drafter struct {
	Answers
	inv     *survey.Inventory
	lines   []string
	open    []Open
	guesses int
	primary string            // region, as far as the code tells
	vault   bool              // the plan has a site for copies
	names   map[string]string // first block name of each stack
	taken   map[string]bool   // names of blocks
	common  values            // variables that terraform.variables gives
	own     values            // variables that the block gives which is being written
	overlay []string          // of all stacks
	stacks  []application     // that were written, in their order
	keys    map[string]bool   // of states
	bucket  string            // of the states, as it is written
	readBy  map[string]reading
	hidden  []hidden // secrets that keep the values of variables
}

// values are what a block gives to variables, as they are written.
type values struct {
	text  map[string]string
	asked map[string]bool // those that the user must fill in
}

func newValues() values { return values{map[string]string{}, map[string]bool{}} }

// give is a line that gives a variable a value.
func (v values) give(name, text string) string {
	v.text[name] = text
	return name + " = " + text
}

func (d *drafter) line(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// guess ends a line with the mark of a guess and its reason.
func (d *drafter) guess(text, why string, args ...any) {
	d.guesses++
	d.line("%s # guess: %s", text, oneLine(fmt.Sprintf(why, args...)))
}

// fill ends a line with the mark of what the user must fill in.
func (d *drafter) fill(text string, o Open) {
	d.line("%s # fill in: %s", text, oneLine(o.What))
	d.open = append(d.open, o)
}

// comment writes text as comment lines.
func (d *drafter) comment(format string, args ...any) {
	d.line("# %s", oneLine(fmt.Sprintf(format, args...)))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// quote is a text as HCL writes it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String())
}

// slug is a name that a block can have.
func slug(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-_")
	for strings.Contains(out, "--") {
		out = strings.ReplaceAll(out, "--", "-")
	}
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "x" + out
	}
	return strings.Trim(out[:min(len(out), 60)], "-_")
}

// block is a name for a block that no other of its kind has.
func (d *drafter) block(kind, name string) string {
	base := slug(name)
	if kind == "stack" && base == "name" {
		base = "stack-name"
	}
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		if !d.taken[kind+"."+name] {
			d.taken[kind+"."+name] = true
			return name
		}
	}
}

func (d *drafter) head() {
	where := "in " + oneLine(d.Root)
	if d.Root == "." {
		where = "in this folder"
	}
	d.line("# Drafted by `lifeboat init` from the Terraform code %s.", where)
	d.line("# Look at each \"# guess:\", and fill in each \"# fill in:\". `lifeboat validate` checks the plan, `lifeboat check` finds what would break,")
	d.line("# and `lifeboat drill %s` rehearses it.", d.rehearsed())
	d.line("application %s {", quote(d.Name))
	if d.Owner != "" {
		d.line("owner = %s", quote(d.Owner))
	}
	d.line("objectives {")
	if d.RecoveryTime != "" {
		d.line("recovery_time = %s", quote(d.RecoveryTime))
	} else {
		d.fill(`recovery_time = "4h"`, Open{"how long the application may be away", "--recovery-time", "4h"})
	}
	if d.RecoveryPoint != "" {
		d.line("recovery_point = %s", quote(d.RecoveryPoint))
	} else {
		d.fill(`recovery_point = "5m"`, Open{"how much of the newest data may be lost", "--recovery-point", "5m"})
	}
	d.line("}\n}\n")
}

// regionDown and accountLost tell whether the sites allow for such a disaster.
func (d *drafter) regionDown() bool  { return d.region() != d.standbyRegion() }
func (d *drafter) accountLost() bool { return d.Account == "" || d.Account != d.StandbyAccount }

// rehearsed is the first scenario.
func (d *drafter) rehearsed() string {
	switch {
	case d.regionDown():
		return "region-down"
	case d.accountLost():
		return "account-lost"
	}
	return "resources-deleted"
}

func (d *drafter) scenarios() {
	if d.regionDown() {
		d.line("scenario \"region-down\" {\nlost = site.primary.region\nrecover_to = site.standby\n}\n")
	} else {
		d.comment("The standby is in the same region: a lost region cannot be recovered from with these sites.")
	}
	if d.accountLost() {
		d.line("scenario \"account-lost\" {\nlost = site.primary.account\nrecover_to = site.standby\n}\n")
	} else {
		d.comment("The standby is in the same account: a lost account cannot be recovered from with these sites.")
	}
	d.line("scenario \"resources-deleted\" {\nlost = \"resources\"\nrecover_to = site.primary # in place: every step only if needed\n}")
}

// settle finds what the code tells of the whole: the name, the region, which instances.
func (d *drafter) settle() {
	if d.Root == "" {
		d.Root = "."
	}
	if d.Name = slug(d.Name); d.Name == "x" {
		d.Name = applicationName(d.inv.Root)
	}
	d.primary = primaryRegion(d.inv)
	if d.Account == "" {
		d.Account = onlyAccount(d.inv)
	}
	d.vault = d.VaultAccount != NoVault && (d.VaultAccount != "" || d.copies())
}

// applicationName is the folder of the code, or the one above where that is only called after what it holds.
func applicationName(root string) string {
	parts := strings.FieldsFunc(root, func(r rune) bool { return r == '/' || r == '\\' })
	slices.Reverse(parts)
	for _, p := range parts {
		switch p {
		case ".", "..", "infrastructure", "infra", "terraform", "tf", "iac", "src", "deploy":
			continue
		}
		return slug(path.Base(p))
	}
	return "application"
}
