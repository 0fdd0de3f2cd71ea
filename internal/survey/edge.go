package survey

// Confidence says how sure an edge is.
type Confidence string

// How sure an edge is.
const (
	High   Confidence = "high"   // the code names it: a remote state's key, a name whose known parts are all equal and tell it apart
	Medium Confidence = "medium" // the names fit, but holes are left that the code does not tie together, or one of several that fit was chosen
	Low    Confidence = "low"    // only a habit speaks for it, such as a variable that is called as another stack's output
)

// How is the way in which one stack reads what another makes.
type How string

// The ways to read.
const (
	ByRemoteState How = "remote_state" // terraform_remote_state
	ByLookup      How = "lookup"       // a data source finds it by name, alias, tag, path or ARN
	ByName        How = "name"         // a resource is told its name or ARN in a text
	ByVariable    How = "variable"     // a variable without a value is called as an output of the other stack
	ByHint        How = "hint"         // a Terragrunt dependency says so
)

// Edge says that one stack needs another: From reads what To makes, so To is applied first.
type Edge struct {
	From, To   string // names of stacks
	How        How
	Reader     string // address of what reads: data.aws_sqs_queue.q, var.queue_arn
	Maker      string // address of what is read: aws_sqs_queue.q, output.queue_arn; empty: the state as a whole
	At         Span   // the evidence: where it is read
	Made       Span   // where it is made
	Confidence Confidence
	Why        string // one sentence for people
}

// Prerequisite is something that is read and that no stack of the tree makes.
type Prerequisite struct {
	Kind   string   // what it is for people and plans: image repository, secret, parameter, dns zone, certificate, network, state, ...
	Type   string   // Terraform type that reads it: aws_secretsmanager_secret
	Name   *Value   // what it is looked up by, as far as it is known
	By     string   // the attribute: name, tags.Name, filter tag:Name, arn
	Stacks []string // who read it
	Reads  []Read
	Probe  string // the AWS action that tells whether it is there: secretsmanager:DescribeSecret; empty: none is known
	Who    string // who can provide it, in general: the build, the platform team, ...
	Plural bool   // the lookup gives an empty list, not an error, where nothing is there
}

// Read is one place where a prerequisite is read.
type Read struct {
	Stack   string
	Address string
	At      Span
}

// Instance is one application of a root module that is applied several times.
type Instance struct {
	Name      string // blue, live, the workspace's, file's or folder's name
	Kind      InstanceKind
	Workspace string    // empty: none
	Dir       string    // Terragrunt folder; empty: none
	Backend   *Backend  // of its Terragrunt folder; nil: the stack's
	VarFiles  []string  // from the tree's root
	Settings  []Setting // values of variables, from its files and commands
	Why       string    // one sentence for people
	At        Span      // the evidence
}

// InstanceKind is why a root module is applied more than once.
type InstanceKind string

// The kinds of instances.
const (
	Colour      InstanceKind = "colour"      // blue and green: copies in one environment
	Environment InstanceKind = "environment" // live and test: environments, of which a plan recovers one
	Other       InstanceKind = "other"
)

// Setting is a variable's value for one instance.
type Setting struct {
	Variable string
	Value    *Value
	At       Span
}

// Hint is what a file that is not Terraform says about how the stacks are applied.
type Hint struct {
	Kind  HintKind
	Stack string // name of the stack that it is about; empty: not known
	Dir   string // folder that it speaks of, from the tree's root; empty: not known
	Key   string // variable, backend setting, environment variable or workspace
	Value string // as written; empty: not known before it runs
	Order int    // place of a run among the runs of its file, from 1; 0: none
	At    Span
}

// HintKind is what a hint is about.
type HintKind string

// The kinds of hints.
const (
	Runs          HintKind = "run"        // terraform apply, plan or init is run in Dir
	SetsVariable  HintKind = "variable"   // -var, or TF_VAR_name
	UsesVarFile   HintKind = "var_file"   // -var-file
	SetsBackend   HintKind = "backend"    // -backend-config
	UsesWorkspace HintKind = "workspace"  // terraform workspace select
	SetsRegion    HintKind = "region"     // AWS_REGION, AWS_DEFAULT_REGION
	CopiesFile    HintKind = "overlay"    // cp or ln of a .tf file into Dir: Value is the file
	DependsOn     HintKind = "depends_on" // Terragrunt: Value is the folder
)
