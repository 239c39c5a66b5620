package frameworks_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/document"
)

const goodTemplate = `template: sample
about: Users that may be there.
check:
  platforms: [linux]
  sql: SELECT username, uid FROM users WHERE username IN (${names})
  pass: all(rows, .uid > ${least})
  params: {names: "${names}", note: "at least ${least}"}
  severity: low
  message: "{{ failing[0].username }} is one of ${names}."
  expected: "{{ params.note }}"
fix:
  text: "Remove {{ failing[0].username }}."
  risk: "${risk}"
defaults: {risk: None., least: 10}
members:
  - check: sample-one
    title: One
    why: One.
    set: {names: [o'brien, bob]}
  - check: sample-two
    title: Two
    why: Two.
    severity: high
    message: "own: {{ failing[0].uid }}"
    set: {names: [eve], least: 5}
`

func TestTemplate(t *testing.T) {
	t.Parallel()
	f, err := frameworks.ParseTemplate("sample.yaml", []byte(goodTemplate), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	one, two := f.Checks[0], f.Checks[1]
	if one.SQL != "SELECT username, uid FROM users WHERE username IN ('o''brien', 'bob')" || one.Pass.String() != "all(rows, .uid > 10)" ||
		one.Message.String() != "{{ failing[0].username }} is one of o'brien, bob." || one.Params["note"] != "at least 10" || one.Severity != frameworks.Low {
		t.Errorf("got %+v", one)
	}
	if list, ok := one.Params["names"].([]any); !ok || len(list) != 2 {
		t.Errorf("a parameter that is a variable alone is %v", one.Params["names"])
	}
	if two.Severity != frameworks.High || two.Message.String() != "own: {{ failing[0].uid }}" || two.Template != "sample" || two.Fix != "sample-two" || f.Fixes[1].Risk != "None." {
		t.Errorf("got %+v", two)
	}
	if one.Version == two.Version {
		t.Error("two checks have the same version")
	}
}

func TestTemplateErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"FROM users", "FROM userz", "sample.yaml:5:8: for member sample-one: on linux: no such table: userz"},
		{".uid >", ".id >", "sample.yaml:6:20: for member sample-one: the rows have no column"},
		{"own: {{ failing[0].uid }}", "{{ failing[0].id }}", "sample.yaml:24:15: for member sample-two: the rows have no column"},
		{"severity: high", "severity: worst", "sample.yaml:23:15: for member sample-two: severity is"},
		{"severity: low", "severity: bad", "sample.yaml:8:13: for member sample-one: severity is"},
		{"least: 5}", "last: 5}", "sample.yaml:25:25: the template does not use the variable last"},
		{"set: {names: [eve], least: 5}", "set: {least: 5}", "sample.yaml:5:8: for member sample-two: the variable names has no value"},
		{"${least}\"", "${least\"", "a variable is written ${name}"},
		{"[eve]", "[[eve]]", "a list holds texts and numbers"},
		{"[eve]", "{a: b}", "use a text, a number or a list"},
		{"check: sample-two", "check: Sample Two", "sample.yaml:20:12: for member Sample Two: check is a name"},
		{"risk: \"${risk}\"", "risk: \"\"", "risk is missing"},
		{"    title: Two\n", "", "for member sample-two: title is missing"},
		{"about: Users that may be there.\n", "", "about is missing"},
	} {
		if !strings.Contains(goodTemplate, c.old) {
			t.Fatalf("the sample has no %q", c.old)
		}
		_, err := frameworks.ParseTemplate("sample.yaml", []byte(strings.Replace(goodTemplate, c.old, c.new, 1)), compilers(t))
		var placed *document.Error
		if !errors.As(err, &placed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: error %v, want %q", c.new, c.old, err, c.want)
		}
	}
}

func FuzzParseTemplate(f *testing.F) {
	f.Add([]byte(goodTemplate))
	f.Add([]byte("template: a\nabout: b\ncheck: {sql: \"${x:values}\"}\nmembers: [{check: c, set: {x: [1]}}]\n"))
	c := compilers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var placed *document.Error
		if _, err := frameworks.ParseTemplate("f.yaml", text, c); err != nil && !errors.As(err, &placed) {
			t.Errorf("%q: error %v has no place", text, err)
		}
	})
}
