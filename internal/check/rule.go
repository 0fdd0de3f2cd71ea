package check

import (
	"slices"
	"strings"
)

// Severity says how bad a finding is in a scenario.
type Severity int

// The severities. None is for scenarios in which a finding does not matter.
const (
	None   Severity = iota
	Low             // it costs time, or is a habit that ends badly
	Medium          // a step may fail, or a person has to help
	High            // the recovery fails, loses data, or ends green and wrong
)

// String is none, low, medium or high.
func (s Severity) String() string {
	return [...]string{"none", "low", "medium", "high"}[s]
}

// ParseSeverity reads low, medium or high.
func ParseSeverity(s string) (Severity, bool) {
	i := slices.Index([]string{"low", "medium", "high"}, s)
	return Severity(i + 1), i >= 0
}

// Scenario is a way to recover, as far as rules tell them apart. A plan's scenario may be two at once.
type Scenario int

// The scenarios.
const (
	Account Scenario = iota // to another account
	Region                  // to another region
	InPlace                 // where the application already lives
	scenarios
)

// Scenarios are all, in the order in which people read them.
func Scenarios() []Scenario { return []Scenario{Account, Region, InPlace} }

// String is account, region or in-place.
func (s Scenario) String() string { return [...]string{"account", "region", "in-place"}[s] }

// Title is the scenario for people.
func (s Scenario) Title() string {
	return [...]string{"to another account", "to another region", "in place"}[s]
}

// Weights are the severities of a finding, by scenario.
type Weights [scenarios]Severity

// all is the same severity everywhere, away the same for another account and another region.
func all(s Severity) Weights     { return Weights{s, s, s} }
func away(s Severity) Weights    { return Weights{Account: s, Region: s} }
func account(s Severity) Weights { return Weights{Account: s} }
func region(s Severity) Weights  { return Weights{Region: s} }
func inPlace(s Severity) Weights { return Weights{InPlace: s} }

// Worst is the highest of them.
func (w Weights) Worst() Severity { return max(w[Account], w[Region], w[InPlace]) }

func (w Weights) sum() int { return int(w[Account] + w[Region] + w[InPlace]) }

// only leaves the scenarios in which keep is not None.
func (w Weights) only(keep Weights) Weights {
	for i := range w {
		if keep[i] == None {
			w[i] = None
		}
	}
	return w
}

// Scenarios are those in which it matters.
func (w Weights) Scenarios() []Scenario {
	var out []Scenario
	for _, s := range Scenarios() {
		if w[s] > None {
			out = append(out, s)
		}
	}
	return out
}

// Rule is one thing to look for.
type Rule struct {
	ID      string
	Title   string
	Weights Weights
	Why     string   // the failure that really happened
	Fix     string   // what to do
	Source  string   // where that failure, or the rule of AWS, is written
	Links   []string // to read it there
	Live    bool     // only the sites can tell
	asks    Topic    // what a live rule judges the answers to
	find    func(*tree)
}

// Families are what the first digit of an id stands for.
func Families() []string {
	return []string{
		"", "Places that are written down", "State, providers and modules", "Names that collide", "What is read, order and values",
		"Container images", "Data", "Keys, secrets and consumers", "Certificates, zones and control planes", "The plan",
	}
}

// Family is the rule's family.
func (r *Rule) Family() string { return Families()[r.ID[2]-'0'] }

// Doc is the address of the rule's page.
func (r *Rule) Doc() string {
	return "https://github.com/lifeboat-dr/lifeboat/blob/main/docs/checks/" + r.ID + ".md"
}

// Rules are all rules, by id.
func Rules() []*Rule {
	out := slices.Concat(placeRules(), stateRules(), moduleRules(), nameRules(), readRules(), valueRules(), codeRules(), imageRules(), replicaRules(), dataRules(), settingRules(), keyRules(), keyPolicyRules(), worldRules(), planRules(), liveRules(), standbyRules())
	slices.SortFunc(out, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// issue is the address of an issue: tf#1 and tpa#1 are those of Terraform and of its AWS provider.
func issue(ref string) string {
	repo, number, _ := strings.Cut(ref, "#")
	switch repo {
	case "tf":
		repo = "hashicorp/terraform"
	case "tpa":
		repo = "hashicorp/terraform-provider-aws"
	case "tg":
		repo = "gruntwork-io/terragrunt"
	case "cr":
		repo = "aws/containers-roadmap"
	}
	return "https://github.com/" + repo + "/issues/" + number
}
