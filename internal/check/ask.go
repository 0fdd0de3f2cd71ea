package check

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Topic is what a site is asked about.
type Topic string

// The topics.
const (
	AskConcurrency Topic = "concurrency" // Lambda's quota of concurrent executions
	AskBucket      Topic = "bucket"      // whose a bucket's name is, and where
	AskSecret      Topic = "secret"      // whether a secret is scheduled for deletion
	AskKey         Topic = "key"         // whether the key behind an alias is pending deletion
	AskLock        Topic = "lock"        // whether a lock table's digest fits its state
	AskTable       Topic = "table"       // point-in-time recovery of a table, and its copies
	AskImage       Topic = "image"       // whether an image is there
	AskProcessor   Topic = "processor"   // what an image is built for
	AskQuota       Topic = "quota"       // how many of something there may be, and are: Name is one of Quota...
	AskCertificate Topic = "certificate" // whether one for a domain is issued
	AskZone        Topic = "zone"        // whether the account has a hosted zone
	AskAPIRole     Topic = "role"        // API Gateway's role for logs
	AskSettings    Topic = "settings"    // what a table is set to beside its data
)

// What a quota can be about.
const (
	QuotaTables    = "DynamoDB tables"
	QuotaKeys      = "KMS keys"
	QuotaNetworks  = "VPCs"
	QuotaAddresses = "elastic IP addresses"
)

// Question is one thing that a site is asked. Asking changes nothing.
type Question struct {
	Topic Topic
	Site  *plan.Site
	Name  string // of the bucket, secret, alias (alias/...), table; repository of an image; key of a state
	Tag   string // of an image: tag or digest
	In    string // bucket of a state
	With  string // lock table of a state
	Area  string // region of a certificate; empty: the site's

	Looked bool // certificate: the code looks it up by this very name

	cannot  string // why it is not asked; empty: it is
	stack   string
	address string
	steps   []string
	at      diag.Range
}

// Fact is a site's answer.
type Fact struct {
	Question
	Problem string // why there is no answer; empty: there is one

	There     bool
	Mine      bool      // bucket: the site's account owns it
	Region    string    // bucket
	DeletedOn time.Time // secret, key: scheduled; zero: not
	Digest    string    // lock: what the table says
	MD5       string    // lock: what the state has
	Recovery  bool      // table: point-in-time recovery is on
	Since     time.Time // table: the earliest moment that it can be restored to
	Replicas  []string  // table: regions
	Elsewhere []string  // table: accounts that hold an export
	Limit     int       // concurrency, quota: of the account
	Used      int       // quota: how many there are
	Processor string    // processor: as Go and OCI call it, amd64 or arm64; empty: it does not say
	Index     bool      // processor: of several images, rather than an image
	Names     []string  // quota: of those that are there, where things have names
	Status    string    // certificate: of the best that there is; empty: there is none
	TimeLimit string    // settings: attribute of time to live; empty: it is off
	Stream    bool      // settings
	Protected bool      // settings: from deletion
	Scaled    bool      // settings: Application Auto Scaling moves the capacity
}

// Asker answers questions about sites. It must not change anything.
type Asker interface {
	Answer(ctx context.Context, q Question) (Fact, error)
}

// Gather asks the sites of the plan for everything that the live rules judge. What is not answered is a fact too: its problem.
func Gather(ctx context.Context, in Input, ask Asker) []Fact {
	t := newTree(in)
	var out []Fact
	for _, q := range t.questions() {
		f := Fact{Problem: q.cannot}
		if q.cannot == "" {
			var err error
			if f, err = ask.Answer(ctx, q); err != nil {
				f.Problem = err.Error()
			}
		}
		f.Question = q
		out = append(out, f)
	}
	return out
}

// questions are what the plan's sites are asked: the places that are recovered to, those where the application lives, and those that keep copies.
func (t *tree) questions() []Question {
	if t.Plan == nil {
		return nil
	}
	var out []Question
	for _, site := range t.Plan.Sites {
		lives, becomes := t.role(site)
		if becomes {
			out = append(out, t.concurrencyQuestion(site)...)
			out = append(out, t.bucketQuestions(site)...)
			out = append(out, t.deletionQuestions(site)...)
		}
		if len(t.away(site)) > 0 {
			out = append(out, t.quotaQuestions(site)...)
			out = append(out, t.certificateQuestions(site)...)
			out = append(out, t.zoneQuestions(site)...)
			out = append(out, t.roleQuestion(site)...)
		}
		if lives {
			out = append(out, t.lockQuestions(site)...)
			out = append(out, t.tableQuestions(site)...)
		}
		out = append(out, t.imageQuestions(site)...)
	}
	return out
}

// role tells whether the application lives at a site, and whether a scenario recovers to it.
func (t *tree) role(site *plan.Site) (lives, becomes bool) {
	for _, sc := range t.Plan.Scenarios {
		lives = lives || sc.Lost.Site == site.Name || sc.InPlace() && sc.RecoverTo == site.Name
		becomes = becomes || sc.RecoverTo == site.Name
	}
	return lives, becomes
}

func (t *tree) concurrencyQuestion(site *plan.Site) []Question {
	if !t.made("aws_lambda_function", nil) {
		return nil
	}
	return []Question{{Topic: AskConcurrency, Site: site, Name: "concurrent executions", address: "site." + site.Name, at: site.Range, steps: []string{}}}
}

// applied gives the managed resources of some types with the plan's stacks that make them.
func (t *tree) applied(f func(*survey.Stack, *survey.Resource, *plan.Stack), types ...string) {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		for _, p := range t.planned[s.Name] {
			f(s, r, p)
		}
	}, types...)
}

func (t *tree) bucketQuestions(site *plan.Site) []Question {
	var out []Question
	if name, ok := resolve(t.Plan.Terraform.State.Bucket, site, ""); ok {
		out = append(out, Question{Topic: AskBucket, Site: site, Name: name, address: "terraform.state", at: t.Plan.Terraform.State.Range, steps: []string{"state_backend/site"}})
	}
	t.applied(func(s *survey.Stack, r *survey.Resource, p *plan.Stack) {
		out = append(out, t.named(AskBucket, site, s, r, p, r.Body.Get("bucket"))...)
	}, "aws_s3_bucket")
	return out
}

func (t *tree) deletionQuestions(site *plan.Site) []Question {
	var out []Question
	t.applied(func(s *survey.Stack, r *survey.Resource, p *plan.Stack) {
		out = append(out, t.named(AskSecret, site, s, r, p, r.Body.Get("name"))...)
	}, "aws_secretsmanager_secret")
	for _, s := range t.Plan.Secrets {
		out = append(out, Question{Topic: AskSecret, Site: site, Name: s.Secret, address: "secret." + s.Name, at: s.Range, steps: []string{"secret/" + s.Name}})
	}
	t.applied(func(s *survey.Stack, r *survey.Resource, p *plan.Stack) {
		out = append(out, t.named(AskKey, site, s, r, p, r.Body.Get("name"))...)
	}, "aws_kms_alias")
	return out
}

func (t *tree) lockQuestions(site *plan.Site) []Question {
	bucket, ok := resolve(t.Plan.Terraform.State.Bucket, site, "")
	table, locks := resolve(t.Plan.Terraform.State.LockTable, site, "")
	if !ok || !locks {
		return nil
	}
	var out []Question
	for _, s := range t.Plan.Stacks {
		key := t.Plan.Terraform.State.Key
		if s.BackendKey != nil {
			key = s.BackendKey
		}
		if name, ok := resolve(key, site, s.Name); ok {
			out = append(out, Question{Topic: AskLock, Site: site, Name: name, In: bucket, With: table, address: "stack." + s.Name, at: s.Range, steps: []string{"stack/" + s.Name}})
		}
	}
	return out
}

func (t *tree) tableQuestions(site *plan.Site) []Question {
	var out []Question
	t.applied(func(s *survey.Stack, r *survey.Resource, p *plan.Stack) {
		if !lockTable(r) {
			out = append(out, t.named(AskTable, site, s, r, p, r.Body.Get("name"))...)
			out = append(out, t.named(AskSettings, site, s, r, p, r.Body.Get("name"))...)
		}
	}, "aws_dynamodb_table")
	return out
}

// imageQuestions ask every site that an image may come from, and those that it is needed at.
func (t *tree) imageQuestions(site *plan.Site) []Question {
	var out []Question
	_, becomes := t.role(site)
	for _, i := range t.Plan.Images {
		if !becomes && !slices.ContainsFunc(i.From, func(s plan.Source) bool { return s.Site == site.Name }) {
			continue
		}
		for _, tag := range slices.Concat(i.Tags, i.Digests) {
			q := Question{Topic: AskImage, Site: site, Name: i.Repository, Tag: tag, address: "image." + i.Name, at: i.Range, steps: []string{"image/" + i.Name}}
			out = append(out, q)
			if q.Topic = AskProcessor; len(t.runners(i.Repository)) > 0 {
				out = append(out, q)
			}
		}
	}
	return out
}

// named is the question about a resource whose name is known for a site, and nothing otherwise.
func (t *tree) named(topic Topic, site *plan.Site, s *survey.Stack, r *survey.Resource, p *plan.Stack, v *survey.Value) []Question {
	name, ok := t.name(v, site, p)
	if !ok {
		return nil
	}
	return []Question{{Topic: topic, Site: site, Name: name, stack: s.Name, address: r.Address, at: r.At.Range(), steps: []string{"stack/" + p.Name}}}
}

// name is a text of the code at a site: with the plan's variables, and what the site knows of itself.
func (t *tree) name(v *survey.Value, site *plan.Site, p *plan.Stack) (string, bool) {
	if v == nil || v.Kind != survey.String && v.Kind != survey.Unknown {
		return "", false
	}
	var b strings.Builder
	for _, part := range v.Parts {
		text, ok := part.Text, !part.Hole()
		ref := part.Ref
		if part.Via != nil {
			ref = cmp.Or(ref, part.Via.Ref)
		}
		if variable, is := strings.CutPrefix(ref, "var."); is {
			e, given := p.Variables[variable]
			if !given {
				e, given = t.Plan.Terraform.Variables[variable]
			}
			if given {
				text, ok = resolve(e, site, p.Name)
			}
		}
		switch {
		case strings.HasPrefix(ref, "data.aws_caller_identity.") && strings.HasSuffix(ref, ".account_id"):
			text, ok = site.Account, true
		case strings.HasPrefix(ref, "data.aws_region."):
			text, ok = site.Region, true
		}
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), b.Len() > 0
}

// resolve computes an expression of the plan for a site, if it needs no run.
func resolve(e plan.Expr, site *plan.Site, stack string) (string, bool) {
	if e == nil {
		return "", false
	}
	v, err := e.Resolve(plan.Scope{Site: site, Stack: stack})
	if err != nil || v.IsSecret() {
		return "", false
	}
	text, err := v.Text()
	if err != nil {
		return "", false
	}
	return text.Reveal(), true
}
