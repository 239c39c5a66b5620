package check

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/tenantra/tenantra/frameworks"
)

type jsonReport struct {
	Version    string          `json:"tenantra_version"`
	Hostname   string          `json:"hostname"`
	OS         string          `json:"os"`
	OSVersion  string          `json:"os_version"`
	Platform   string          `json:"platform"`
	Started    time.Time       `json:"started_at"`
	Seconds    float64         `json:"seconds"`
	Score      float64         `json:"score"`
	Counts     jsonCounts      `json:"counts"`
	Frameworks []jsonFramework `json:"frameworks"`
	Results    []jsonResult    `json:"results"`
}

type jsonCounts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	NotApplicable int `json:"not_applicable"`
	Error         int `json:"error"`
}

type jsonFramework struct {
	ID       string  `json:"framework"`
	Title    string  `json:"title"`
	Percent  float64 `json:"score"`
	Controls int     `json:"controls"`
	Covered  int     `json:"controls_with_checks"`
	Judged   int     `json:"controls_judged"`
	Met      int     `json:"controls_met"`
}

type jsonResult struct {
	Check    string              `json:"check"`
	Title    string              `json:"title"`
	Severity frameworks.Severity `json:"severity"`
	Weight   int                 `json:"weight"`
	Verdict  frameworks.Verdict  `json:"verdict"`
	Message  string              `json:"message,omitempty"`
	Expected string              `json:"expected,omitempty"`
	Fix      string              `json:"fix,omitempty"`
	Risk     string              `json:"risk,omitempty"`
	Failing  []jsonRow           `json:"failing,omitempty"`
	Controls map[string][]string `json:"controls"`
	Version  string              `json:"version"`
}

type jsonRow struct {
	Row     map[string]any `json:"row"`
	Columns []string       `json:"failing_columns"`
}

// WriteJSON writes one JSON object.
func (r *Report) WriteJSON(w io.Writer, l *frameworks.Library, version string) error {
	out := jsonReport{
		Version: version, Hostname: r.Machine.Hostname, OS: r.Machine.OS, OSVersion: r.Machine.OSVersion, Platform: r.Machine.Platform,
		Started: r.Started.UTC(), Seconds: r.Duration.Seconds(), Score: r.Score.Percent,
		Counts:     jsonCounts{Pass: r.Score.Passed, Fail: r.Score.Failed, NotApplicable: r.Score.NotApplicable, Error: r.Score.Errors},
		Frameworks: []jsonFramework{}, Results: []jsonResult{},
	}
	for _, line := range r.Lines(l) {
		out.Frameworks = append(out.Frameworks, jsonFramework(line))
	}
	for _, result := range r.Results {
		line := jsonResult{
			Check: result.Check.ID, Title: result.Check.Title, Severity: result.Check.Severity, Weight: result.Check.Weight, Verdict: result.Verdict,
			Message: result.Message, Expected: result.Expected, Fix: result.Fix, Risk: result.Risk, Controls: result.Check.Controls, Version: result.Check.Version,
		}
		for _, blame := range result.Failing {
			line.Failing = append(line.Failing, jsonRow{result.Rows[blame.Row], blame.Columns})
		}
		out.Results = append(out.Results, line)
	}
	return encode(w, out)
}

func encode(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
