package check_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/check"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

var update = flag.Bool("update", false, "write the golden files")

// onImage makes a machine of files and gives its engine with the embedded Linux checks.
func onImage(t *testing.T, files map[string]string) (*frameworks.Library, *engine.Engine) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil { // #nosec G306 -- a fixture
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: h, Pool: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l, err := frameworks.LoadFor(frameworks.Embedded(), tables.Linux, e)
	if err != nil {
		t.Fatal(err)
	}
	return l, e
}

var sample = map[string]string{
	"/etc/os-release":             "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n",
	"/etc/ssh/sshd_config":        "PermitRootLogin yes\nX11Forwarding yes\n",
	"/etc/passwd":                 "root:x:0:0::/root:/bin/bash\nto\x1b[31mor:x:0:0::/:/bin/sh\n",
	"/proc/sys/kernel/sysrq":      "0\n",
	"/var/lib/dpkg/status":        "Package: telnetd\nStatus: install ok installed\nVersion: 0.17\nArchitecture: amd64\n\n",
	"/etc/security/faillock.conf": "deny = 50\n",
}

func report(t *testing.T, ids ...string) (*check.Report, *frameworks.Library) {
	t.Helper()
	l, e := onImage(t, sample)
	checks := l.Checks()
	if len(ids) > 0 {
		checks = slices.DeleteFunc(checks, func(c *frameworks.Check) bool { return !slices.Contains(ids, c.ID) })
	}
	r, err := check.Run(t.Context(), check.Options{Library: l, Engine: e, Checks: checks})
	if err != nil {
		t.Fatal(err)
	}
	r.Started, r.Duration = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 1500*time.Millisecond
	r.Machine.Hostname = "web-1"
	return r, l
}

var few = []string{"ssh-root-login", "ssh-x11-forwarding", "uid-zero", "sysctl-sysrq", "package-telnet-server-absent", "empty-passwords", "audit-accounts", "lockout-tries"}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil { // #nosec G306 -- a fixture in the tree
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update, then read what it wrote)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (- want, + got)\n%s", name, diff)
	}
}

// The reports are what people and programs read: each has a golden file.
func TestReports(t *testing.T) {
	t.Parallel()
	r, l := report(t, few...)
	r.Machine.OS, r.Machine.OSVersion = "Debian GNU/Linux", "12"
	focus, err := check.NewFocus(l, "cis-debian12", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(b *bytes.Buffer) error{
		"report.txt": func(b *bytes.Buffer) error { return r.WriteText(b, check.TextOptions{Library: l, All: true}) },
		"narrow-color.txt": func(b *bytes.Buffer) error {
			return r.WriteText(b, check.TextOptions{Library: l, Focus: focus, Color: true, Width: 60})
		},
		"report.json":  func(b *bytes.Buffer) error { return r.WriteJSON(b, l, "1.0") },
		"report.sarif": func(b *bytes.Buffer) error { return r.WriteSARIF(b, "1.0") },
		"report.xml":   func(b *bytes.Buffer) error { return r.WriteJUnit(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if i := strings.Index(text, "\nFRAMEWORKS"); i >= 0 { // the sums of all frameworks change with every check
			end := strings.Index(text[i:], "controls\n\n")
			if !strings.Contains(text[i:i+end], "NIST SP 800-53 Rev. 5") {
				t.Errorf("the frameworks are missing: %s", text[i:])
			}
			text = text[:i] + text[i+end+len("controls\n"):]
		}
		if name == "report.json" {
			var decoded map[string]any
			if err := json.Unmarshal(b.Bytes(), &decoded); err != nil {
				t.Fatal(err)
			}
			delete(decoded, "frameworks")
			for _, result := range decoded["results"].([]any) {
				delete(result.(map[string]any), "version")
			}
			again, err := json.MarshalIndent(decoded, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			text = string(again) + "\n"
		}
		golden(t, name, []byte(text))
		if strings.ContainsRune(text, 0x1b) && name != "narrow-color.txt" {
			t.Errorf("%s: text of the machine reaches the terminal", name)
		}
	}
}

// Every report of all checks is one that its readers can read.
func TestFormatsOfAllChecks(t *testing.T) {
	t.Parallel()
	r, l := report(t)
	if len(r.Results) < 250 || r.Worst() != frameworks.Critical {
		t.Errorf("%d results, the worst %q", len(r.Results), r.Worst())
	}
	var sarif, junit, text, asJSON bytes.Buffer
	for _, err := range []error{r.WriteSARIF(&sarif, "1"), r.WriteJUnit(&junit), r.WriteText(&text, check.TextOptions{Library: l, All: true}), r.WriteJSON(&asJSON, l, "1")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Kind      string
				Level     string
			}
		}
	}
	if err := json.Unmarshal(sarif.Bytes(), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v %+v", err, log)
	}
	for _, result := range log.Runs[0].Results {
		if log.Runs[0].Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID || (result.Kind == "fail") == (result.Level == "none") {
			t.Errorf("%+v", result)
		}
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(junit.Bytes(), &suites); err != nil || suites.Tests != len(r.Results) || suites.Failures != r.Score.Failed {
		t.Errorf("%v %+v", err, suites)
	}
	if !json.Valid(asJSON.Bytes()) {
		t.Error("the JSON is none")
	}
}

func TestProgressCountsEveryCheck(t *testing.T) {
	t.Parallel()
	l, e := onImage(t, sample)
	last, calls := 0, 0
	_, err := check.Run(t.Context(), check.Options{Library: l, Engine: e, Checks: l.Checks()[:20], Progress: func(done, total int, title string) {
		calls++
		if done != last+1 || total != 20 || title == "" {
			t.Errorf("%d of %d after %d: %s", done, total, last, title)
		}
		last = done
	}})
	if err != nil || calls != 20 {
		t.Errorf("%d calls: %v", calls, err)
	}
	var b bytes.Buffer
	bar := check.NewProgress(&b, 40)
	bar.Update(1, 2, "a \x1b[31mtitle that is much too long for the line")
	bar.Clear()
	if got := b.String(); strings.Count(got, "\x1b") != 2 || !strings.Contains(got, "1/2") {
		t.Errorf("%q", got)
	}
}

func TestFocus(t *testing.T) {
	t.Parallel()
	l, _ := onImage(t, nil)
	low, err := check.NewFocus(l, "nist-800-53r5", "low")
	if err != nil {
		t.Fatal(err)
	}
	high, err := check.NewFocus(l, "nist-800-53r5", "HIGH")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := len(low.Checks(l)), len(high.Checks(l)); a == 0 || a >= b {
		t.Errorf("LOW has %d checks, HIGH %d", a, b)
	}
	for _, c := range []struct{ id, baseline, want string }{
		{"nist", "", "there are cis-debian12"}, {"hipaa", "LOW", "has no baselines"}, {"nist-800-53r5", "ULTRA", "it has HIGH, LOW"},
	} {
		if _, err := check.NewFocus(l, c.id, c.baseline); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.id, c.baseline, err)
		}
	}
}
