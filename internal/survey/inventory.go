// Package survey reads a tree of Terraform or OpenTofu code into an Inventory: what the stacks make, what they read, and of whom.
//
// Promise: nothing is run, and nothing outside the tree is read: no terraform, no network, no link that leads out. What is broken becomes a
// diagnostic, and the rest is read all the same. Whatever the code says is evaluated as far as it can be known before a recovery; what
// cannot is a hole with the name of what it waits for, never a guess. Every literal keeps the place where it is written, also behind
// locals, defaults, modules and files. An edge between two stacks says how sure it is, and why. Time and memory grow with the size of the
// tree, and are bounded for any input.
package survey

import (
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Inventory is what a tree of Terraform code says.
type Inventory struct {
	Root          string          // the tree's folder, as it was given
	Files         []*File         // all that were read, by path
	Stacks        []*Stack        // root modules, by folder
	Modules       []*Module       // folders that are only called as modules, by folder
	Shared        []*Shared       // folders whose files are only laid over stacks, by folder
	Edges         []*Edge         // which stack needs which, the surest first for each pair
	Prerequisites []*Prerequisite // what is read, and made by no stack
	Absent        []*Absent       // code that resources are made from, and that the tree does not have
	Hints         []*Hint         // what other files tell about how the stacks are applied
	Diags         diag.List       // what could not be read or makes no sense; the rest is complete without it
}

// Absent is a file of code that a resource is made from, and that neither the tree has nor Terraform makes: something else builds it.
type Absent struct {
	Stack   string
	Address string
	Path    string // from the tree's root
	At      Span   // the value that names it
}

// Stack is a root module: a folder in which terraform is run.
type Stack struct {
	Name      string      // unique: the folder's name, with as many of its parents as it takes
	Dir       string      // from the tree's root, with slashes; "." is the root itself
	Overlays  []string    // files of Shared folders that must be laid over it, because it uses what only they declare
	Instances []*Instance // how often it is applied, and with which values; empty: once, or nothing tells

	Terraform []*Value // required_version constraints
	Backend   *Backend // nil: none is written
	Providers []*Provider
	Requires  []*Requirement // required_providers, with what the lock file says
	Variables []*Variable
	Locals    []*Local
	Outputs   []*Output
	Resources []*Resource // also those of the modules that it calls, at any depth
	Calls     []*Call     // module calls, at any depth
	Moved     []*Move     // moved, import and removed blocks
	Images    []*Image
}

// Module is a folder that stacks or other modules call.
type Module struct {
	Dir      string
	Vendored bool     // fetched into .terraform/modules
	Callers  []string // folders
}

// Shared is a folder that makes nothing itself: its files are laid over stacks by whoever applies them.
type Shared struct {
	Dir      string
	Files    []string
	Declares []string // such as var.environment, provider.aws, backend.s3
	Stacks   []string // names of the stacks that need it
}

// Backend is where a stack's state lives. The body of a cloud block is one too, of type "cloud".
type Backend struct {
	Type string
	Body *Value // its attributes; those that a -backend-config file or argument gives are among them, with their own places
	At   Span
}

// Provider is a provider block.
type Provider struct {
	Name   string // aws
	Alias  string // empty: the default one
	Module string // module path that declares it; empty: the stack itself
	Region *Value // nil: not written, so it comes from the environment
	Body   *Value
	At     Span
}

// Requirement is an entry of required_providers, or a provider that is used without one.
type Requirement struct {
	Name    string // local name
	Source  string // hashicorp/aws
	Module  string // module path; empty: the stack itself
	Version *Value // constraint; nil: none
	Locked  string // version in .terraform.lock.hcl; empty: none
	At      Span
}

// Variable is a variable of a stack.
type Variable struct {
	Name      string
	Type      string   // as written; empty: any
	Default   *Value   // nil: none
	Value     *Value   // what it has without knowing how the stack is called: the default, or what an auto-loaded tfvars file says; nil: none
	From      Span     // where Value is written
	Allowed   []string // the values that its validation allows by contains([...], var.x)
	Sensitive bool
	At        Span // the name in its declaration
	Overlay   bool // declared by a file of a Shared folder
}

// Local is a local value.
type Local struct {
	Name  string
	Value *Value
	At    Span
}

// Output is an output of a stack.
type Output struct {
	Name      string
	Value     *Value
	Sensitive bool
	At        Span
}

// Mode tells resources that are made from those that are only read.
type Mode uint8

// The modes of a resource.
const (
	Managed Mode = iota
	Data
)

// Resource is a resource or data block.
type Resource struct {
	Mode     Mode
	Type     string // aws_sqs_queue
	Name     string
	Module   string // module path such as module.queue.module.dlq; empty: the stack itself
	Address  string // module.queue.aws_sqs_queue.this, data.aws_vpc.main; without instance keys
	Provider string // provider's name with its alias, as the stack calls it: aws, aws.us_east_1
	// Region is the region that the provider, or the resource's own region attribute, names; nil: the environment's.
	Region *Value
	// Body is the block: attributes, nested blocks as lists of objects (dynamic ones too), lifecycle among them. With for_each or count it is
	// that of the first instance, if the instances are known, and otherwise each.key, each.value and count.index are holes.
	Body *Value
	// Instances has one element with an empty key for a plain resource; those of for_each and count where they are known, up to a limit; one
	// with the key "*" where they are not; none where it is known that there are none.
	Instances []ResourceInstance
	ForEach   *Value // for_each or count; nil: plain
	At        Span   // the block's header
	End       Span   // the block's last character: At.Start to End.End is the whole block
}

// ResourceInstance is one of a resource.
type ResourceInstance struct {
	Key     string
	Address string // as terraform writes it, with the keys of the modules around it; [*] stands for one that is not known
	Body    *Value
}

// Call is a module call.
type Call struct {
	Module   string // path of the called module: module.queue.module.dlq
	Source   string // as written
	Version  *Value // constraint; nil: none
	Kind     CallKind
	Dir      string // the folder that was read; empty: it is not in the tree
	Inputs   *Value // arguments
	At       Span
	SourceAt Span
}

// CallKind is where a module's code comes from.
type CallKind string

// The kinds of module calls.
const (
	LocalModule    CallKind = "local"    // a path in the tree
	VendoredModule CallKind = "vendored" // fetched before: .terraform/modules has it
	RemoteModule   CallKind = "remote"   // fetched when terraform runs, and not read
	MissingModule  CallKind = "missing"  // a path that is not there, or leads out of the tree, or in a circle
)

// Move is a moved, import or removed block.
type Move struct {
	Kind string // moved, import, removed
	From string // address, as written
	To   string
	ID   *Value // of an import
	At   Span
}

// Image is a container image that a stack runs, or reads from a registry.
type Image struct {
	Stack      string
	Resource   string // address
	Reference  *Value // the whole reference, or nil where only the repository is looked up
	Registry   *Value // host; nil: not written, or behind a lookup
	Repository *Value // name, as far as it is known, through the lookup of an ECR repository if there is one
	Tag        *Value // nil: none
	Digest     *Value // nil: none
	Made       bool   // a stack of this tree makes the repository
	At         Span
}

// Stack finds a stack by name; nil when there is none.
func (inv *Inventory) Stack(name string) *Stack {
	for _, s := range inv.Stacks {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Sources are the texts that diagnostics show lines from.
func (inv *Inventory) Sources() diag.Sources {
	out := make(diag.Sources, len(inv.Files))
	for _, f := range inv.Files {
		out[f.Path] = f.Src
	}
	return out
}

// Of are the stack's resources of a type and mode.
func (s *Stack) Of(mode Mode, typ string) []*Resource {
	var out []*Resource
	for _, r := range s.Resources {
		if r.Mode == mode && r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

// Variable finds a variable by name; nil when there is none.
func (s *Stack) Variable(name string) *Variable {
	for _, v := range s.Variables {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Output finds an output by name; nil when there is none.
func (s *Stack) Output(name string) *Output {
	for _, o := range s.Outputs {
		if o.Name == name {
			return o
		}
	}
	return nil
}
