package check

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/tenantra/tenantra/frameworks"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Seconds  string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Hostname string      `xml:"hostname,attr"`
		Time     string      `xml:"timestamp,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Failure *junitText `xml:"failure"`
		Error   *junitText `xml:"error"`
		Skipped *junitText `xml:"skipped"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the report as test runners do: a suite for each severity, a test for each check.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "tenantra-agent check", Seconds: fmt.Sprintf("%.3f", r.Duration.Seconds())}
	for _, result := range r.Results {
		name := string(result.Check.Severity)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != name {
			all.Suites = append(all.Suites, junitSuite{Name: name, Hostname: r.Machine.Hostname, Time: r.Started.UTC().Format("2006-01-02T15:04:05")})
		}
		suite := &all.Suites[len(all.Suites)-1]
		c := junitCase{Class: result.Check.ID, Name: result.Check.Title}
		switch result.Verdict {
		case frameworks.Fail:
			c.Failure = &junitText{result.Message, name, result.plain()}
			suite.Failures++
		case frameworks.Error:
			c.Error = &junitText{Message: result.Message}
			suite.Errors++
		case frameworks.NotApplicable:
			c.Skipped = &junitText{Message: result.Message}
			suite.Skipped++
		}
		suite.Tests++
		suite.Cases = append(suite.Cases, c)
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// plain is a failure's evidence and advice as text.
func (r *Result) plain() string {
	var b strings.Builder
	for _, blame := range r.Failing {
		for i, c := range r.cells(blame) {
			if i > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, "%s=%s", c.column, c.value)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Wanted: %s\nFix: %s\nRisk: %s\n", r.Expected, r.Fix, r.Risk)
	return b.String()
}
