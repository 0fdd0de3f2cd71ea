package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

type findGoodOptions struct {
	pastOptions
	query           string
	from, to        string
	atLeast, atMost int64
	bounded         bool // --at-most was given
	ways            int
	within          time.Duration
	clean           bool
}

func (p *Program) findGood() *cobra.Command {
	var o findGoodOptions
	c := &cobra.Command{
		Use: "find-good TABLE", Short: "Find the last instant at which a table's data was right", Args: exactly("TABLE"),
		Long: "Restores the table beside itself as of several instants at once, counts in each copy what the query finds, deletes the copy, and goes on between the last " +
			"good instant and the first bad one. It shows rounds, time and cost first, and asks.\n\n" +
			"The query describes the damage, as a DynamoDB filter expression: the data is right while no item matches. Values are written as they are, and reserved " +
			"words need no #. With --at-most N it is right while at most N items match; with --at-least N while at least N items match, or, without a query, are there.\n\n" +
			"The search assumes that what broke stays broken. It looks at both ends, and exits with 1 when an answer contradicts that. It can be interrupted or killed: " +
			"the next run goes on with its answers, and deletes its copies.",
		Example: "  lifeboat data find-good orders --query 'attribute_not_exists(message)'\n" +
			"  lifeboat data find-good orders --query 'status = \"corrupt\" AND size(lines) > 3' --from -6h --ways 8\n" +
			"  lifeboat data find-good orders --at-least 120000 --within 1m",
		RunE: func(c *cobra.Command, args []string) error {
			o.bounded = c.Flags().Changed("at-most")
			return p.runFindGood(c.Context(), args[0], o)
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&o.query, "query", "", "a DynamoDB filter expression, `EXPR`: what damaged items have")
	f.Int64Var(&o.atLeast, "at-least", 0, "right while at least `N` items match")
	f.Int64Var(&o.atMost, "at-most", 0, "right while at most `N` items match")
	f.StringVar(&o.from, "from", "", "begin the search at `TIME`: 2026-11-23T03:00:00Z, or -6h; default: as early as the table can be restored")
	f.StringVar(&o.to, "to", "", "end it at `TIME`; default: the latest instant to which the table can be restored")
	f.IntVar(&o.ways, "ways", 4, "restores at a time, 2 to 50: more are sooner done, and cost more")
	o.within = time.Second
	f.Var(span{&o.within}, "within", "how near the last good instant must be to the first bad one; coarser is sooner done")
	f.BoolVar(&o.clean, "clean", false, "only delete the copies that an earlier run left")
	return c
}

func (o findGoodOptions) invariant() (findgood.Invariant, error) {
	inv := findgood.Invariant{Query: strings.TrimSpace(o.query), AtLeast: o.atLeast, AtMost: o.atMost}
	switch {
	case o.atLeast < 0 || o.atMost < 0:
		return inv, usage("", "--at-least and --at-most are numbers of items, and not negative")
	case o.clean:
		return inv, nil
	case inv.Query == "" && o.atLeast == 0 && !o.bounded:
		return inv, usage(`describe the damage, such as --query 'status = "corrupt"'; or give --at-least N items`, "nobody said what right data is")
	case o.bounded && o.atLeast > o.atMost:
		return inv, usage("", "at least %d and at most %d items never match", o.atLeast, o.atMost)
	case !o.bounded && o.atLeast > 0:
		inv.AtMost = -1
	}
	if inv.Query != "" {
		if _, err := findgood.Query(inv.Query); err != nil {
			return inv, usage("docs/data-recovery.md shows the language", "--query: %v", err)
		}
	}
	return inv, nil
}

func (p *Program) runFindGood(ctx context.Context, name string, o findGoodOptions) (err error) {
	inv, err := o.invariant()
	if err != nil {
		return err
	}
	t, err := p.past(o.pastOptions, name)
	if err != nil {
		return err
	}
	from, err := p.instants("from", o.from)
	if err != nil {
		return err
	}
	to, err := p.instants("to", o.to)
	if err != nil {
		return err
	}
	span := findgood.Span{From: from[0], To: to[0], Ways: o.ways, Within: o.within}
	if o.ways < 2 || o.ways > beside.MaxRestores || o.within < time.Second || o.within%time.Second != 0 {
		return usage("", "--ways is 2 to %d, and --within whole seconds", beside.MaxRestores)
	}
	ctx, stop := p.untilSignal(ctx)
	defer stop()
	s, err := p.FindGood(ctx, t, findgood.Config{Config: t.Look, Invariant: inv, Span: span, Clock: p.Clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	left := s.Shelf.Left()
	if o.clean {
		return p.clean(ctx, s, left)
	}
	p.announce(s, left)
	if !o.yes {
		if err := p.ask(fmt.Sprintf("\nRestore table %s in account %s, %s, and delete the copies again? Type the table's name to go on: ", s.Table, t.Home.Account, t.Home.Region), s.Table); err != nil {
			return err
		}
	}
	begun := p.Clock.Now()
	r, err := s.Run(ctx)
	if err = p.tidy(ctx, s, len(s.Shelf.Left()), err); err != nil {
		if errors.Is(err, context.Canceled) {
			return problem{errors.New("stopped; what was found so far is kept"), ExitFailed, "the same command goes on with it"}
		}
		return err
	}
	return p.showFound(s, r, p.Clock.Now().Sub(begun))
}

// clean deletes what an earlier search left.
func (p *Program) clean(ctx context.Context, s *findgood.Search, left []beside.Copy) error {
	if err := s.Clear(ctx); err != nil {
		return err
	}
	p.say("Of %s none is left.\n", diag.Count(len(left), "restored table"))
	return nil
}

// announce says what will be done, how long it takes and what it costs.
func (p *Program) announce(s *findgood.Search, left []beside.Copy) {
	wrap := func(text string) { p.say("%s\n", strings.Join(diag.Wrap("", text, width(p.Stderr, 100)), "\n")) }
	wrap(fmt.Sprintf("Now the data of table %s is %s.", s.Table, s.Invariant.Say(s.Now)))
	if s.Now.Good {
		wrap("The query may not describe the damage, or somebody has mended it.")
	}
	if s.Known > 0 {
		wrap(fmt.Sprintf("An earlier search for the same was not finished: its %s count.", diag.Count(s.Known, "answer")))
	}
	if len(left) > 0 {
		wrap(fmt.Sprintf("%s of an earlier run are there. Those that fit are used; all are deleted.", diag.Count(len(left), "restored table")))
	}
	f := s.Forecast(0)
	length := s.Span.To.Sub(s.Span.From)
	wrap(fmt.Sprintf("To search from %s to %s (%s) takes at most %s, %s in all, at least %s in AWS, %s.", moment(s.Span.From), moment(s.Span.To), clock.Brief(length),
		diag.Count(f.Rounds, "round"), diag.Count(f.Restores, "restore"), clock.Brief(f.Shortest), dollars(f.Dollars)))
	for _, ways := range []int{4, 8, 16, 48} {
		if g := s.Forecast(ways); ways != s.Span.Ways && (g.Rounds < f.Rounds) == (ways > s.Span.Ways) {
			p.say("  with --ways %d: %s, %s, at least %s, %s\n", ways, diag.Count(g.Rounds, "round"), diag.Count(g.Restores, "restore"), clock.Brief(g.Shortest), dollars(g.Dollars))
		}
	}
	wrap(aboutCost)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

// found is the result of find-good.
type found struct {
	Schema    string             `json:"schema"`
	Table     string             `json:"table"`
	Invariant findgood.Invariant `json:"invariant"`
	findgood.Result
	Monotone bool    `json:"monotone"` // no answer contradicts that what broke stays broken
	Point    string  `json:"point"`    // for the plan's table block
	Since    string  `json:"since"`    // for recover --since, with the point "before-disaster"
	Seconds  float64 `json:"took_s"`
}

func (p *Program) showFound(s *findgood.Search, r findgood.Result, took time.Duration) error {
	at := r.Good.At.UTC()
	out := found{
		Schema: "lifeboat.find-good/v1", Table: s.Table, Invariant: s.Invariant, Result: r, Monotone: len(r.Mended) == 0,
		Point: at.Format(time.RFC3339), Since: at.Add(time.Second).Format(time.RFC3339), Seconds: took.Seconds(),
	}
	if p.format == "json" {
		if err := writeJSON(p.Stdout, out); err != nil {
			return err
		}
	} else {
		_, err := fmt.Fprintf(p.Stdout, "last good   %s  %s\nfirst bad   %s  %s\n\nIn the plan's table block:\n  point = %q\nor, where its point is \"before-disaster\":\n  %s recover SCENARIO --since %s\n",
			moment(at), s.Invariant.Say(r.Good), moment(r.Bad.At), s.Invariant.Say(r.Bad), out.Point, p.call, out.Since)
		if err != nil {
			return err
		}
	}
	if out.Monotone {
		return nil
	}
	var seen []string
	for _, a := range r.Mended {
		seen = append(seen, moment(a.At)+", "+s.Invariant.Say(a))
	}
	return problem{
		fmt.Errorf("what broke did not stay broken: before the last good instant the data was bad at\n%s", strings.Join(seen, "\n")), ExitFailed,
		"the instants above are true, but between those that were looked at it may have been broken more often: look at an item with `" + p.call + " data history`, or search before, with --to",
	}
}
