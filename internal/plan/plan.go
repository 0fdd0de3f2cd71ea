// Package plan is the typed form of the user's plan: the nouns of a recovery.
//
// Promise: a Plan that planfile gave is complete and consistent in itself: names are unique, references exist, units are
// read. It knows nothing of HCL, AWS or Terraform processes. What can only be known during a run (a stack's output)
// is an Expr, resolved when its step starts.
package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Plan is a whole recovery plan.
type Plan struct {
	Application Application
	Terraform   Terraform
	Sites       []*Site // in the order of the text, as all lists here
	Images      []*Image
	Secrets     []*Secret
	Parameters  []*Parameter
	Stacks      []*Stack
	Tables      []*Table
	Vault       *Vault // nil: no copies of data are kept
	APIKeys     []*APIKey
	Fences      []*Fence
	Manuals     []*Manual
	Commands    []*Command
	Verifies    []*Verify
	Scenarios   []*Scenario

	Dir  string // the folder of the plan's files; relative paths start here
	Hash string // sha256 (hex) of the plan's files and its variables' values: the plan's version
	// Parts are short hashes of what the version is made of, by name: each block, file that is read and variable's value. Two versions of
	// a plan differ in the parts that differ. What is secret, or comes from the environment, has no part: a guess at it could be confirmed.
	Parts map[string]string
}

// Application is what is recovered, and how fast it must be.
type Application struct {
	Name       string
	Owner      string // whom to ask; free text, often a mail address
	Objectives Objectives
	Range      diag.Range
}

// Objectives are the promises to measure against. Zero means that none was given.
type Objectives struct {
	RecoveryTime  time.Duration // RTO
	RecoveryPoint time.Duration // RPO
}

// Site is an AWS account and region where the application can live.
type Site struct {
	Name       string
	Account    string // 12 digits
	Region     string
	AssumeRole string // ARN; empty: the credentials at hand are the site's own
	Profile    string // name in the shared AWS configuration; empty: the default chain
	Range      diag.Range
}

// Terraform says how the stacks are applied.
type Terraform struct {
	Binary    string // "terraform", "tofu", or empty: what is found on PATH, terraform first
	Root      string // folder of the stacks, relative to Plan.Dir
	State     State
	Variables map[string]Expr // given to every stack that declares them
	Overlay   []string        // .tf files or folders of them, laid over every stack's working copy, relative to Root
	Parallel  int             // -parallelism of each terraform process; 0 is terraform's own default
	Range     diag.Range
}

// State is where the stacks' states live, as a template over the site and the stack.
type State struct {
	Bucket    Expr
	Key       Expr // may refer to stack.name
	LockTable Expr // nil: none
	Lockfile  bool // S3 native locking (use_lockfile)
	KMSKey    Expr // nil: the bucket's AES256
	Tags      map[string]string
	Range     diag.Range
}

// Block is what every block that becomes a step has.
type Block struct {
	Name     string
	After    []Ref // explicit order, besides what references imply
	Optional bool
	Timeout  time.Duration // 0: the kind's default
	Range    diag.Range
}

// Image is container images of one repository that the stacks need.
type Image struct {
	Block
	Repository string
	Tags       []string
	Digests    []string // sha256:...
	From       []Source // tried in this order; one that is lost in the scenario is passed over
	Settings   *RepositorySettings
	In         string // the stack whose code makes the repository, and adopts it; empty: none does
	Address    string // of the repository in that stack
}

// Source is where something is copied from: exactly one field is set.
type Source struct {
	Site   string // another site's registry or store
	Layout string // folder of a local OCI image layout, relative to Plan.Dir
	Remote string // registry/repository anywhere
	Range  diag.Range
}

// RepositorySettings are what replication does not copy (ECR User Guide, "Private image replication"). A nil
// pointer or empty string means: as the source repository has it.
type RepositorySettings struct {
	Immutable       *bool
	ScanOnPush      *bool
	KMSKey          string
	LifecyclePolicy string
	Policy          string
}

// Secret is a Secrets Manager secret that Terraform only reads.
type Secret struct {
	Block
	Secret   string    // the secret's name at the site
	Keys     []string  // JSON keys that the code reads; empty: not JSON
	From     []Source  // sites only
	Generate *Generate // how a new value is made; nil: a person types it in
}

// Parameter is an SSM parameter that Terraform only reads.
type Parameter struct {
	Block
	Parameter string // the parameter's name at the site
	From      []Source
	Generate  *Generate // how a new value is made; nil: a person types it in
}

// Generate says how a value is made that nobody needs to know beforehand.
type Generate struct {
	Length int      // characters
	Keys   []string // JSON keys of a secret that are made; the other keys cannot be. Empty: all of them, or the whole value
	Range  diag.Range
}

// Parts sorts the secret's keys into those that can be made anew and those that cannot.
func (s *Secret) Parts() (made, kept []string) {
	switch {
	case s.Generate == nil:
		return nil, s.Keys
	case len(s.Generate.Keys) == 0:
		return s.Keys, nil
	}
	for _, k := range s.Keys {
		if slices.Contains(s.Generate.Keys, k) {
			made = append(made, k)
		} else {
			kept = append(kept, k)
		}
	}
	return made, kept
}

// Stack is one Terraform root module, applied once.
type Stack struct {
	Block
	Path       string   // relative to Terraform.Root
	Overlay    []string // further .tf files, relative to Terraform.Root
	Workspace  string
	BackendKey Expr // nil: Terraform.State.Key
	Variables  map[string]Expr
	VarFiles   []string // relative to the stack's folder
	Secrets    map[string]SecretRef
	Env        map[string]Expr
	AllTables  *diag.Range // where the plan asks for all tables of its code; nil: only those that are written in the plan
}

// SecretRef names a secret that is read at run time and never written down.
type SecretRef struct {
	Site      string // site name; empty: the site that is recovered to
	Secret    string // Secrets Manager name or ARN
	Key       string // a key of the secret's JSON object; empty: the whole string
	Parameter string // SSM parameter name, instead of Secret
	Range     diag.Range
}

// Table is a DynamoDB table whose data is recovered.
type Table struct {
	Block
	In      string // stack name
	Address string // resource address in the stack
	Table   Expr   // the table's name at a site
	Point   string // latest, before-disaster, RFC 3339, or an offset such as -15m
	Compare int    // items to compare attribute by attribute after a load; 0: none
}

// Vault is where copies of data are kept: a bucket at a site outside the blast radius.
type Vault struct {
	Site   string // site name
	Bucket string
	Range  diag.Range
}

// APIKey is what lets consumers call an API Gateway: either one key that Terraform makes and all of them share (KeyID), or one key for
// each of them, made by the recovery in a usage plan (UsagePlan).
type APIKey struct {
	Block
	In        string
	KeyID     Expr // nil: UsagePlan is set
	UsagePlan Expr
	URL       Expr     // where the consumers call; nil: not said
	Secret    string   // name of the Secrets Manager secret, JSON, consumer name to value, that keeps the keys' values; empty: nobody keeps them
	From      []Source // sites that keep Secret
	Consumers []Consumer
}

// Consumer holds an API key.
type Consumer struct {
	Name         string
	Contact      string // who confirms that the key was received
	AgeRecipient string // the key is written to a file that only the holder of this recipient's identity can read
	SSHRecipient string // likewise, an ssh-ed25519 or ssh-rsa public key
	Webhook      string // HTTPS URL that is told the encrypted key; empty: none
	Shared       string // name of a Secrets Manager secret at the site that the consumer reads; empty: none
	Range        diag.Range
}

// Slug is the consumer's name as a part of a step's id and of a file's name.
func (c Consumer) Slug() string {
	words := strings.FieldsFunc(strings.ToLower(c.Name), func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' })
	return strings.Join(words, "-")
}

// Fence is what must be switched off at a lost site, so that it does not work beside the new one if it comes back.
type Fence struct {
	Block
	Site      string   // empty: the site that the scenario loses
	Functions []string // Lambda function names, * is allowed: their event source mappings are disabled
	APIKeys   []string // API Gateway key names, * is allowed: disabled
	Users     []string // IAM user names, * is allowed: their access keys are made inactive
}

// Manual is a step that a person does.
type Manual struct {
	Block
	Instructions string
	Who          string
}

// Command is any other step: argv, never a shell.
type Command struct {
	Block
	Argv  []Expr
	Probe []Expr // exits 0: done; 1: needed; anything else: unknown. Empty: always needed
	Env   map[string]Expr
}

// Verify proves that the application works. Exactly one of its parts is set.
type Verify struct {
	Block
	HTTP     *HTTPCheck
	Resource *ResourceCheck
	Argv     []Expr
	Env      map[string]Expr
}

// HTTPCheck asks a URL and compares the answer.
type HTTPCheck struct {
	URL      Expr
	Method   string // empty: GET
	Status   int    // 0: 200
	Contains string
	Headers  map[string]Expr
}

// ResourceCheck asks AWS whether a resource is there and in a state that works.
type ResourceCheck struct {
	Type string // dynamodb_table, lambda_function, sqs_queue, event_source_mapping, s3_bucket, ecr_image
	ID   Expr   // name, ARN, URL or id, as the type has it
}

// Scenario is a disaster and the site to recover to.
type Scenario struct {
	Name      string
	Lost      Lost
	RecoverTo string // site name
	// Compromised says that an intruder had the lost account: no value that was made or kept there is used again, nor any copy of one that
	// was made after TrustedUntil.
	Compromised  bool
	TrustedUntil time.Time // zero: the moment of the disaster
	Strategies   []Choice  // how data comes back, where the plan does not leave that to the compiler
	Range        diag.Range
}

// Choice is how the data of one table comes back in a scenario, by the plan's word.
type Choice struct {
	Table    string
	Strategy string // as the user wrote it
	Range    diag.Range
}

// LostKind says how much is lost.
type LostKind string

// The kinds of loss.
const (
	LostRegion    LostKind = "region"
	LostAccount   LostKind = "account"
	LostService   LostKind = "service" // of a site: nothing works there, and its data can still be read
	LostResources LostKind = "resources"
	LostState     LostKind = "state" // of Terraform; what it describes lives
	LostData      LostKind = "data"  // in the tables of the plan: it was damaged; all else lives
)

// Lost is what the disaster took.
type Lost struct {
	Kind LostKind
	Site string // site name; empty for what is lost in place
}

// InPlace tells whether the scenario recovers to where the application already lives.
func (s *Scenario) InPlace() bool {
	return s.Lost.Kind == LostResources || s.Lost.Kind == LostState || s.Lost.Kind == LostData
}

// Site finds a site by name; nil when there is none.
func (p *Plan) Site(name string) *Site {
	for _, s := range p.Sites {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// NamedTables are the tables whose name at a site is known: those whose data can come back.
func (p *Plan) NamedTables() []*Table {
	var out []*Table
	for _, t := range p.Tables {
		if t.Table != nil {
			out = append(out, t)
		}
	}
	return out
}

// Scenario finds a scenario by name; nil when there is none.
func (p *Plan) Scenario(name string) *Scenario {
	for _, s := range p.Scenarios {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Reaches tells whether what is at a site can still be used: the site is neither in the lost region (of its account) nor in the lost account.
func (s *Scenario) Reaches(p *Plan, site string) bool {
	at, lost := p.Site(site), p.Site(s.Lost.Site)
	if at == nil || lost == nil {
		return at != nil
	}
	switch s.Lost.Kind {
	case LostRegion:
		return at.Region != lost.Region
	case LostAccount:
		return at.Account != lost.Account
	case LostResources, LostState, LostData, LostService:
		return true
	default:
		return false
	}
}
