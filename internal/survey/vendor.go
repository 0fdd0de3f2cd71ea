package survey

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// findVendored lists the modules that terraform fetched into a stack's .terraform folder, which the walk passes by.
func (s *surveyor) findVendored() {
	s.manifests = map[string]map[string]string{}
	for _, dir := range slices.Sorted(maps.Keys(s.folders)) {
		if !s.hasCode(dir) {
			continue
		}
		m := s.manifest(dir)
		if len(m) == 0 {
			continue
		}
		s.manifests[dir] = m
		for _, to := range m {
			s.vendor(dir, to)
		}
	}
}

// manifest reads which folder each of a stack's modules was fetched into.
func (s *surveyor) manifest(dir string) map[string]string {
	name := path.Join(dir, ".terraform/modules/modules.json")
	if info, err := fs.Stat(s.fs, name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f := s.read(name)
	var doc struct {
		Modules []struct {
			Key string `json:"Key"`
			Dir string `json:"Dir"`
		} `json:"Modules"`
	}
	if f == nil || json.Unmarshal(f.Src, &doc) != nil {
		return nil
	}
	out := map[string]string{}
	for _, m := range doc.Modules {
		if d := path.Join(dir, m.Dir); d != ".." && !strings.HasPrefix(d, "../") && m.Key != "" {
			out[m.Key] = d
		}
	}
	return out
}

// vendor lists a fetched module's files.
func (s *surveyor) vendor(stack, dir string) {
	if l := s.folders[dir]; l != nil {
		if l.vendored && !slices.Contains(l.callers, stack) {
			l.callers = append(l.callers, stack)
		}
		return
	}
	entries, err := fs.ReadDir(s.fs, dir)
	if err != nil {
		return
	}
	l := &listing{dir: dir, vendored: true, callers: []string{stack}}
	for _, d := range entries {
		if p := path.Join(dir, d.Name()); isCode(d.Name()) && s.regular(p, d) {
			l.code = append(l.code, p)
		}
	}
	s.folders[dir] = l
}
