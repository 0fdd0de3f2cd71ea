package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/draft"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// planName is the file that init writes.
const planName = "lifeboat.hcl"

func (p *Program) init() *cobra.Command {
	var a draft.Answers
	var values, consumers []string
	c := &cobra.Command{
		Use: "init [DIR]", Short: "Draft the plan from the Terraform code", Args: cobra.MaximumNArgs(1),
		Long: "Reads the Terraform code in DIR and writes lifeboat.hcl into the plan's folder: sites, stacks in the order that the code proves, images, tables with their names, " +
			"the vault, the consumers' keys, what nobody makes, and three scenarios. Each guess is marked; what the code cannot tell is asked, taken from flags, or left to be filled in. A plan that is there is never overwritten.",
		RunE: func(c *cobra.Command, args []string) error {
			dir := p.dir
			if len(args) > 0 {
				dir = p.path(args[0])
			}
			var err error
			if a.Values, err = pairs(values); err != nil {
				return err
			}
			for _, text := range consumers {
				one, err := draft.ParseConsumer(text)
				if err != nil {
					return usage("", "--consumer: %v", err)
				}
				a.Consumers = append(a.Consumers, one)
			}
			return p.runInit(c.Context(), dir, a)
		},
	}
	f := c.Flags()
	f.StringVar(&a.Name, "name", "", "the application's name")
	f.StringVar(&a.Owner, "owner", "", "whom to ask, such as a mail address")
	f.StringVar(&a.Account, "account", "", "the `ACCOUNT` in which the application lives: 12 digits")
	f.StringVar(&a.Region, "region", "", "the `REGION` in which it lives")
	f.StringVar(&a.StandbyAccount, "standby-account", "", "the `ACCOUNT` in which it is recovered")
	f.StringVar(&a.StandbyRegion, "standby-region", "", "the `REGION` in which it is recovered")
	f.StringVar(&a.VaultAccount, "vault-account", "", "the `ACCOUNT` that holds copies outside of both, or none")
	f.StringVar(&a.VaultRegion, "vault-region", "", "the vault's `REGION`")
	f.StringVar(&a.VaultBucket, "vault-bucket", "", "the vault's `BUCKET` for exports of tables")
	f.StringVar(&a.StateBucket, "state-bucket", "", "the `BUCKET` that keeps Terraform's states now, if the code does not name it")
	f.StringVar(&a.RecoveryTime, "recovery-time", "", "how long the application may be away: a `DURATION` such as 4h")
	f.StringVar(&a.RecoveryPoint, "recovery-point", "", "how much of the newest data may be lost: a `DURATION` such as 5m")
	f.StringVar(&a.Environment, "environment", "", "which of several environments in the code is recovered")
	f.StringArrayVar(&values, "value", nil, "a Terraform variable's value that the code does not have, as `NAME=VALUE`")
	f.StringArrayVar(&consumers, "consumer", nil, "a `CONSUMER` who holds an API key, and how it is sealed to them: "+draft.ConsumerForm)
	return c
}

// pairs reads NAME=VALUE arguments.
func pairs(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("", "--value is NAME=VALUE, not %q", s)
		}
		out[name] = value
	}
	return out, nil
}

func (p *Program) runInit(ctx context.Context, dir string, a draft.Answers) error {
	file := filepath.Join(p.dir, planName)
	there, err := filepath.Glob(filepath.Join(p.dir, "*."+planName))
	if err != nil {
		return err
	}
	switch _, err := os.Lstat(file); {
	case err == nil:
		there = append(there, file)
	case !errors.Is(err, fs.ErrNotExist):
		return usage("make the folder readable, or draft into another one with -C", "nobody can tell whether there is a plan already: %v", err)
	}
	if len(there) > 0 {
		return usage("move it away, or draft into another folder with -C", "%s is there already, and is not overwritten", there[0])
	}
	for _, flag := range answers(&a) {
		if *flag.value != "" && !flag.valid(*flag.value) {
			return usage("", "%s is %s, not %q", flag.name, flag.form, *flag.value)
		}
	}
	if a.Account != "" && a.Account == a.StandbyAccount && a.Region != "" && a.Region == a.StandbyRegion {
		return usage("name another region or another account for the standby", "the standby is the primary: account %s in %s", a.Account, a.Region)
	}
	root, err := filepath.Rel(p.dir, dir)
	if err != nil {
		return usage("", "the code in %s cannot be reached from the plan's folder: %v", dir, err)
	}
	a.Root = filepath.ToSlash(root)
	inv, err := p.code(ctx, dir)
	if err != nil {
		return problem{error: err, code: ExitWrong, hint: "name the folder of the Terraform code: lifeboat init DIR"}
	}
	p.show(inv.Diags, inv.Sources())
	d, err := p.draft(inv, a)
	switch {
	case errors.Is(err, draft.ErrNoStack):
		return usage("name the folder whose subfolders terraform is run in: `"+p.call+" init DIR`", "nothing can be drafted from %s: %v", dir, err)
	case err != nil:
		return err
	}
	if err := proc.WriteFile(file, []byte(d.Text), 0o644); err != nil {
		return unwritten(fmt.Errorf("the plan cannot be written: %w", err), "draft into a folder that you may write to: -C DIR")
	}
	if _, sources, diags := p.load(variables{}); diags.HasErrors() {
		p.show(diags, sources)
		return silent(diags.Err())
	}
	return p.showDraft(d, inv, file)
}

// unwritten is an error of writing a file, with advice where the user may not write there.
func unwritten(err error, hint string) error {
	if errors.Is(err, fs.ErrPermission) {
		return problem{error: err, code: ExitFailed, hint: hint}
	}
	return err
}

// draft makes the draft, and asks what only the user can know, if there is somebody to ask.
func (p *Program) draft(inv *survey.Inventory, a draft.Answers) (draft.Draft, error) {
	d, err := draft.Make(inv, a)
	_, terminal := proc.Terminal(p.Stderr)
	if err != nil || !terminal || !proc.IsTerminal(p.Stdin) || p.format == "json" || len(d.Open) == 0 {
		return d, err
	}
	p.question("What the code does not tell. An empty answer leaves it to be filled in later.\n\n")
	in := bufio.NewReader(io.LimitReader(p.Stdin, 64<<10))
	for _, o := range d.Open {
		if err := p.answer(in, o, &a); err != nil {
			return d, err
		}
	}
	return draft.Make(inv, a)
}

// question shows a text to who sits at the terminal, whole words on each line; it ends as the text does.
func (p *Program) question(text string) {
	trimmed := strings.TrimRight(text, " \n")
	p.say("%s%s", strings.Join(diag.Wrap("", trimmed, width(p.Stderr, math.MaxInt)), "\n"), text[len(trimmed):])
}

// answer asks one question until the answer has the right form, or is empty.
func (p *Program) answer(in *bufio.Reader, o draft.Open, a *draft.Answers) error {
	name, isValue := strings.CutPrefix(o.Flag, "--value ")
	to := func(s string) bool { a.Values[strings.TrimSuffix(name, "=")] = s; return true }
	form := "text"
	switch {
	case o.Flag == "--consumer":
		form = draft.ConsumerForm
		to = func(s string) bool {
			c, err := draft.ParseConsumer(s)
			if err == nil {
				a.Consumers = append(a.Consumers, c)
			}
			return err == nil
		}
	case !isValue:
		to = nil
		for _, flag := range answers(a) {
			if flag.name == o.Flag {
				to, form = func(s string) bool { *flag.value = s; return flag.valid(s) }, flag.form
			}
		}
	}
	for to != nil {
		p.question(diag.Sentence(o.What) + ": ")
		line, err := in.ReadString('\n')
		line = strings.TrimSpace(line)
		if line == "" || to(line) {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		p.say("That is not %s.\n", form)
		to("")
		if err != nil {
			return nil //nolint:nilerr // nobody answers any more: what is open is left to be filled in
		}
	}
	return nil
}

// answerFlag is a flag whose value has a form.
type answerFlag struct {
	name, form string
	value      *string
	valid      func(string) bool
}

func answers(a *draft.Answers) []answerFlag {
	account := regexp.MustCompile(`^\d{12}$`).MatchString
	region := regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`).MatchString
	bucket := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString // S3 User Guide, "General purpose bucket naming rules"
	duration := func(s string) bool {
		d, err := clock.Span(s)
		return err == nil && d > 0
	}
	const digits, place, span, named = "12 digits", "a region such as eu-west-1", "a duration such as 4h, 5m or 1d", "3 to 63 lower-case letters, digits, dots and hyphens"
	return []answerFlag{
		{"--account", digits, &a.Account, account},
		{"--region", place, &a.Region, region},
		{"--standby-account", digits, &a.StandbyAccount, account},
		{"--standby-region", place, &a.StandbyRegion, region},
		{"--vault-account", digits + ", or none", &a.VaultAccount, func(s string) bool { return s == draft.NoVault || account(s) }},
		{"--vault-region", place, &a.VaultRegion, region},
		{"--vault-bucket", named, &a.VaultBucket, bucket},
		{"--state-bucket", named, &a.StateBucket, bucket},
		{"--recovery-time", span, &a.RecoveryTime, duration},
		{"--recovery-point", span, &a.RecoveryPoint, duration},
	}
}

// drafted is the JSON form of what init did.
type drafted struct {
	Schema  string      `json:"schema"`
	File    string      `json:"file"`
	Stacks  int         `json:"stacks"`
	Guesses int         `json:"guesses"`
	Open    []draftOpen `json:"open"`
}

type draftOpen struct {
	What string `json:"what"`
	Flag string `json:"flag"`
	Now  string `json:"now"`
}

func (p *Program) showDraft(d draft.Draft, inv *survey.Inventory, file string) error {
	if p.format == "json" {
		out := drafted{Schema: "lifeboat.init/v1", File: file, Stacks: len(inv.Stacks), Guesses: d.Guesses, Open: []draftOpen{}}
		for _, o := range d.Open {
			out.Open = append(out.Open, draftOpen(o))
		}
		return writeJSON(p.Stdout, out)
	}
	var lines []string
	most := width(p.Stdout, math.MaxInt)
	add := func(label, format string, args ...any) {
		lines = append(lines, diag.Wrap(label, fmt.Sprintf(format, args...), most)...)
	}
	to := ""
	if n := len(d.Open); n > 0 {
		to = ", " + diag.Count(n, "value") + " to fill in:"
	}
	add("", "Drafted %s from %s: %s marked as guesses%s", file, diag.Count(len(inv.Stacks), "root module"), diag.Count(d.Guesses, "line"), to)
	for _, o := range d.Open {
		flag := o.Flag
		if strings.HasSuffix(flag, "=") { // --value NAME=
			flag = "--value " + shellWord(strings.TrimPrefix(flag, "--value ")+"...")
		}
		add("  ", "%s: %s (now %s)", flag, o.What, o.Now)
	}
	if len(d.Open) > 0 {
		add("", "Fill them in there, or remove the file and give these flags.")
	}
	add("", "Next: look at each guess, then `%[1]s validate`, `%[1]s check`, `%[1]s plan %[2]s` and `%[1]s drill %[2]s`.", p.call, d.Rehearse)
	_, err := fmt.Fprintln(p.Stdout, strings.Join(lines, "\n"))
	return err
}
