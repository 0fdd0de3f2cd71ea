package planfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// scenarios reads the disasters.
func (l *loader) scenarios() {
	if len(l.groups["scenario"]) == 0 {
		l.report(diag.Diagnostic{
			Severity: diag.Warning, Summary: "No scenario", Subject: l.top(), Detail: "Without a scenario there is nothing to plan, rehearse or recover from.",
			Hint: `Add scenario "region-down" { lost = site.NAME.region, recover_to = site.OTHER }`,
		})
	}
	for _, x := range l.groups["scenario"] {
		b := l.body(x)
		b.require("lost", "recover_to")
		s := &plan.Scenario{Name: x.Labels[0], Range: at(x.DefRange()), Lost: b.lost(), RecoverTo: b.ref("recover_to", "site").Name, Compromised: b.isSet("compromised")}
		b.trustedUntil(s)
		s.Strategies = b.strategies()
		b.end()
		l.plan.Scenarios = append(l.plan.Scenarios, s)
		if to := l.plan.Site(s.RecoverTo); s.Lost.Kind != "" && to != nil && (!s.Reaches(l.plan, to.Name) || s.Lost.Kind == plan.LostService && sameSite(to, l.plan.Site(s.Lost.Site))) {
			b.lostTarget(s)
		}
	}
}

// trustedUntil reads the instant from which on nothing of a compromised account counts.
func (b *body) trustedUntil(s *plan.Scenario) {
	if s.Compromised && s.Lost.Kind != "" && s.Lost.Kind != plan.LostAccount {
		b.fail(b.valueAt("compromised"), "Only an account can be compromised", "Write lost = site.NAME.account", "An intruder with an account's credentials has all of its regions.")
	}
	if !b.given("trusted_until") {
		return
	}
	when, err := time.Parse(time.RFC3339, b.text("trusted_until"))
	switch {
	case !s.Compromised:
		b.fail(b.valueAt("trusted_until"), "trusted_until without a compromise", "Add compromised = true", "It says since when the intruder may have changed values.")
	case err != nil:
		b.fail(b.valueAt("trusted_until"), "This is not a time", `Write it as "2026-11-20T03:00:00Z"`, "It is RFC 3339, with the zone.")
	default:
		s.TrustedUntil = when
	}
}

// strategies reads how tables come back where the compiler is overruled: { TABLE = "STRATEGY" }.
func (b *body) strategies() []plan.Choice {
	const name = "strategies"
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	pairs, diags := hcl.ExprMap(src)
	if diags.HasErrors() {
		b.fail(at(src.Range()), "strategies must be written out", `strategies = { TABLE = "STRATEGY" }`, "It says by table how the data comes back.")
		return nil
	}
	var out []plan.Choice
	for _, kv := range pairs {
		k, known := b.static(kv.Key, name, cty.String)
		v, ok := b.static(kv.Value, name, cty.String)
		switch c := (plan.Choice{Range: at(hcl.RangeBetween(kv.Key.Range(), kv.Value.Range()))}); {
		case !known || !ok || k.IsNull() || v.IsNull(): // null is as if it were not written
		case slices.ContainsFunc(out, func(o plan.Choice) bool { return o.Table == k.AsString() }):
			b.fail(c.Range, fmt.Sprintf("Two strategies for table %q", k.AsString()), "Remove one", "A table comes back in one way.")
		default:
			c.Table, c.Strategy = k.AsString(), v.AsString()
			out = append(out, c)
		}
	}
	return out
}

// sameSite tells whether two sites are one place.
func sameSite(a, b *plan.Site) bool { return a.Account == b.Account && a.Region == b.Region }

// lost reads what a disaster takes: site.NAME.region, site.NAME.account, site.NAME.service, "resources", "state" or "data".
func (b *body) lost() plan.Lost {
	const form = `What is lost is site.NAME.region, site.NAME.account, site.NAME.service, "resources", "state" or "data".`
	src := b.attr("lost")
	if src == nil {
		return plan.Lost{}
	}
	t, diags := hcl.AbsTraversalForExpr(src)
	if diags.HasErrors() {
		v, ok := b.static(src, "lost", cty.String)
		if ok && !v.IsNull() {
			if kind := plan.LostKind(v.AsString()); kind == plan.LostResources || kind == plan.LostState || kind == plan.LostData {
				return plan.Lost{Kind: kind}
			}
		}
		if ok {
			b.fail(b.valueAt("lost"), "Unknown loss", "Write site.NAME.region without quotes", form)
		}
		return plan.Lost{}
	}
	label, _ := word(t, 1)
	field, _ := word(t, 2)
	switch {
	case slices.Contains([]string{string(plan.LostResources), string(plan.LostState), string(plan.LostData)}, t.RootName()) && len(t) == 1:
		b.fail(b.valueAt("lost"), "Unknown loss", fmt.Sprintf("Write %q in quotes", t.RootName()), form)
	case t.RootName() != "site":
		b.fail(b.valueAt("lost"), "Unknown loss", diag.DidYouMean(t.RootName(), []string{"site"}), form)
	case !b.l.groups.has("site", label):
		b.l.report(unknown(t.SourceRange(), "site", label, b.l.groups.names("site"))...)
	case len(t) != 3 || !slices.Contains([]string{string(plan.LostRegion), string(plan.LostAccount), string(plan.LostService)}, field):
		b.fail(b.valueAt("lost"), "Unknown loss", fmt.Sprintf("Write site.%s.region, site.%s.account or site.%s.service", label, label, label), form)
	default:
		return plan.Lost{Kind: plan.LostKind(field), Site: label}
	}
	return plan.Lost{}
}

// lostTarget reports a recovery to what is lost, and names the sites that are left.
func (b *body) lostTarget(s *plan.Scenario) {
	var left []string
	for _, x := range b.l.plan.Sites {
		if s.Reaches(b.l.plan, x.Name) && (s.Lost.Kind != plan.LostService || !sameSite(x, b.l.plan.Site(s.Lost.Site))) {
			left = append(left, "site."+x.Name)
		}
	}
	hint := "Add a site elsewhere"
	if len(left) > 0 {
		hint = "Sites that are left: " + strings.Join(left, ", ")
	}
	lost := b.l.plan.Site(s.Lost.Site)
	what := "is in region " + lost.Region + ", which this scenario loses"
	switch s.Lost.Kind { //nolint:exhaustive // the others are in place
	case plan.LostAccount:
		what = "is in account " + lost.Account + ", which this scenario loses"
	case plan.LostService:
		what = "is the place whose service this scenario loses; in place it is lost = \"resources\""
	}
	b.fail(b.valueAt("recover_to"), "The scenario recovers to the lost site", hint, "Site %q %s.", s.RecoverTo, what)
}

// live are the sites where the application lives or will live: recovered to, or lost.
func (l *loader) live() []*plan.Site {
	var out []*plan.Site
	for _, s := range l.plan.Sites {
		if slices.ContainsFunc(l.plan.Scenarios, func(x *plan.Scenario) bool { return x.RecoverTo == s.Name || x.Lost.Site == s.Name }) {
			out = append(out, s)
		}
	}
	return out
}

// each reads every block of a kind.
func each(l *loader, kind string, read func(*body, *hclsyntax.Block)) {
	for _, x := range l.groups[kind] {
		b := l.body(x)
		read(b, x)
		b.end()
	}
}
