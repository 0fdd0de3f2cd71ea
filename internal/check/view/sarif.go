package view

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// The parts of SARIF 2.1.0 (OASIS) that code scanning reads.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		Name             string         `json:"name"`
		ShortDescription sarifText      `json:"shortDescription"`
		FullDescription  sarifText      `json:"fullDescription"`
		Help             sarifText      `json:"help"`
		HelpURI          string         `json:"helpUri"`
		Config           sarifConfig    `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// SARIF writes a report as SARIF 2.1.0.
func SARIF(w io.Writer, r *check.Report, version string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "lifeboat", Version: version, InformationURI: "https://github.com/lifeboat-dr/lifeboat"}}, Results: []sarifResult{}}
	index := map[string]int{}
	for i, rule := range check.Rules() {
		index[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(rule))
	}
	for _, f := range r.Findings {
		run.Results = append(run.Results, sarifResultOf(r, f, index))
	}
	for _, i := range r.Ignored {
		out := sarifResultOf(r, i.Finding, index)
		out.Suppressions = []sarifSuppression{{Kind: "inSource", Justification: i.Reason}}
		run.Results = append(run.Results, out)
	}
	return write(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// level is a severity in SARIF's words.
func level(s check.Severity) string {
	switch s {
	case check.High:
		return "error"
	case check.Medium:
		return "warning"
	default:
		return "note"
	}
}

func sarifRuleOf(r *check.Rule) sarifRule {
	return sarifRule{
		ID: r.ID, Name: pascal(r.Title), ShortDescription: sarifText{Text: r.Title}, FullDescription: sarifText{Text: r.Why}, HelpURI: r.Doc(),
		Help:       sarifText{Text: r.Fix + "\n\nSource: " + r.Source, Markdown: r.Fix + "\n\n[" + r.ID + "](" + r.Doc() + "). Source: " + r.Source},
		Config:     sarifConfig{level(r.Weights.Worst())},
		Properties: map[string]any{"tags": []string{"recovery", r.Family()}},
	}
}

// pascal is a title as an identifier, which SARIF wants for a rule's name.
func pascal(title string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

func sarifResultOf(r *check.Report, f check.Finding, index map[string]int) sarifResult {
	sum := sha256.Sum256([]byte(f.Rule.ID + "\n" + f.At.File + "\n" + f.Address + "\n" + f.Title))
	loc := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{(&url.URL{Path: r.Path(f.At.File)}).String()},
		Region:   sarifRegion{StartLine: max(1, f.At.Start.Line), StartColumn: max(1, f.At.Start.Column), EndLine: max(1, f.At.Start.Line, f.At.End.Line), EndColumn: f.At.End.Column},
	}}
	if f.At.End.Line < f.At.Start.Line || f.At.End.Line == f.At.Start.Line && f.At.End.Column <= f.At.Start.Column {
		loc.Physical.Region.EndColumn = 0
	}
	if f.Address != "" {
		loc.Logical = []sarifLogical{{f.Address}}
	}
	return sarifResult{
		RuleID: f.Rule.ID, RuleIndex: index[f.Rule.ID], Level: level(f.Severity), Message: sarifText{Text: f.Title + ". " + f.Why + " " + f.Fix}, Locations: []sarifLocation{loc},
		Fingerprints: map[string]string{"lifeboat/v1": hex.EncodeToString(sum[:16])}, Properties: map[string]any{"scenarios": words(f.Weights.Scenarios())},
	}
}

func words(in []check.Scenario) []string {
	out := []string{}
	for _, s := range in {
		out = append(out, s.String())
	}
	return out
}
