package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// importName is the file of generated import blocks in the stack's folder.
const importName = "zz_lifeboat_import.tf"

// limited refuses more than maxShown bytes.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxShown {
		return 0, fmt.Errorf("a plan of more than %d MB", maxShown>>20)
	}
	return l.Buffer.Write(b)
}

// ParseDetail reads what `show -json` says of a plan.
func ParseDetail(text []byte) (*Detail, error) {
	var doc shown
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, errors.New("the plan cannot be read as JSON") // the error would quote it, and it holds secrets
	}
	if !strings.HasPrefix(doc.Format, "1.") {
		return nil, fmt.Errorf("the plan is in format %q; Lifeboat knows format 1", doc.Format)
	}
	d := &Detail{providers: doc.Configuration.Providers, variables: doc.Variables, root: doc.Configuration.Root}
	for _, c := range doc.Changes {
		if c.Mode != "managed" || c.Deposed != "" {
			continue
		}
		r := Resource{
			Address: c.Address, Module: c.Module, Type: c.Type, Name: c.Name, Key: c.Index, Source: c.Source,
			Action: strings.Join(c.Change.Actions, " "), Before: c.Change.Before, After: c.Change.After,
		}
		r.Unknown, _ = c.Change.Unknown.(map[string]any)
		if len(c.Change.Actions) == 2 {
			r.Action = "replace"
		}
		if c.Change.Importing != nil {
			r.Import = c.Change.Importing.ID
		}
		d.Resources = append(d.Resources, r)
	}
	return d, nil
}

// Import says that a resource of the code is one that lives.
type Import struct {
	To string // address
	ID string // as the provider's documentation of the type says
}

// Imports writes import blocks into the working copy, in place of those that were there. They need Terraform 1.5 or OpenTofu 1.6, which every
// binary that Open takes is. A block for what the state has already does nothing.
func (w *Work) Imports(list []Import) error {
	var b strings.Builder
	b.WriteString("# Written by Lifeboat: what lives is adopted.\n")
	for _, i := range list {
		fmt.Fprintf(&b, "\nimport {\n  to = %s\n  id = %s\n}\n", i.To, Quote(i.ID))
	}
	return writeFile(filepath.Join(w.stack, importName), []byte(b.String()))
}
