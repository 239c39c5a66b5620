package check

import (
	"io"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/frameworks"
)

// The parts of SARIF 2.1.0 (OASIS) that a report needs.
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
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string         `json:"id"`
		Short         sarifText      `json:"shortDescription"`
		Full          sarifText      `json:"fullDescription"`
		Help          sarifText      `json:"help"`
		Configuration sarifLevel     `json:"defaultConfiguration"`
		Properties    sarifRuleTexts `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifRuleTexts struct {
		Tags     []string `json:"tags"`
		Severity string   `json:"security-severity"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Kind      string          `json:"kind"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

// sarifLocations bounds the places of one failure.
const sarifLocations = 20

// WriteSARIF writes the report as a log of SARIF 2.1.0: a rule for each check, a result for each verdict. A failing row
// that names a file is a location.
func (r *Report) WriteSARIF(w io.Writer, version string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "tenantra-agent check", Version: version, Rules: []sarifRule{}}}, Results: []sarifResult{}}
	for i, result := range r.Results {
		c := result.Check
		level, number := sarifSeverity(c.Severity)
		tags := []string{"security"}
		for _, id := range c.Controls["nist-800-53r5"] {
			tags = append(tags, "nist-800-53r5/"+id)
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: c.ID, Short: sarifText{c.Title}, Full: sarifText{c.Why}, Help: sarifText{c.Expected.String()},
			Configuration: sarifLevel{level}, Properties: sarifRuleTexts{tags, number},
		})
		out := sarifResult{RuleID: c.ID, RuleIndex: i, Level: "none", Message: sarifText{orElse(result.Message, c.Title)}}
		switch result.Verdict {
		case frameworks.Pass:
			out.Kind = "pass"
		case frameworks.NotApplicable:
			out.Kind = "notApplicable"
		case frameworks.Error:
			out.Kind = "open"
		default:
			out.Kind, out.Level = "fail", level
			if result.Fix != "" {
				out.Message.Text += " " + result.Fix
			}
			out.Locations = result.places()
		}
		run.Results = append(run.Results, out)
	}
	return encode(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifSeverity gives the level, and the number by which scanners sort.
func sarifSeverity(s frameworks.Severity) (level, number string) {
	switch s {
	case frameworks.Critical:
		return "error", "9.5"
	case frameworks.High:
		return "error", "8.0"
	case frameworks.Medium:
		return "warning", "5.5"
	default:
		return "note", "3.0"
	}
}

// places gives the files that failing rows name in a column path or source.
func (r *Result) places() []sarifLocation {
	var out []sarifLocation
	for _, blame := range r.Failing {
		row := r.Rows[blame.Row]
		path := text(row["path"])
		if path == "" {
			path = text(row["source"])
		}
		if !strings.HasPrefix(path, "/") || len(out) == sarifLocations {
			continue
		}
		place := sarifPhysical{Artifact: sarifArtifact{"file://" + escapePath(path)}}
		for _, column := range []string{"line", "line_number"} {
			if n, err := strconv.Atoi(text(row[column])); err == nil && n > 0 {
				place.Region = &sarifRegion{n}
			}
		}
		out = append(out, sarifLocation{place})
	}
	return out
}

// escapePath writes a path for a URI: what RFC 3986 does not allow there is a % and two digits.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case c == '/' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._~!$&'()*+,;=:@", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)+0x100, 16)[1:]))
		}
	}
	return b.String()
}
