package apigateway

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// row is a line of an import: a key and the plans that it joins.
type row struct {
	apiKey
	plans []string
}

// rows reads a file of keys (API Gateway Developer Guide, "API Gateway API key file format"): comma-separated, its first line names
// the columns, Name and Key among them.
func rows(file []byte) ([]row, error) {
	in := csv.NewReader(bytes.NewReader(file))
	in.TrimLeadingSpace = true
	lines, err := in.ReadAll()
	if err != nil {
		return nil, bad("Failed to parse the API key file: %v", err)
	}
	if len(lines) == 0 {
		return nil, bad("Failed to parse the API key file: it has no header line")
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"name", "key"} {
		if _, ok := column[name]; !ok {
			return nil, bad("Failed to parse the API key file: it has no column %q", name)
		}
	}
	out := make([]row, 0, len(lines)-1)
	for _, line := range lines[1:] {
		cell := func(name string) string {
			if i, ok := column[name]; ok {
				return strings.TrimSpace(line[i])
			}
			return ""
		}
		k := row{apiKey: apiKey{Name: cell("name"), Value: cell("key"), Description: cell("description"), Enabled: !strings.EqualFold(cell("enabled"), "false")}}
		k.plans = strings.FieldsFunc(cell("usageplanids"), func(r rune) bool { return r == ',' || r == ' ' })
		out = append(out, k)
	}
	return out, nil
}

// importKeys makes the keys of a file. A key that cannot be made is a warning; with failonwarnings one warning undoes all.
func (s *Service) importKeys(r *region, q *request) (any, error) {
	if format := q.query.Get("format"); format != "csv" {
		return nil, bad("Invalid API key file format specified. Must be one of: [csv]: %q", format)
	}
	keys, err := rows(q.body)
	if err != nil {
		return nil, err
	}
	before := maps.Clone(r.Keys)
	ids, warnings := []string{}, []string{}
	for i := range keys {
		k := &keys[i]
		switch err := s.importKey(r, k); {
		case err != nil:
			warnings = append(warnings, fmt.Sprintf("API key %q on line %d: %v", k.Name, i+2, err)) // never the value
		default:
			ids = append(ids, k.ID)
		}
	}
	if len(warnings) > 0 && q.query.Get("failonwarnings") == "true" {
		for _, p := range r.Plans {
			p.Keys = slices.DeleteFunc(p.Keys, func(id string) bool { return slices.Contains(ids, id) })
		}
		r.Keys = before
		return nil, bad("Warnings found during import: [%s]", strings.Join(warnings, ", "))
	}
	return struct {
		IDs      []string `json:"ids"`
		Warnings []string `json:"warnings"`
	}{ids, warnings}, nil
}

func (s *Service) importKey(r *region, k *row) error {
	if k.Value == "" {
		return bad("the key is empty")
	}
	for _, id := range k.plans {
		if r.Plans[id] == nil {
			return missing("Usage Plan ID")
		}
	}
	if err := s.keep(r, &k.apiKey); err != nil {
		return err
	}
	for _, id := range k.plans {
		r.Plans[id].Keys = append(r.Plans[id].Keys, k.ID)
	}
	return nil
}
