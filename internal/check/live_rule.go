package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func liveRules() []*Rule {
	pitr := "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html"
	rules := []*Rule{
		{
			ID: "LB251", Title: "A lock's digest does not fit its state", Weights: inPlace(High), asks: AskLock, find: (*tree).digests,
			Why:    "After a state was restored and the lock table's digest was kept, every run stopped with \"state data in S3 does not have the expected content\". The message once even advised the wrong value.",
			Fix:    "Lifeboat's state_backend step repairs it; by hand, set the Digest of the item to the MD5 of the state object.",
			Source: "field notes T1, T2 (tf#34387, tf#14949, tf#33879)", Links: []string{issue("tf#34387"), issue("tf#14949")},
		},
		{
			ID: "LB351", Title: "A bucket's name is taken", Weights: all(High), asks: AskBucket, find: (*tree).takenBuckets,
			Why:    "Bucket names are global: another account, or another region of this one, has the name. The apply fails, or is sent to a region that is wrong (301).",
			Fix:    "Choose a name with the account and the region in it, or have the bucket's owner delete it hours before.",
			Source: "field notes T6, T7 (aws-cli#2593, tpa#4870)", Links: []string{issue("tpa#4870"), "https://github.com/aws/aws-cli/issues/2593"},
		},
		{
			ID: "LB352", Title: "A secret is scheduled for deletion", Weights: all(High), asks: AskSecret, find: (*tree).dyingSecrets,
			Why:    "Its name cannot be used until it is gone, 7 to 30 days from its deletion: the apply fails.",
			Fix:    "Restore it (secretsmanager restore-secret) and import it.",
			Source: "field notes N3 (tpa#10259, tpa#4467)", Links: []string{issue("tpa#10259")},
		},
		{
			ID: "LB353", Title: "A key is pending deletion", Weights: all(High), asks: AskKey, find: (*tree).dyingKeys,
			Why:    "The plan made a NEW key and moved the alias; the data stayed under the dying one. What it encrypted is lost with it.",
			Fix:    "Cancel the deletion (kms cancel-key-deletion, enable-key) before anything is applied.",
			Source: "field notes N4 and section 5", Links: []string{"https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"},
		},
		{
			ID: "LB451", Title: "The quota of concurrent executions is too low", Weights: away(High), asks: AskConcurrency, find: (*tree).quotas,
			Why:    "New accounts start with 10 concurrent executions. The reserved concurrency of both colours together exceeded it.",
			Fix:    "Ask for an increase at the standby today: it takes hours or days.",
			Source: "field notes Q1, Q2 (aws-secure-environment-accelerator#1002)", Links: []string{"https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"},
		},
		{
			ID: "LB551", Title: "An image is in no place that survives", Weights: away(High), asks: AskImage, find: (*tree).lostImages,
			Why:    "Replication copies only what is pushed after it was switched on: what runs today may never have been copied.",
			Fix:    "Copy this tag to the vault, and have the release do that every time.",
			Source: "field notes I1 (cr#1289)", Links: []string{issue("cr#1289")},
		},
		{
			ID: "LB651", Title: "A table cannot be restored far enough back", Weights: inPlace(High), asks: AskTable, find: (*tree).liveWindow,
			Why:    "Point-in-time recovery is off, or was switched on lately: toggling it resets the window.",
			Fix:    "Switch it on, leave it on, and keep 35 days.",
			Source: "field notes D1", Links: []string{pitr},
		},
		{
			ID: "LB652", Title: "A table has no copy in another account", Weights: account(High).with([]Scenario{Region}, Medium), asks: AskTable, find: (*tree).liveCopies,
			Why:    "Neither a replica nor a recent export leads out of the account: with it, the data is gone.",
			Fix:    "Export the table to a bucket of the vault's account; repeat it as often as the recovery point asks for.",
			Source: "field notes D2", Links: []string{pitr, "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html"},
		},
	}
	return live(rules)
}

// live marks rules as those that only the sites can tell about.
func live(rules []*Rule) []*Rule {
	for _, r := range rules {
		r.Live = true
	}
	return rules
}

// facts gives the answers about a topic.
func (t *tree) facts(topic Topic, f func(Fact)) {
	for _, x := range t.Live {
		if x.Topic == topic && x.Problem == "" {
			f(x)
		}
	}
}

// fact records a finding about a question, in the scenarios that its site has a part in.
func (t *tree) fact(f Fact, in []string, title string) {
	if len(in) > 0 {
		t.add(hit{rng: f.at, stack: f.stack, address: f.address, steps: f.steps, inPlan: in, title: title})
	}
}

// to are the scenarios that recover to a site.
func (t *tree) to(site *plan.Site) []string {
	var out []string
	for _, sc := range t.Plan.Scenarios {
		if sc.RecoverTo == site.Name {
			out = append(out, sc.Name)
		}
	}
	return out
}

// away are the scenarios that recover to a site what was elsewhere.
func (t *tree) away(site *plan.Site) []string {
	return slices.DeleteFunc(t.to(site), func(name string) bool { return t.Plan.Scenario(name).InPlace() })
}

// here are the scenarios that recover a site in place.
func (t *tree) here(site *plan.Site) []string {
	return slices.DeleteFunc(t.to(site), func(name string) bool { return !t.Plan.Scenario(name).InPlace() })
}

// without are the scenarios that lose a site.
func (t *tree) without(site *plan.Site) []string {
	var out []string
	for _, sc := range t.Plan.Scenarios {
		if !sc.Reaches(t.Plan, site.Name) {
			out = append(out, sc.Name)
		}
	}
	return out
}

func (t *tree) digests() {
	t.facts(AskLock, func(f Fact) {
		if f.There && f.Digest != "" && f.Digest != f.MD5 {
			t.fact(f, t.here(f.Site), fmt.Sprintf("The digest of %s/%s in %s is %s, and the state's MD5 is %s", f.In, f.Name, f.With, f.Digest, f.MD5))
		}
	})
}

func (t *tree) takenBuckets() {
	t.facts(AskBucket, func(f Fact) {
		switch {
		case f.There && !f.Mine:
			t.fact(f, t.to(f.Site), fmt.Sprintf("Bucket %s belongs to another account than %s", f.Name, f.Site.Account))
		case f.There && f.Region != f.Site.Region:
			t.fact(f, t.to(f.Site), fmt.Sprintf("Bucket %s is in %s, not in %s", f.Name, f.Region, f.Site.Region))
		}
	})
}

func (t *tree) dyingSecrets() { t.dying(AskSecret, "Secret") }
func (t *tree) dyingKeys()    { t.dying(AskKey, "The key of") }

func (t *tree) dying(topic Topic, what string) {
	t.facts(topic, func(f Fact) {
		if !f.DeletedOn.IsZero() {
			t.fact(f, t.to(f.Site), fmt.Sprintf("%s %s at %s is going to be deleted on %s", what, f.Name, f.Site.Name, f.DeletedOn.Format(time.DateOnly)))
		}
	})
}

// unreservedFloor is what Lambda keeps for functions that reserve nothing (Lambda Developer Guide, Configuring reserved concurrency).
const unreservedFloor = 100

func (t *tree) quotas() {
	wanted := 0
	t.applied(func(_ *survey.Stack, r *survey.Resource, _ *plan.Stack) {
		if n, ok := r.Body.Get("reserved_concurrent_executions").Int(); ok && n > 0 {
			wanted += n * max(1, len(r.Instances))
		}
	}, "aws_lambda_function")
	t.facts(AskConcurrency, func(f Fact) {
		switch {
		case wanted > 0 && f.Limit < wanted+unreservedFloor:
			t.fact(f, t.to(f.Site), fmt.Sprintf("%s has %d concurrent executions; the stacks reserve %d, and %d must stay unreserved", f.Site.Name, f.Limit, wanted, unreservedFloor))
		case f.Limit < unreservedFloor:
			t.fact(f, t.to(f.Site), fmt.Sprintf("%s has only %d concurrent executions, as new accounts do", f.Site.Name, f.Limit))
		}
	})
}

// lostImages judges each image for each scenario: some place that is left has to hold it.
func (t *tree) lostImages() {
	type image struct{ address, tag string }
	asked := map[image]Fact{}
	has := map[image][]string{} // sites
	silent := map[image]bool{}
	var order []image
	for _, f := range t.Live {
		if f.Topic != AskImage {
			continue
		}
		k := image{f.address, f.Tag}
		if _, ok := asked[k]; !ok {
			order = append(order, k)
			asked[k] = f
		}
		silent[k] = silent[k] || f.Problem != ""
		if f.There {
			has[k] = append(has[k], f.Site.Name)
		}
	}
	for _, k := range order {
		if silent[k] || t.elsewhere(k.address) {
			continue // not known, or not at a site
		}
		var in []string
		for _, sc := range t.Plan.Scenarios {
			if !slices.ContainsFunc(has[k], func(site string) bool { return sc.Reaches(t.Plan, site) }) {
				in = append(in, sc.Name)
			}
		}
		t.fact(asked[k], in, fmt.Sprintf("%s:%s is in no registry that is left in %s", asked[k].Name, k.tag, strings.Join(in, " and ")))
	}
}

// elsewhere tells whether an image can come from a layout or another registry, which no site is asked about.
func (t *tree) elsewhere(address string) bool {
	return slices.ContainsFunc(t.Plan.Images, func(i *plan.Image) bool {
		return "image."+i.Name == address && slices.ContainsFunc(i.From, func(s plan.Source) bool { return s.Site == "" })
	})
}

// shortWindow is how far back a restore should reach at least: damage is often found after days.
const shortWindow = 7 * 24 * time.Hour

func (t *tree) liveWindow() {
	t.facts(AskTable, func(f Fact) {
		switch {
		case !f.There:
		case !f.Recovery:
			t.fact(f, t.here(f.Site), fmt.Sprintf("Point-in-time recovery of %s is off", f.Name))
		case !f.Since.IsZero() && t.Now.Sub(f.Since) < shortWindow:
			t.fact(f, t.here(f.Site), fmt.Sprintf("%s can be restored only since %s", f.Name, f.Since.UTC().Format(time.RFC3339)))
		}
	})
}

func (t *tree) liveCopies() {
	t.facts(AskTable, func(f Fact) {
		if !f.There {
			return
		}
		lost := slices.DeleteFunc(t.without(f.Site), func(name string) bool {
			sc := t.Plan.Scenario(name)
			return len(f.Elsewhere) > 0 || sc.Lost.Kind == plan.LostRegion && len(f.Replicas) > 0
		})
		t.fact(f, lost, fmt.Sprintf("%s has no copy that %s leaves", f.Name, strings.Join(lost, " or ")))
	})
}

// vaulted tells whether a site said that the table has a copy in another account.
func (t *tree) vaulted(_ *survey.Stack, r *survey.Resource) bool {
	found := false
	t.facts(AskTable, func(f Fact) { found = found || f.address == r.Address && len(f.Elsewhere) > 0 })
	return found
}
