package lambda

import (
	"cmp"
	"regexp"
	"time"
)

// Times that a function takes to become what was asked: of the order of AWS's for zip packages; images take AWS longer.
const (
	creating = 2 * time.Second
	updating = time.Second
)

const latest = "$LATEST"

type function struct {
	Name      string
	Created   time.Time
	Updated   time.Time // of $LATEST; zero until its first change
	Latest    revision
	Published []revision // in order
	Numbers   int        // versions that were ever published
	Aliases   map[string]*alias
	Policies  map[string]*policy // by qualifier; "" is the function itself
	Invokes   map[string]*invokeConfig
	Runtimes  map[string]runtimeUpdates
	Reserved  *int // concurrency
	Recursion string
	Tags      map[string]string
}

// revision is the code and settings of one version.
type revision struct {
	settings
	Code          code
	Version       string
	Architectures []string
	Modified      time.Time
	ID            string // AWS's RevisionId: new with every change
	Of            string // the ID of the $LATEST that was published
}

func (s *Service) create(r *region, q *request) (any, error) {
	in := struct {
		settings
		FunctionName, PackageType string
		Code                      codeInput
		Publish                   bool
		Architectures             []string
		Tags                      map[string]string
	}{PackageType: "Zip", Architectures: []string{"x86_64"}}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	name, _, err := parseName(q, in.FunctionName)
	switch {
	case err != nil:
		return nil, err
	case r.Functions[name] != nil:
		return nil, conflict("Function already exist: %s", name)
	case in.PackageType != "Zip" && in.PackageType != "Image":
		return nil, constraint(in.PackageType, "packageType", "Member must satisfy enum value set: [Image, Zip]")
	case in.PackageType == "Zip" && (in.Runtime == "" || in.Handler == ""):
		return nil, invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case in.PackageType == "Image" && (in.Runtime != "" || in.Handler != "" || len(in.Layers) > 0):
		return nil, invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image")
	}
	in.fill(name)
	if err = s.check(q.Call, &in.settings); err != nil {
		return nil, err
	}
	f := &function{Name: name, Created: s.world.Now(), Tags: in.Tags, Aliases: map[string]*alias{}, Policies: map[string]*policy{}}
	f.Latest = revision{settings: in.settings, Version: latest, Architectures: in.Architectures, Modified: f.Created, ID: s.world.UUID()}
	if f.Latest.Code, err = s.resolve(q.Call, in.PackageType, in.Code); err != nil {
		return nil, err
	}
	if r.Functions == nil {
		r.Functions = map[string]*function{}
	}
	r.Functions[name] = f
	if in.Publish {
		return s.describe(q, f, s.publish(f, ""), true), nil
	}
	return s.describe(q, f, &f.Latest, false), nil
}

// namePattern has the parts of a function's name (CreateFunction, "FunctionName"): region, account, name, qualifier.
var namePattern = regexp.MustCompile(`^(?:arn:aws:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$`)

// parseName reads a name, ACCOUNT:function:NAME or an ARN, each with an optional qualifier.
func parseName(q *request, given string) (name, qualifier string, err error) {
	m := namePattern.FindStringSubmatch(given)
	switch {
	case m == nil || len(m[3]) > 64:
		return "", "", constraint(given, "functionName", `Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`)
	case m[1] != "" && m[1] != q.Region:
		return "", "", missing("Functions from '%s' are not reachable in this region ('%s')", m[1], q.Region)
	case m[2] != "" && m[2] != q.Account:
		return "", "", denied("User: " + q.CallerARN + " is not authorized to perform this action on resource: " + given + " because no resource-based policy allows it")
	}
	return m[3], m[4], nil
}

func (f *function) arn(q *request, qualifier string) string {
	if qualifier != "" {
		qualifier = ":" + qualifier
	}
	return q.ARN("lambda", "function:"+f.Name+qualifier)
}

// find gives the function that a request's path names, with the qualifier of its path or query.
func find(r *region, q *request) (f *function, qualifier string, err error) {
	return named(r, q, q.http.PathValue("name"))
}

func named(r *region, q *request, given string) (f *function, qualifier string, err error) {
	name, qualifier, err := parseName(q, given)
	if err != nil {
		return nil, "", err
	}
	qualifier = cmp.Or(q.query.Get("Qualifier"), qualifier)
	if f = r.Functions[name]; f == nil {
		return nil, "", missing("Function not found: %s", (&function{Name: name}).arn(q, qualifier))
	}
	return f, qualifier, nil
}

// at gives the version that a qualifier means: none and $LATEST, a number, or an alias.
func (f *function) at(q *request, qualifier string) (*revision, error) {
	if a := f.Aliases[qualifier]; a != nil {
		qualifier = a.FunctionVersion
	}
	if qualifier == "" || qualifier == latest {
		return &f.Latest, nil
	}
	for i := range f.Published {
		if f.Published[i].Version == qualifier {
			return &f.Published[i], nil
		}
	}
	return nil, missing("Function not found: %s", f.arn(q, qualifier))
}
