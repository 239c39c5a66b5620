package packs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/tables"
)

const watching = `pack: watch
events:
  tables: [process_events, syslog]
  file_paths: {etc: [/etc/%%], homes: [/home/%/.ssh/%%]}
  exclude_paths: {etc: [/etc/mtab]}
  file_accesses: [homes]
  channels: [Security]
queries:
  files:
    sql: SELECT target_path, action FROM file_events
    mode: snapshot
    platforms: [linux, darwin]
  users:
    sql: SELECT uid FROM users
`

func TestPacksSayWhatIsRecorded(t *testing.T) {
	t.Parallel()
	p, err := packs.Parse("watch.yaml", []byte(watching), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	want := packs.Events{
		Tables: []string{"process_events", "syslog_events"}, FilePaths: map[string][]string{"etc": {"/etc/%%"}, "homes": {"/home/%/.ssh/%%"}},
		ExcludePaths: map[string][]string{"etc": {"/etc/mtab"}}, FileAccesses: []string{"homes"}, Channels: []string{"Security"},
	}
	if diff := cmp.Diff(want, p.Events); diff != "" {
		t.Error(diff)
	}
	if p.Queries[0].Mode != packs.Append || p.Queries[1].Mode != packs.Differential {
		t.Errorf("the modes are %s and %s: events come and never go", p.Queries[0].Mode, p.Queries[1].Mode)
	}
	written, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	back, err := packs.Parse("watch.yaml", []byte(written), compilers(t))
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	if diff := cmp.Diff(p.Events, back.Events); diff != "" {
		t.Errorf("what is written is read back otherwise:\n%s", diff)
	}
}

func TestWhatSeveralPacksRecord(t *testing.T) {
	t.Parallel()
	first, err := packs.Parse("watch.yaml", []byte(watching), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	second, err := packs.ParseOsquery("fim.conf", "fim", []byte(`{"platform": "linux", "queries": {"q": {"query": "SELECT * FROM file_events", "interval": 300}},
		"file_paths": {"etc": ["/etc/%%", "/usr/local/etc/%%"]}, "exclude_paths": {"etc": ["/etc/ssl/%%"]}, "file_accesses": ["etc"]}`), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	both := []*packs.Pack{first, second}
	want := packs.Events{
		Tables:       []string{"process_events", "syslog_events"},
		FilePaths:    map[string][]string{"etc": {"/etc/%%", "/usr/local/etc/%%"}, "homes": {"/home/%/.ssh/%%"}},
		ExcludePaths: map[string][]string{"etc": {"/etc/mtab", "/etc/ssl/%%"}}, FileAccesses: []string{"etc", "homes"},
	}
	if diff := cmp.Diff(want, packs.EventsOf(both, tables.Linux)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(packs.Events{Channels: []string{"Security"}}, packs.EventsOf(both, tables.Windows)); diff != "" {
		t.Error(diff)
	}
	if !packs.EventsOf(nil, tables.Linux).Empty() {
		t.Error("no pack records something")
	}
}

func TestWrongEventsAreToldWhereTheyAre(t *testing.T) {
	t.Parallel()
	const queries = "queries:\n  a:\n    sql: SELECT uid FROM users\n"
	for text, want := range map[string]string{
		"  tables: [users]\n":                                   `"users" is no table of events`,
		"  file_paths: {etc: [etc/passwd]}\n":                   "does not begin with /",
		"  file_paths: {etc: [/etc/%%/x]}\n":                    "stands alone at the end",
		"  file_paths: {etc: [/etc/a**]}\n":                     "stands alone at the end",
		"  file_paths: {etc: [/etc/../shadow]}\n":               "the name .. is not allowed",
		"  file_paths: {'a/b': [/etc/x]}\n":                     "a category's name",
		"  exclude_paths: {etc: [mtab]}\n":                      "does not begin with /",
		"  file_accesses: [etc]\n":                              "no category of file_paths",
		"  channels: ['<x>']\n":                                 "no channel's name",
		"  paths: {}\n":                                         "paths",
		"  file_paths: {etc: [" + many("/etc/%%,", 1001) + "]}": "at most 1000",
	} {
		_, err := packs.Parse("p.yaml", []byte("pack: p\nevents:\n"+strings.TrimSuffix(text, "\n")+"\n"+queries), compilers(t))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "p.yaml:3:") {
			t.Errorf("%.60s: the mistake is said to be at %v", text, err)
		}
	}
}

func many(text string, n int) string { return strings.Repeat(text, n) }
