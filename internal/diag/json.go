package diag

// longestLine bounds what a document repeats of a file, in bytes. A longer line is left out.
const longestLine = 1000

// Schema names the JSON form of diagnostics and its version.
const Schema = "lifeboat.diagnostics/v1"

// Document is the JSON form of a List.
type Document struct {
	Schema      string   `json:"schema"`
	Valid       bool     `json:"valid"` // no errors
	Errors      int      `json:"errors"`
	Warnings    int      `json:"warnings"`
	Diagnostics []Record `json:"diagnostics"`
}

// Record is one diagnostic of a Document.
type Record struct {
	Severity string `json:"severity"` // error or warning
	Summary  string `json:"summary"`
	Detail   string `json:"detail,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Range    *Place `json:"range,omitempty"`
	Notes    []Also `json:"notes,omitempty"`
}

// Also is a further place that a Record speaks of.
type Also struct {
	Text  string `json:"text"`
	Range *Place `json:"range,omitempty"`
}

// Place is a Range with the text of the line that it starts on.
type Place struct {
	File  string `json:"file"`
	Start Point  `json:"start"`
	End   Point  `json:"end"`
	Line  string `json:"line,omitempty"`
}

// Point is a Pos: line and column start at 1, byte at 0.
type Point struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// NewDocument is the JSON form of a List, sorted.
func NewDocument(l List, sources Sources) Document {
	doc := Document{Schema: Schema, Valid: !l.HasErrors(), Diagnostics: make([]Record, 0, len(l))}
	for _, d := range l.Sorted() {
		if d.Severity == Warning {
			doc.Warnings++
		} else {
			doc.Errors++
		}
		r := Record{Severity: d.Severity.String(), Summary: d.Summary, Detail: d.Detail, Hint: d.Hint, Range: place(d.Subject, sources)}
		for _, n := range d.Notes {
			r.Notes = append(r.Notes, Also{Text: n.Text, Range: place(n.Range, sources)})
		}
		doc.Diagnostics = append(doc.Diagnostics, r)
	}
	return doc
}

func place(r Range, sources Sources) *Place {
	if r.File == "" {
		return nil
	}
	text, _, _, _ := sources.line(r)
	if len(text) > longestLine {
		text = nil
	}
	return &Place{File: r.File, Start: Point(r.Start), End: Point(r.End), Line: string(text)}
}
