package check_test

import (
	"encoding/csv"
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/check"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables/all"
)

// openscapResults names the XCCDF results of openscap on this machine:
//
//	oscap xccdf eval --profile '(all)' --results FILE /usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml
const openscapResults = "TENANTRA_OPENSCAP_RESULTS"

// comparison is a line of testdata/openscap.csv, from a Debian 12 with openscap 1.3.7 and ssg-debian 0.1.65 (content for
// Debian 11, told that the machine is one): what both say of the same thing, and where they differ who is right.
type comparison struct {
	check, openscap, ours, why string
}

// TestAgreesWithOpenSCAP compares the verdicts on this machine with openscap's. A difference that the file does not explain
// fails: one of both is wrong.
func TestAgreesWithOpenSCAP(t *testing.T) {
	t.Parallel()
	l, _ := onImage(t, nil)
	known, agreed := map[string][]comparison{}, 0
	for _, line := range compared(t) {
		c := comparison{line[1], line[2], line[3], line[4]}
		if l.Check(c.check) == nil {
			t.Errorf("%s: there is no check %s any more", line[0], c.check)
		}
		if (c.openscap == c.ours) != (c.why == "") {
			t.Errorf("%s: a difference, and only that, has a reason", line[0])
		}
		if c.why == "" {
			agreed++
		}
		known[line[0]] = append(known[line[0]], c)
	}
	if agreed < 30 {
		t.Errorf("only %d verdicts agree", agreed)
	}
	file := os.Getenv(openscapResults)
	if file == "" {
		t.Skipf("%s names no results of this machine", openscapResults)
	}
	ours := onThisMachine(t)
	for rule, verdict := range openscap(t, file) {
		for _, c := range known[rule] {
			got := ours[c.check]
			explained := c.why != "" && c.openscap == verdict && c.ours == string(got)
			if string(got) != verdict && !explained {
				t.Errorf("%s: openscap says %s, %s says %s", rule, verdict, c.check, got)
			}
		}
	}
}

func compared(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/openscap.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatal(lines, err)
	}
	return lines[1:]
}

// openscap reads the rules that passed or failed.
func openscap(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file) // #nosec G304 -- a developer names it
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Results []struct {
			Rule   string `xml:"idref,attr"`
			Result string `xml:"result"`
		} `xml:"TestResult>rule-result"`
	}
	if err := xml.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	byRule := map[string]string{}
	for _, r := range results.Results {
		if r.Result == "pass" || r.Result == "fail" {
			byRule[strings.TrimPrefix(r.Rule, "xccdf_org.ssgproject.content_rule_")] = r.Result
		}
	}
	return byRule
}

// onThisMachine gives the verdicts of all checks.
func onThisMachine(t *testing.T) map[string]frameworks.Verdict {
	t.Helper()
	h, err := host.New("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l, err := frameworks.LoadFor(frameworks.Embedded(), h.Platform(), e)
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(t.Context(), check.Options{Library: l, Engine: e, Checks: l.Checks()})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]frameworks.Verdict{}
	for _, result := range r.Results {
		verdicts[result.Check.ID] = result.Verdict
	}
	return verdicts
}
