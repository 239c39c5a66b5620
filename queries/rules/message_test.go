package rules_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/queries/rules"
)

func TestMessage(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"no placeholder": "no placeholder",
		"{{ failing_count }} of {{count}} files, first {{failing[0].path}} ({{ failing[0].mode }})": "1 of 3 files, first /etc/shadow (0666)",
		"{{ rows[2].mode }}, {{ rows[9].mode }}":                                                    "(not known), (no such row)",
		"{{ rows[1].size }} > {{ params.most }}, {{ params.ratio }}, {{ params.strict }}":           "101 > 100, 0.5, true",
		"allowed: {{ params.allowed }}; {{ params.allowed[1] }}; {{ params.allowed[7] }}":           "allowed: root, daemon; daemon; (not known)",
		"{{ agent.hostname }} {{ agent.tags }} at {{ threshold }}":                                  "web-1 prod, web at 2",
		"{{ agent.hostname.x }}{{ params.most[0] }}":                                                "(not known)(not known)",
		"a } b }} c {% if x %} ${HOME} $(id) %s <% x %> #{y} { { z } }":                             "a } b }} c {% if x %} ${HOME} $(id) %s <% x %> #{y} { { z } }",
	} {
		m, err := rules.ParseMessage(source, env)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := m.Fill(input(), rows[1:2]); got != want {
			t.Errorf("%s gives %q, want %q", source, got, want)
		}
	}
}

// S42: the syntax of template languages, calls and paths to anything else is refused when saved, or stays literal.
func TestMessageRefusesTemplateLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"{{ .Env }}", "1:1: a placeholder is a path"},
		{"{{ range rows }}x{{ end }}", "a placeholder is a path"},
		{"{{ template \"x\" }}", "a placeholder is a path"},
		{"{{ printf \"%s\" rows }}", "a placeholder is a path"},
		{"{{ rows[0].path | upper }}", "a placeholder is a path"},
		{"{{ len(rows) }}", "a placeholder is a path"},
		{"{{ config.items() }}", "a placeholder is a path"},
		{"{{ ''.__class__ }}", "a placeholder is a path"},
		{"{{ 7*7 }}", "a placeholder is a path"},
		{"{{ rows[-1].path }}", "a placeholder is a path"},
		{"{{ rows[99999999999].path }}", "a placeholder is a path"},
		{"{{ rows[0]..path }}", "a placeholder is a path"},
		{"{{ rows[0].path. }}", "a placeholder is a path"},
		{"{{ rows[0] path }}", "a placeholder is a path"},
		{"{{ rows['path'] }}", "a placeholder is a path"},
		{"{{}}", "a placeholder is a path"},
		{"{{ {{ rows[0].path }} }}", "a placeholder is a path"},
		{"ab\nc {{ rows[0].path", "2:3: this {{ has no }}"},
		{"{{ env.PATH }}", "there is no env; use rows, failing"},
		{"{{ self }}", "there is no self"},
		{"{{ \x00meter }}", "a placeholder is a path"},
		{"{{ rows }}", "name a cell: rows[0].column"},
		{"{{ rows[0] }}", "name a cell"},
		{"{{ rows.path }}", "name a cell"},
		{"{{ rows[0].path.x }}", "name a cell"},
		{"{{ failing[0].pth }}", `the rows have no column "pth"; they have mode, owner, path, size`},
		{"{{ params }}", "name one: params.name"},
		{"{{ params.nothing }}", "params has no nothing; it has allowed"},
		{"{{ agent.secret }}", "agent has no secret"},
		{"{{ count.x }}", "count is a number"},
		{strings.Repeat("x", 5000), "at most 4096"},
	} {
		_, err := rules.ParseMessage(c.source, env)
		var ours *rules.Error
		if !errors.As(err, &ours) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want one with %q", c.source, err, c.want)
		}
	}
}

// A value is text and nothing else: what looks like a placeholder in a row is not filled again, and its length is cut.
func TestMessageValuesAreInert(t *testing.T) {
	t.Parallel()
	m, err := rules.ParseMessage(strings.Repeat("{{ rows[0].path }}", 30), env)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Fill(rules.Input{Rows: []rules.Row{{"path": "{{ agent.id }}"}}}, nil)
	if want := strings.Repeat("{{ agent.id }}", 30); got != want {
		t.Errorf("got %q", got)
	}
	got = m.Fill(rules.Input{Rows: []rules.Row{{"path": strings.Repeat("é", 1<<20)}}}, nil)
	if len(got) > 20<<10 || strings.ContainsRune(got, '\uFFFD') || !strings.HasSuffix(got, "…") {
		t.Errorf("got %d bytes, ending %q", len(got), got[len(got)-10:])
	}
}
