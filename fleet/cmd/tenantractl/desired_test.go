package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/fleet/client"
)

// files writes a directory.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestADirectorySaysWhatTenantsShouldHave(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"packs/mine.yaml":                   "pack: mine\n",
		"packs/theirs.conf":                 "{}",
		"packs/README.md":                   "no pack",
		"tenants/acme/packs/fleet.yml":      "apiVersion: v1\nkind: pack\n",
		"tenants/acme/schedules.yaml":       "mine: true\nother: false\n",
		"tenants/globex/groups.yaml":        "- name: web\n  kind: expr\n  rule: 'agent.hostname startsWith \"web\"'\n",
		"tenants/globex/packs/ignored/x.md": "",
	})
	all, err := readDesired(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []desired{
		{packs: []packFile{{"mine", "tenantra", "pack: mine\n"}, {"theirs", "osquery", "{}"}}},
		{tenant: "acme", packs: []packFile{{"fleet", "fleet", "apiVersion: v1\nkind: pack\n"}}, schedules: map[string]bool{"mine": true, "other": false}},
		{tenant: "globex", groups: []groupFile{{Name: "web", Kind: "expr", Rule: `agent.hostname startsWith "web"`}}},
	}
	if diff := cmp.Diff(want, all, cmp.AllowUnexported(desired{}, packFile{})); diff != "" {
		t.Error(diff)
	}
}

func TestAWrongDirectorySaysWhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"empty":         {map[string]string{"README.md": ""}, "neither packs"},
		"unknown key":   {map[string]string{"groups.yaml": "- name: a\n  colour: red\n"}, "groups.yaml"},
		"not a boolean": {map[string]string{"schedules.yaml": "a: [1]\n"}, "schedules.yaml"},
		"too large":     {map[string]string{"packs/a.yaml": strings.Repeat("#", fileMax+1)}, "1024 KiB"},
	} {
		if _, err := readDesired(files(t, c.files)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want one with %q", name, err, c.says)
		}
	}
}

// What is exported is what apply reads.
func TestAnExportIsRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	h := &have{packs: map[string]string{"mine": "pack: mine\n"}, schedules: map[string]bool{"mine": true},
		groups: map[string]client.Group{"web": {Name: "web", Kind: "expr", Rule: "true", Description: "a: b"}}}
	if err := writeHave(dir, h); err != nil {
		t.Fatal(err)
	}
	all, err := readDesired(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []desired{{packs: []packFile{{"mine", "tenantra", "pack: mine\n"}}, schedules: h.schedules,
		groups: []groupFile{{Name: "web", Kind: "expr", Rule: "true", Description: "a: b"}}}}
	if diff := cmp.Diff(want, all, cmp.AllowUnexported(desired{}, packFile{})); diff != "" {
		t.Error(diff)
	}
}
