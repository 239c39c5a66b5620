package frameworks_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

const goodCheck = `check: sample
title: A sample
platforms: [linux, darwin]
sql: SELECT username, uid FROM users WHERE uid = 0
pass: all(rows, .username in params.allowed)
params: {allowed: [root]}
severity: high
message: "{{ failing[0].username }} has id 0."
expected: "Only {{ params.allowed }}."
fix: sample
controls: {sample: [A.1]}
`

const goodFix = "fix: sample\ntext: \"Remove {{ failing[0].username }}.\"\nrisk: None.\n"

const goodFramework = "framework: sample\ntitle: Sample\nsource: us\nlicence: ours\ncontrols:\n  - {id: A.1, title: One, weight: 3}\n  - {id: A.2}\n"

func files(check, fix, framework string) fstest.MapFS {
	return fstest.MapFS{
		"checks/linux/sample.yaml": {Data: []byte(check)},
		"fixes/sample.yaml":        {Data: []byte(fix)},
		"catalogues/sample.yaml":   {Data: []byte(framework)},
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	l, err := frameworks.Load(files(goodCheck, goodFix, goodFramework), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	c := l.Check("sample")
	if c.Weight != 1 || c.Platforms != tables.Linux|tables.Darwin || c.Class != tables.ClassPersonal || strings.Join(c.Columns, " ") != "username uid" ||
		c.Interval.String() != "1h0m0s" || len(c.Version) != 16 {
		t.Errorf("got %+v", c)
	}
	if len(l.Framework("sample").Checks(l, "A.1")) != 1 || l.Framework("sample").Checks(l, "A.2") != nil {
		t.Error("the control's checks are wrong")
	}
	for text, same := range map[string]bool{
		goodCheck + "# a comment\n": true,
		strings.Replace(goodCheck, "allowed: [root]", "allowed: [root, toor]", 1): false,
		strings.Replace(goodCheck, "uid = 0", "uid < 1", 1):                       false,
	} {
		changed, err := frameworks.Load(files(text, goodFix, goodFramework), compilers(t))
		if err != nil || (changed.Check("sample").Version == c.Version) != same {
			t.Errorf("the version stays: want %v of %q: %v", same, text, err)
		}
	}
}

// Every mistake is told with its place, and a file with one is refused whole.
func TestLoadErrors(t *testing.T) {
	t.Parallel()
	change := func(old, new string) string {
		if !strings.Contains(goodCheck, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.Replace(goodCheck, old, new, 1)
	}
	for _, c := range []struct{ check, fix, framework, want string }{
		{change("SELECT username, uid", "SELECT usernam, uid"), "", "", "checks/linux/sample.yaml:4:13: on linux: no such column: usernam"},
		{change("FROM users", "FROM userz"), "", "", "checks/linux/sample.yaml:4:6: on linux: no such table: userz"},
		{change("FROM users WHERE uid = 0", "FROM shadow"), "", "", "no such column: uid"},
		{change("SELECT username, uid FROM users", "SELECT username, max AS uid FROM shadow"), "", "", "on darwin: "},
		{change("SELECT username, uid FROM users WHERE uid = 0", "DELETE FROM users"), "", "", "sample.yaml:4:"},
		{change(".username in", ".name in"), "", "", `checks/linux/sample.yaml:5:18: the rows have no column "name"; they have uid, username`},
		{change("params.allowed)", "params.alowed)"), "", "", "checks/linux/sample.yaml:5:37: unknown field alowed"},
		{change("pass: all(rows, .username in params.allowed)", "pass: len(rows)"), "", "", "expected bool, but got int"},
		{change("failing[0].username", "failing[0].user"), "", "", `checks/linux/sample.yaml:8:11: the rows have no column "user"`},
		{change("severity: high", "severity: urgent"), "", "", "7:11: severity is low, medium, high or critical"},
		{change("severity: high\n", ""), "", "", "severity is low"},
		{change("platforms: [linux, darwin]", "platforms: [linux, beos]"), "", "", `3:20: unknown platform "beos"`},
		{change("platforms: [linux, darwin]", "platforms: []"), "", "", "platforms names at least one"},
		{change("check: sample", "check: Sample One"), "", "", "1:8: check is a name of lower-case letters"},
		{change("check: sample", "check: other"), "", "", "the file is to be named other.yaml"},
		{change("title: A sample\n", ""), "", "", "title is missing"},
		{goodCheck + "weight: 1000\n", "", "", "12:9: weight is 1 to 100"},
		{goodCheck + "interval: 1s\n", "", "", "12:11: interval is 1m0s to 168h0m0s"},
		{goodCheck + "colour: red\n", "", "", `12:1: unknown field "colour"`},
		{change("{allowed: [root]}", "{allowed: ~}"), "", "", "6:9: parameter allowed: "},
		{change("fix: sample", "fix: none-such"), "", "", "10:6: there is no fix none-such"},
		{change("[A.1]", "[A.1, A.9]"), "", "", "11:26: sample has no control A.9"},
		{change("{sample: [A.1]}", "{soc2: [A.1]}"), "", "", "11:12: there is no framework soc2; there are sample"},
		{goodCheck, "fix: sample\ntext: \"{{ rows[0].shell }}\"\nrisk: None.\n", "", `fixes/sample.yaml:2:8: for check sample: the rows have no column "shell"`},
		{goodCheck, "fix: sample\ntext: a\n", "", "risk is missing"},
		{goodCheck, "", strings.Replace(goodFramework, "A.2", "A.1", 1), "catalogues/sample.yaml:7:5: control A.1 is listed twice"},
		{goodCheck, "", "framework: sample\ntitle: S\nsource: s\nlicence: l\ncontrols: []\n", "controls is missing"},
		{goodCheck, "", strings.Replace(goodFramework, "weight: 3", "weight: -1", 1), "weight is 1 to 100"},
	} {
		fix, framework := goodFix, goodFramework
		if c.fix != "" {
			fix = c.fix
		}
		if c.framework != "" {
			framework = c.framework
		}
		l, err := frameworks.Load(files(c.check, fix, framework), compilers(t))
		var placed *document.Error
		if l != nil || !errors.As(err, &placed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

func TestEveryMistakeIsTold(t *testing.T) {
	t.Parallel()
	bad := files(strings.NewReplacer("severity: high", "severity: x", "platforms: [linux, darwin]", "platforms: [x]").Replace(goodCheck), goodFix, goodFramework)
	bad["checks/linux/two.yaml"] = &fstest.MapFile{Data: []byte("check: two\n")}
	_, err := frameworks.Load(bad, compilers(t))
	for _, want := range []string{"sample.yaml:7:11", "sample.yaml:3:13", "two.yaml:1:1: title is missing", "two.yaml:1:1: sql is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

// What the product ships: every check serves a control and has a fix, and every catalogue says where it comes from.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	l := library(t)
	if n := len(l.Checks()); n < 220 {
		t.Errorf("there are %d checks", n)
	}
	used := map[string]bool{}
	for _, c := range l.Checks() {
		if c.Fix == "" || len(c.Controls["nist-800-53r5"]) == 0 || c.Why == "" {
			t.Errorf("%s lacks a fix, a NIST control or a reason", c.ID)
		}
		used[c.Fix] = true
		if c.Class > tables.ClassPersonal {
			t.Errorf("%s reads %s columns, which are off by default", c.ID, c.Class)
		}
	}
	for _, f := range l.Frameworks() {
		if f.Source == "" || f.Licence == "" {
			t.Errorf("%s does not say where it comes from", f.ID)
		}
		covered := 0
		for _, control := range f.Controls {
			if len(f.Checks(l, control.ID)) > 0 {
				covered++
				if f.TitleOf(l, control.ID) == "" {
					t.Errorf("%s %s is served by a check and has no title", f.ID, control.ID)
				}
			}
		}
		t.Logf("%s: %d of %d controls are served by checks", f.ID, covered, len(f.Controls))
	}
	for _, c := range l.Checks() {
		if l.Fix(c.Fix) == nil {
			t.Errorf("%s names the fix %s", c.ID, c.Fix)
		}
	}
}

func TestOfCollection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		collection, check string
		applies, ok       bool
	}{
		{"check:ssh-root-login", "ssh-root-login", false, true},
		{"check:ssh-root-login/applies", "ssh-root-login", true, true},
		{"check:", "", false, false},
		{"check:../x", "../x", false, false},
		{"pack:a/b", "pack:a/b", false, false},
	} {
		check, applies, ok := frameworks.OfCollection(c.collection)
		if check != c.check || applies != c.applies || ok != c.ok {
			t.Errorf("%s gives %q, %v, %v", c.collection, check, applies, ok)
		}
	}
}

func FuzzParseCheck(f *testing.F) {
	f.Add([]byte(goodCheck))
	f.Add([]byte("check: a\nsql: |\n  SELECT 1\n"))
	c := compilers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		check, err := frameworks.ParseCheck("f.yaml", text, c)
		var placed *document.Error
		if err != nil && !errors.As(err, &placed) {
			t.Errorf("%q: error %v has no place", text, err)
		}
		if err == nil {
			check.Judge(frameworks.Answer{})
		}
	})
}
