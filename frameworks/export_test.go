package frameworks_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/document"
)

// What is exported can be read back, and says the same of every control.
func TestExportOfEveryFramework(t *testing.T) {
	t.Parallel()
	l := library(t)
	for _, f := range l.Frameworks() {
		for _, format := range []string{frameworks.FormatYAML, frameworks.FormatJSON} {
			text, err := frameworks.Export(l, f, format)
			if err != nil {
				t.Fatal(err)
			}
			again, err := frameworks.ParseFramework("copy."+format, text)
			if err != nil {
				t.Fatalf("%s as %s: %v", f.ID, format, err)
			}
			if err := again.Verify(l); err != nil || len(again.Controls) != len(f.Controls) || again.Title != f.Title {
				t.Errorf("%s as %s: %v", f.ID, format, err)
			}
			for _, c := range f.Controls {
				if diff := cmp.Diff(names(f.Checks(l, c.ID)), names(again.Checks(l, c.ID))); diff != "" {
					t.Errorf("%s %s as %s: %s", f.ID, c.ID, format, diff)
				}
			}
		}
	}
	if _, err := frameworks.Export(l, l.Framework("hipaa"), "xml"); err == nil {
		t.Error("xml is exported")
	}
}

func names(checks []*frameworks.Check) []string {
	var ids []string
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestAssignedChecks(t *testing.T) {
	t.Parallel()
	l := library(t)
	const text = "framework: house-rules\ntitle: Our rules\nsource: us\nlicence: ours\ncontrols:\n  - {id: R1, title: SSH, checks: [ssh-root-login, ssh-root-login, uid-zero], modules: [identity]}\n  - {id: R2, title: Paper}\n"
	f, err := frameworks.ParseFramework("house-rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(l); err != nil {
		t.Error(err)
	}
	if got := names(f.Checks(l, "R1")); cmp.Diff([]string{"ssh-root-login", "uid-zero"}, got) != "" || f.Checks(l, "R2") != nil || f.Checks(l, "R3") != nil {
		t.Errorf("got %v", got)
	}
	score := frameworks.ScoreFrameworkTallies(l, f, map[string]frameworks.Tally{"ssh-root-login": {Pass: 1, Fail: 1}, "uid-zero": {Waived: 1}, "telnet-listening": {Fail: 9}})
	w1, w2 := l.Check("ssh-root-login").Weight, l.Check("uid-zero").Weight
	if score.Percent != 50 || score.Strict != 100*float64(w1)/float64(2*w1+w2) || score.Covered != 1 {
		t.Errorf("got %+v", score)
	}
	bad, err := frameworks.ParseFramework("f.yaml", []byte(strings.Replace(text, "uid-zero", "no-such", 1)))
	if err != nil {
		t.Fatal(err)
	}
	var placed *document.Error
	if err := bad.Verify(l); !errors.As(err, &placed) || placed.Line != 6 {
		t.Errorf("error is %v", err)
	}
}

func TestMappings(t *testing.T) {
	t.Parallel()
	l := library(t)
	c := l.Check("ssh-host-based")
	if c.Derived["iso27001-2022"] != frameworks.Published || c.Derived["nist-800-53r5"] != "" || c.Derived["soc2"] != frameworks.Ours || len(c.Controls["soc2"]) == 0 {
		t.Errorf("controls %v, derived %v", c.Controls, c.Derived)
	}
	if l.Check("ssh-root-login").Derived["iso27001-2022"] != "" {
		t.Error("a mapping overrides what a check says itself")
	}
	head := "# from: a\n# to: b\n# basis: ours\n# source: s\n# licence: l\nfrom,to\n"
	m, err := frameworks.ParseMapping("a--b.csv", []byte(head+"AC-6,X Y\nAC-6(9),Z\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"X", "Y", "Z"}, m.Of([]string{"AC-6(9)", "AC-6(2)", "AC-7"})); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		head + "AC-6,\n":                      "a.csv:7:1: a line names a control once",
		head + "AC-6,X\nAC-6,Y\n":             "a.csv:8:1: a line names a control once",
		head + "AC-6\n":                       "a.csv:7:1: wrong number of fields",
		"# from: a\nfrom,to\n":                "to is missing",
		strings.Replace(head, "ours", "x", 1): "a.csv:1:1: basis is published or ours",
		"# nope: a\nfrom,to\n":                "a.csv:1:1: the head has one line",
		strings.Replace(head, ",to", "", 1):   "wrong number of fields",
	} {
		if _, err := frameworks.ParseMapping("a.csv", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func FuzzParseListing(f *testing.F) {
	f.Add("# framework: a\n# title: t\n# source: s\n# licence: l\nid,group,title,baselines\nA.1,g,t,LOW HIGH\n")
	f.Add("# from: a\n# to: b\n# basis: ours\n# source: s\n# licence: l\nfrom,to\nA,\"B\nC\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		var placed *document.Error
		if _, err := frameworks.ParseFramework("f.csv", []byte(text)); err != nil && !errors.As(err, &placed) {
			t.Errorf("error %v has no place", err)
		}
		if _, err := frameworks.ParseMapping("m.csv", []byte(text)); err != nil && !errors.As(err, &placed) {
			t.Errorf("error %v has no place", err)
		}
	})
}
