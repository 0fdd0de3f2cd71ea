package ssm

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type output struct {
	ARN              string
	DataType         string
	LastModifiedDate *float64
	Name             string
	Selector         string `json:",omitempty"`
	Type             string
	Value            string
	Version          int
}

// shown is a value for a caller. Without decryption a SecureString is a text that says nothing about it.
func (v *version) shown(decrypt bool) string {
	if v.Type != "SecureString" || decrypt {
		return v.Value
	}
	sum := sha256.Sum256([]byte(v.Value + v.Modified.String()))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// output shows a version. A SecureString is decrypted by its key, or not at all (GetParameter, Errors: InvalidKeyId).
func (s *Service) output(c *sim.Call, p *parameter, v *version, selector string, decrypt bool) (output, error) {
	if decrypt {
		if err := s.checkKey(c, v); err != nil {
			return output{}, err
		}
	}
	return output{arn(c, p.Name), v.DataType, sim.Epoch(v.Modified), p.Name, selector, v.Type, v.shown(decrypt), v.Number}, nil
}

// checkKey refuses a version whose key KMS does not use.
func (s *Service) checkKey(c *sim.Call, v *version) error {
	if f := sim.KeyFault(s.keys, c.Scope, v.Key); f != nil {
		return sim.Errorf("InvalidKeyId", "%s (Service: AWSKMS; Status Code: %d; Error Code: %s)", f.Message, f.HTTPStatus(), f.Code)
	}
	return nil
}

// selected resolves name, name:version, and the ARNs of both.
func (s *Service) selected(r *region, c *sim.Call, id string, decrypt bool) (output, error) {
	if p, err := find(r, c, id); err == nil {
		return s.output(c, p, p.last(), "", decrypt)
	}
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return output{}, notFound(id)
	}
	p, err := find(r, c, id[:i])
	if err != nil {
		return output{}, notFound(id)
	}
	for j := range p.Versions {
		if strconv.Itoa(p.Versions[j].Number) == id[i+1:] {
			return s.output(c, p, &p.Versions[j], id[i:], decrypt)
		}
	}
	return output{}, sim.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s.", id[i+1:], p.Name)
}

type getInput struct {
	Name             string
	Names            []string
	WithDecryption   bool
	MaxResults       int
	NextToken        string
	Path             string
	Recursive        bool
	ParameterFilters []filter
	Filters          []filter
}

func (s *Service) get(r *region, c *sim.Call, in *getInput) (any, error) {
	out, err := s.selected(r, c, in.Name, in.WithDecryption)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Parameter": out}, nil
}

func (s *Service) getMany(r *region, c *sim.Call, in *getInput) (any, error) {
	if len(in.Names) == 0 || len(in.Names) > 10 {
		return nil, sim.Errorf("ValidationException", "GetParameters takes 1 to 10 names, not %d", len(in.Names))
	}
	found, invalid := []output{}, []string{}
	for _, n := range in.Names {
		out, err := s.selected(r, c, n, in.WithDecryption)
		if err != nil && sim.AsError(err).Code == "InvalidKeyId" {
			return nil, err
		}
		if err != nil {
			invalid = append(invalid, n)
			continue
		}
		found = append(found, out)
	}
	return map[string]any{"Parameters": found, "InvalidParameters": invalid}, nil
}

func (s *Service) getByPath(r *region, c *sim.Call, in *getInput) (any, error) {
	if !strings.HasPrefix(in.Path, "/") {
		return nil, sim.Errorf("ValidationException", "The parameter doesn't meet the parameter name requirements. The path must begin with a forward slash \"/\".")
	}
	option := "OneLevel"
	if in.Recursive {
		option = "Recursive"
	}
	all, err := r.matching(append(in.ParameterFilters, filter{Key: "Path", Option: option, Values: []string{in.Path}}))
	if err != nil {
		return nil, err
	}
	part, next, err := sim.Page(all, in.NextToken, in.MaxResults, 10)
	out := make([]output, len(part))
	for i, p := range part {
		if out[i], err = s.output(c, p, p.last(), "", in.WithDecryption); err != nil {
			return nil, err
		}
	}
	return listed("Parameters", out, next), err
}

func listed(name string, items any, next string) map[string]any {
	out := map[string]any{name: items}
	if next != "" {
		out["NextToken"] = next
	}
	return out
}

func (s *Service) history(r *region, c *sim.Call, in *getInput) (any, error) {
	p, err := find(r, c, in.Name)
	if err != nil {
		return nil, err
	}
	part, next, err := sim.Page(p.Versions, in.NextToken, in.MaxResults, 50)
	out := make([]map[string]any, len(part))
	for i := range part {
		if in.WithDecryption {
			if err := s.checkKey(c, &part[i]); err != nil {
				return nil, err
			}
		}
		out[i] = p.metadata(c, &part[i])
		out[i]["Value"] = part[i].shown(in.WithDecryption)
	}
	return listed("Parameters", out, next), err
}

func (p *parameter) metadata(c *sim.Call, v *version) map[string]any {
	out := map[string]any{
		"ARN": arn(c, p.Name), "Name": p.Name, "Type": v.Type, "Version": v.Number, "Tier": v.Tier, "DataType": v.DataType,
		"LastModifiedDate": sim.Epoch(v.Modified), "LastModifiedUser": v.Modifier, "Policies": []any{},
	}
	for name, text := range map[string]string{"Description": v.Description, "KeyId": v.Key, "AllowedPattern": v.Pattern} {
		if text != "" {
			out[name] = text
		}
	}
	return out
}

func (s *Service) describe(r *region, c *sim.Call, in *getInput) (any, error) {
	all, err := r.matching(append(in.ParameterFilters, in.Filters...))
	if err != nil {
		return nil, err
	}
	part, next, err := sim.Page(all, in.NextToken, in.MaxResults, 50)
	out := make([]map[string]any, len(part))
	for i, p := range part {
		out[i] = p.metadata(c, p.last())
	}
	return listed("Parameters", out, next), err
}

// filter is a ParameterStringFilter, or one of the older Filters, whose names match by their beginning.
type filter struct {
	Key, Option string
	Values      []string
}

func (r *region) matching(filters []filter) ([]*parameter, error) {
	for _, f := range filters {
		switch {
		case slices.Contains([]string{"Name", "Type", "KeyId", "Path", "Tier", "DataType"}, f.Key), strings.HasPrefix(f.Key, "tag:"):
		default:
			return nil, sim.Errorf("InvalidFilterKey", "the drill cloud does not filter parameters by %q", f.Key)
		}
		if !slices.Contains([]string{"", "Equals", "BeginsWith", "Contains", "OneLevel", "Recursive"}, f.Option) {
			return nil, sim.Errorf("InvalidFilterOption", "The filter option %q is not valid.", f.Option)
		}
	}
	var out []*parameter
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		p := r.Parameters[name]
		if !slices.ContainsFunc(filters, func(f filter) bool { return !f.takes(p) }) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f filter) takes(p *parameter) bool {
	text, ok := p.property(f.Key)
	if f.Key == "Path" {
		return slices.ContainsFunc(f.Values, func(path string) bool {
			rest, under := strings.CutPrefix(p.Name, strings.TrimSuffix(path, "/")+"/")
			return under && (f.Option == "Recursive" || !strings.Contains(rest, "/"))
		})
	}
	if len(f.Values) == 0 {
		return ok
	}
	return ok && slices.ContainsFunc(f.Values, func(v string) bool {
		switch f.Option {
		case "BeginsWith":
			return strings.HasPrefix(text, v)
		case "Contains":
			return strings.Contains(text, v)
		}
		return text == v
	})
}

func (p *parameter) property(key string) (text string, ok bool) {
	v := p.last()
	switch key {
	case "Name":
		return p.Name, true
	case "Type":
		return v.Type, true
	case "KeyId":
		return v.Key, v.Key != ""
	case "Tier":
		return v.Tier, true
	case "DataType":
		return v.DataType, true
	}
	text, ok = p.Tags[strings.TrimPrefix(key, "tag:")]
	return text, ok
}
