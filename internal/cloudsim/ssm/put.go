package ssm

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The bounds of Parameter Store (AWS General Reference, "Systems Manager endpoints and quotas").
const (
	maxStandard = 4096 // bytes of a standard parameter's value
	maxAdvanced = 8192
	maxLevels   = 15
	maxVersions = 100
)

var parameterName = regexp.MustCompile(`^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

type putInput struct {
	Name, Value, Type, Description, KeyID, AllowedPattern, Tier, DataType, Policies string
	Overwrite                                                                       bool
	Tags                                                                            []sim.Tag
}

func (s *Service) put(r *region, c *sim.Call, in *putInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	old := r.Parameters[in.Name]
	switch {
	case old != nil && !in.Overwrite:
		return nil, sim.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case old == nil && in.Type == "":
		return nil, sim.Errorf("ValidationException", "A parameter type is required when you create a parameter.")
	case in.Overwrite && len(in.Tags) > 0:
		return nil, sim.Errorf("ValidationException", "Invalid request: tags and overwrite can't be used together. To add tags to an existing parameter, use AddTagsToResource.")
	}
	v, err := s.next(old, c, in)
	if err != nil {
		return nil, err
	}
	if old == nil {
		old = &parameter{Name: in.Name, Tags: sim.Tagged(nil, in.Tags)}
		if r.Parameters == nil {
			r.Parameters = map[string]*parameter{}
		}
		r.Parameters[in.Name] = old
	}
	if old.Versions = append(old.Versions, v); len(old.Versions) > maxVersions {
		old.Versions = old.Versions[1:]
	}
	return map[string]any{"Version": v.Number, "Tier": v.Tier}, nil
}

func (in *putInput) check() error {
	levels := strings.Count(strings.TrimPrefix(in.Name, "/"), "/") + 1
	lower := strings.ToLower(strings.TrimPrefix(in.Name, "/"))
	switch {
	case !parameterName.MatchString(in.Name) || len(in.Name) > 1011:
		return sim.Errorf("ValidationException", "Parameter name: can't contain other characters than a-zA-Z0-9_.-/, and is at most 1011 long. Name: %q", in.Name)
	case strings.HasPrefix(strings.ToLower(in.Name), "/aws") && levels > 1:
		return sim.Errorf("AccessDeniedException", "No access to reserved parameter name: %s.", in.Name)
	case strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm"):
		return sim.Errorf("ValidationException", `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	case strings.Contains(in.Name, "/") && !strings.HasPrefix(in.Name, "/"):
		return sim.Errorf("ValidationException", "Parameter name must be a fully qualified name.")
	case levels > maxLevels:
		return sim.Errorf("HierarchyLevelLimitExceededException", "A parameter's name has at most %d levels, not %d.", maxLevels, levels)
	case in.Value == "":
		return sim.Errorf("ValidationException", "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case in.Policies != "":
		return sim.Errorf("InvalidPolicyTypeException", "the drill cloud has no parameter policies")
	case !slices.Contains([]string{"", "String", "StringList", "SecureString"}, in.Type):
		return sim.Errorf("UnsupportedParameterType", "The parameter type %s isn't supported.", in.Type)
	case !slices.Contains([]string{"", "Standard", "Advanced", "Intelligent-Tiering"}, in.Tier):
		return sim.Errorf("ValidationException", "The tier %s is not Standard, Advanced or Intelligent-Tiering.", in.Tier)
	}
	return nil
}

// next is the version that follows p's last one; what the request leaves out stays.
func (s *Service) next(p *parameter, c *sim.Call, in *putInput) (version, error) {
	v := version{Type: "String", Tier: "Standard", DataType: "text"}
	if p != nil {
		v = *p.last()
	}
	if in.Type == "SecureString" && v.Type != in.Type {
		v.Key = "alias/aws/ssm"
	}
	for _, o := range []struct {
		to   *string
		from string
	}{{&v.Value, in.Value}, {&v.Type, in.Type}, {&v.Description, in.Description}, {&v.Pattern, in.AllowedPattern}, {&v.DataType, in.DataType}, {&v.Key, in.KeyID}} {
		if o.from != "" {
			*o.to = o.from
		}
	}
	if v.Type != "SecureString" {
		v.Key = ""
	}
	if err := s.checkKey(c, &v); err != nil {
		return v, err
	}
	if v.Pattern != "" {
		re, err := regexp.Compile(v.Pattern)
		if err != nil {
			return v, sim.Errorf("InvalidAllowedPatternException", "The allowed pattern is not a regular expression: %v", err)
		}
		if !re.MatchString(v.Value) {
			return v, sim.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", v.Pattern)
		}
	}
	if err := v.tier(in.Tier); err != nil {
		return v, err
	}
	v.Number++
	v.Modified, v.Modifier = s.world.Now(), c.CallerARN
	return v, nil
}

// tier sets the tier that was asked for, or the one that the value needs.
func (v *version) tier(asked string) error {
	switch {
	case len(v.Value) > maxAdvanced:
		return sim.Errorf("ValidationException", "Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
	case asked == "Standard" && v.Tier == "Advanced":
		return sim.Errorf("ValidationException", "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case asked == "Advanced", asked == "Intelligent-Tiering" && len(v.Value) > maxStandard:
		v.Tier = "Advanced"
	case len(v.Value) > maxStandard && v.Tier == "Standard":
		return sim.Errorf("ValidationException", "Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.", maxStandard)
	}
	return nil
}
