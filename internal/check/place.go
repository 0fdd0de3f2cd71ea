package check

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func placeRules() []*Rule {
	arns := "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
	regions := "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"
	return []*Rule{
		{
			ID: "LB101", Title: "The provider's region is a constant", Weights: region(High), find: (*tree).providerRegion,
			Why:    "Whatever the plan says, terraform goes to this region. When it is the lost one, every call fails; when it is not, the application is built where nobody looks.",
			Fix:    "Take the region from a variable, and give it to the stack as site.region.",
			Source: "field notes T5: recovery silently reads and writes the lost site (tg#509)", Links: []string{issue("tg#509")},
		},
		{
			ID: "LB102", Title: "A region is a constant", Weights: region(High), find: tokens(regionToken, inCode, false),
			Why:    "It stays as it is when everything else moves: calls go to the lost region, or a resource is refused because it names another region than its own.",
			Fix:    "Use the region that the stack is given, or data.aws_region.",
			Source: "field notes T5 (tg#509)", Links: []string{issue("tg#509"), regions},
		},
		{
			ID: "LB103", Title: "An account's number is a constant", Weights: account(High), find: tokens(accountToken, inCode, false),
			Why:    "In another account it means the lost one: access is denied, or given to whoever holds the old account. allowed_account_ids refuses to run at all.",
			Fix:    "Use data.aws_caller_identity, or a variable that the plan sets to site.account.",
			Source: "field notes T5 (tg#509)", Links: []string{issue("tg#509")},
		},
		{
			ID: "LB104", Title: "An ARN names a region or an account", Weights: away(High), find: tokens(arnToken, inCode, false),
			Why:    "It stays as it is when everything else moves. In a resource that is an error; in a policy there is not even one: the grant just does not fit what runs.",
			Fix:    "Refer to the resource's arn, or put the ARN together from data.aws_region and data.aws_caller_identity.",
			Source: "field notes section 5, and T5 (tg#509)", Links: []string{arns},
		},
		{
			ID: "LB105", Title: "An availability zone is a constant", Weights: region(High), find: tokens(zoneToken, inCode, false),
			Why:    "Zones belong to a region, and not every region has the same letters: subnets and volumes are refused.",
			Fix:    "Take zones from data.aws_availability_zones.",
			Source: "AWS Global Infrastructure, Availability Zones", Links: []string{"https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"},
		},
		{
			ID: "LB106", Title: "An endpoint names a region", Weights: away(High), find: tokens(endpointToken, inCode, false),
			Why:    "A function that was recovered keeps calling the lost region. The deployment is green, and dead at run time.",
			Fix:    "Take the URL from the resource or an output, or put it together from data.aws_region.",
			Source: "field notes section 5: values that are addresses", Links: []string{"https://docs.aws.amazon.com/general/latest/gr/rande.html"},
		},
		{
			ID: "LB107", Title: "A service principal names a region", Weights: region(High), find: tokens(endpointToken, inCode, true),
			Why:    "The service of the new region is somebody else: CloudWatch Logs of eu-west-1 may not use a key whose policy names logs.eu-west-2.amazonaws.com.",
			Fix:    "Put the principal together from the region that the stack is given.",
			Source: "CloudWatch Logs User Guide, Encrypt log data with KMS", Links: []string{"https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"},
		},
		{
			ID: "LB108", Title: "A variable's default names a place", Weights: away(Medium), find: tokens(anyToken, inDefault, false),
			Why:    "Whoever forgets to give a value in a recovery gets the lost place, silently.",
			Fix:    "Have no default, or give the variable in the plan's terraform or stack block; a forgotten value is an error then.",
			Source: "field notes T5 (tg#509)", Links: []string{issue("tg#509")},
		},
		{
			ID: "LB109", Title: "A file of values names a place", Weights: away(Medium), find: tokens(anyToken, inValues, false),
			Why:    "Values of one site are applied at another one when nobody thinks of a file of values for it.",
			Fix:    "Give these values in the plan, from site.region and site.account, or write the standby's file today.",
			Source: "field notes T5 (tg#509)", Links: []string{issue("tg#509")},
		},
		{
			ID: "LB110", Title: "The id of one thing is a constant", Weights: away(High), find: tokens(idToken, inCode, false),
			Why:    "AWS makes ids up: the recovered thing has another one. Images of machines are another one in every region.",
			Fix:    "Look it up by name or tag, take it from the stack that makes it, or make it a variable that the plan sets.",
			Source: "field notes section 5: values that are addresses", Links: []string{"https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIs.html"},
		},
		{
			ID: "LB111", Title: "A second provider has a constant region", Weights: region(High), find: (*tree).aliasRegion,
			Why: "Resources of a second provider with a constant region were made there again by the recovery: a topic was adopted by two states, a live alarm was overwritten, " +
				"an alias collided. And one dead region blocks the whole apply.",
			Fix:    "Put what belongs to the other region into a stack of its own, with names that differ by site.",
			Source: "field notes section 5 and T8", Links: []string{issue("tf#36563")},
		},
		{
			ID: "LB112", Title: "A root module spans two regions", Weights: region(Medium), find: (*tree).aliasSpans,
			Why:    "When either region is down, terraform cannot refresh half of the state, and nothing of the other half can be applied.",
			Fix:    "Split it: one stack a region.",
			Source: "field notes T8", Links: []string{"https://developer.hashicorp.com/terraform/language/providers/configuration"},
		},
		{
			ID: "LB113", Title: "An ARN names a partition that a site is not in", Weights: away(High), find: (*tree).partitions,
			Why:    "In China and in GovCloud every ARN begins with another partition: policies that say arn:aws: are refused, or grant nothing.",
			Fix:    "Put the partition in by data.aws_partition.",
			Source: "IAM User Guide, Amazon Resource Names: partitions", Links: []string{arns},
		},
	}
}

// anyToken is for rules that take tokens of every kind.
const anyToken = tokenKind(255)

// tokens gives a rule that finds the places of one kind, by where they are written.
func tokens(kind tokenKind, in where, principal bool) func(*tree) {
	look := func(t *tree, p *placedToken) {
		switch {
		case p.kind == registryToken, p.where != in, kind != anyToken && p.kind != kind:
		case kind != anyToken && (p.kind == endpointToken || p.account) && p.principal != principal && p.kind != idToken: // LB107 has service principals, LB702 those of accounts
		case p.variable != "" && t.gives(p.stack, p.variable):
		default:
			t.place(*p)
		}
	}
	return func(t *tree) {
		written := t.places()
		for i := range written {
			look(t, &written[i])
		}
		for _, p := range t.terragruntPlaces() {
			look(t, &p)
		}
	}
}

// place records a token.
func (t *tree) place(p placedToken) {
	if !p.account && !p.region || t.idle(p) {
		return
	}
	keep := Weights{}
	if p.account {
		keep[Account] = High
	}
	if p.region {
		keep[Region] = High
	}
	w := t.rule.Weights.only(keep)
	t.add(hit{at: p.at, stack: p.stack, address: p.address, weights: &w, title: t.rule.Title + ": " + shorten(p.text), patch: t.placePatch(p)})
}

// idle tells whether a place is in a local value that nothing in its folder uses. (The name of a local that is used in some way which the survey
// does not follow is written somewhere.)
func (t *tree) idle(p placedToken) bool {
	name, local := strings.CutPrefix(p.address, "local.")
	return local && !t.locals.of(path.Dir(p.at.File.Path))[name]
}

// localsIn are the names of the local values that the files of a folder mention.
func (t *tree) localsIn(dir string) map[string]bool {
	out := map[string]bool{}
	for _, f := range t.folders()[dir] {
		for _, m := range regexp.MustCompile(`\blocal\.([\pL_][\pL\pN_-]*)`).FindAllSubmatch(f.Src, -1) {
			out[string(m[1])] = true
		}
	}
	return out
}

// byFolder are the files of each folder.
func (t *tree) byFolder() map[string][]*survey.File {
	out := map[string][]*survey.File{}
	for _, f := range t.inv.Files {
		out[path.Dir(f.Path)] = append(out[path.Dir(f.Path)], f)
	}
	return out
}

// shorten is a token for a title.
func shorten(s string) string {
	s = strings.ReplaceAll(s, hole, "*")
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// placePatch replaces a region or an account with what the stack knows of itself, where it does.
func (t *tree) placePatch(p placedToken) *Patch {
	s := t.stacks[p.stack]
	if s == nil || p.where != inCode || path.Ext(p.at.File.Path) != ".tf" || path.Dir(p.at.File.Path) != path.Clean(s.Dir) || strings.Contains(p.text, hole) {
		return nil
	}
	region, account := regionOf(s), accountOf(s)
	text := p.text
	switch p.kind {
	case regionToken:
		text = replace(text, text, region)
	case accountToken:
		text = replace(text, text, account)
	case arnToken:
		f := strings.SplitN(text, ":", 6)
		if p.region {
			f[3] = replace(f[3], f[3], region)
		}
		if p.account {
			f[4] = replace(f[4], f[4], account)
		}
		if text = strings.Join(f, ":"); (p.region && region == "") || (p.account && account == "") {
			return nil
		}
	case endpointToken:
		if p.account {
			return nil
		}
		text = replace(text, regions().FindString(text), region)
	default:
		return nil
	}
	if text == p.text {
		return nil
	}
	return quoted(p.at, text)
}

// replace puts a reference in the place of a word; with no reference there is no change.
func replace(text, word, ref string) string {
	if ref == "" || word == "" {
		return text
	}
	return strings.Replace(text, word, "${"+ref+"}", 1)
}

// quoted is the patch of a piece of a text. A text that becomes one reference loses its quotes.
func quoted(at survey.Span, text string) *Patch {
	src, start, end := at.File.Src, int(at.Start), int(at.End)
	if inner, ok := strings.CutPrefix(text, "${"); ok && strings.Count(text, "${") == 1 && strings.HasSuffix(text, "}") &&
		start > 0 && end < len(src) && src[start-1] == '"' && src[end] == '"' {
		return &Patch{File: at.File.Path, Start: start - 1, End: end + 1, New: strings.TrimSuffix(inner, "}")}
	}
	return &Patch{File: at.File.Path, Start: start, End: end, New: text}
}

// regionOf is how a stack's own code says its region; empty: it cannot.
func regionOf(s *survey.Stack) string {
	for _, name := range []string{"region", "aws_region"} {
		if s.Variable(name) != nil {
			return "var." + name
		}
	}
	for _, r := range s.Of(survey.Data, "aws_region") {
		if r.Module == "" && r.Provider == "aws" {
			return r.Address + ".name"
		}
	}
	return ""
}

// accountOf is how a stack's own code says its account; empty: it cannot.
func accountOf(s *survey.Stack) string {
	for _, r := range s.Of(survey.Data, "aws_caller_identity") {
		if r.Module == "" && r.Provider == "aws" {
			return r.Address + ".account_id"
		}
	}
	return ""
}

// partitions looks for ARNs of the partition aws where the plan has a site in another one.
func (t *tree) partitions() {
	if t.Plan == nil {
		return
	}
	var away []string
	for _, s := range t.Plan.Sites {
		if strings.HasPrefix(s.Region, "cn-") || strings.HasPrefix(s.Region, "us-gov-") || strings.HasPrefix(s.Region, "us-iso") {
			away = append(away, s.Name)
		}
	}
	for _, p := range t.places() {
		if len(away) > 0 && p.partition {
			t.add(hit{at: p.at, stack: p.stack, address: p.address, title: fmt.Sprintf("Not of the partition of site %s: %s", strings.Join(away, " and "), shorten(p.text))})
		}
	}
}

// constantRegion tells whether a provider's region is written in the block itself.
func constantRegion(p *survey.Provider) (survey.Part, bool) {
	if p.Region == nil || len(p.Region.Parts) != 1 {
		return survey.Part{}, false
	}
	part := p.Region.Parts[0]
	return part, !part.Hole() && part.Via == nil && part.At.File != nil && wholeRegion(part.Text)
}

func (t *tree) providers(f func(*survey.Stack, *survey.Provider)) {
	for _, s := range t.inv.Stacks {
		for _, p := range s.Providers {
			if p.Name == "aws" {
				f(s, p)
			}
		}
	}
}

func (t *tree) providerRegion() {
	t.providers(func(s *survey.Stack, p *survey.Provider) {
		if part, ok := constantRegion(p); ok && p.Alias == "" {
			k := placedToken{token: token{kind: regionToken, text: part.Text, region: true}, at: part.At, stack: s.Name, address: "provider.aws"}
			if strings.HasPrefix(regionOf(s), "data.") {
				k.where = inValues // the provider itself cannot ask for its region
			}
			t.place(k)
		}
	})
}

func (t *tree) aliasRegion() {
	t.providers(func(s *survey.Stack, p *survey.Provider) {
		part, ok := constantRegion(p)
		if !ok || p.Alias == "" {
			return
		}
		h := hit{at: part.At, stack: s.Name, address: "provider.aws." + p.Alias, title: fmt.Sprintf("Provider aws.%s has a constant region: %s", p.Alias, part.Text)}
		if part.Text == "us-east-1" {
			w := region(Medium) // CloudFront and its certificates know no other
			h.weights = &w
		}
		t.add(h)
	})
}

func (t *tree) aliasSpans() {
	t.providers(func(s *survey.Stack, p *survey.Provider) {
		if _, constant := constantRegion(p); constant || p.Alias == "" || p.Region.IsNull() {
			return
		}
		for _, d := range s.Providers {
			if d.Name == p.Name && d.Alias == "" && d.Module == p.Module && d.Region.Show() != p.Region.Show() {
				t.add(hit{at: p.Region.Span, stack: s.Name, address: "provider.aws." + p.Alias})
			}
		}
	})
}
