package survey

import (
	"path"
	"strings"
)

// findAbsent looks for the archives that functions are made from.
func (s *surveyor) findAbsent() {
	for _, st := range s.inv.Stacks {
		for _, r := range st.Resources {
			if r.Mode != Managed || r.Type != "aws_lambda_function" && r.Type != "aws_lambda_layer_version" {
				continue
			}
			for _, in := range r.Instances {
				v := in.Body.Get("filename")
				if p, known := v.Str(); known && archive(p) && !s.hasArchive(st, p) && !makes(st, path.Base(p)) {
					s.inv.Absent = append(s.inv.Absent, &Absent{Stack: st.Name, Address: r.Address, Path: s.likely(st, p), At: v.Span})
				}
			}
		}
	}
}

// archive tells whether a file is a package of a function's code, which no survey reads.
func archive(name string) bool {
	return strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".jar")
}

// hasArchive tells whether a file is there: from the tree's root, as path.module gives it, or from the folder in which terraform runs. One that is
// not in the tree at all may be.
func (s *surveyor) hasArchive(st *Stack, p string) bool {
	here := path.Join(st.Dir, p)
	return path.IsAbs(p) || strings.HasPrefix(here, "../") || s.built[path.Clean(p)] || s.built[here]
}

// likely is where a file is expected to be.
func (s *surveyor) likely(st *Stack, p string) string {
	if s.folders[path.Dir(path.Clean(p))] != nil || strings.HasPrefix(p, st.Dir+"/") {
		return path.Clean(p)
	}
	return path.Join(st.Dir, p)
}

// makes tells whether anything else in a stack speaks of a file: an archive_file that writes it, a program that is run.
func makes(st *Stack, name string) bool {
	for _, r := range st.Resources {
		if strings.HasPrefix(r.Type, "aws_") {
			continue
		}
		for _, v := range r.Body.Leaves() {
			if strings.Contains(v.Show(), name) {
				return true
			}
		}
	}
	return false
}
