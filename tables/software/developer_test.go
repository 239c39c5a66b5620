package software

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestNPMPackages(t *testing.T)      { tabletest.Run(t, NPMPackages) }
func TestVSCodeExtensions(t *testing.T) { tabletest.Run(t, VSCodeExtensions) }
func TestPortageUse(t *testing.T)       { tabletest.Run(t, PortageUse) }
func TestPortageKeywords(t *testing.T)  { tabletest.Run(t, PortageKeywords) }

func TestSplitAtom(t *testing.T) {
	t.Parallel()
	for atom, want := range map[string][2]string{
		">=dev-libs/openssl-3.0.13-r2:0/3": {"dev-libs/openssl", ">=3.0.13-r2"},
		"=sys-apps/foo-1.2*":               {"sys-apps/foo", "1.2"},
		"~sys-apps/foo-1.2":                {"sys-apps/foo", "~1.2"},
		"sys-apps/foo":                     {"sys-apps/foo", ""},
		"media-fonts/font-100dpi":          {"media-fonts/font-100dpi", ""},
		"=nothing":                         {"nothing", ""},
		">":                                {"", ""},
	} {
		if name, version := splitAtom(atom); name != want[0] || version != want[1] {
			t.Errorf("%s is %q, %q", atom, name, version)
		}
	}
}

func TestParseNPMManifest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]npmPackage{
		`{"name":"a","version":"1.0.0","author":"Ann","license":"MIT"}`:                    {Name: "a", Version: "1.0.0", Author: "Ann", License: "MIT"},
		`{"name":"a","author":{"name":"Ann"},"license":{"type":"MIT","url":"https://l/"}}`: {Name: "a", Author: "Ann", License: "https://l/"},
		`{"name":"a","version":2,"author":[1],"license":null}`:                             {Name: "a", Version: "2"},
	} {
		if got, ok := parseNPMManifest([]byte(text)); !ok || got != want {
			t.Errorf("%s is %+v, %t", text, got, ok)
		}
	}
	for _, text := range []string{`{"name":`, `{"name":["a"]}`, `[1]`, `null`, ``} {
		if got, ok := parseNPMManifest([]byte(text)); ok {
			t.Errorf("%s is taken for %+v", text, got)
		}
	}
}

func FuzzParseNPMManifest(f *testing.F) {
	f.Add([]byte(`{"name":"a","version":"1","author":{"name":"x"},"license":[{"url":5}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, ok := parseNPMManifest(data); !ok && row != (npmPackage{}) {
			t.Errorf("%q is refused and read: %+v", data, row)
		}
	})
}

func FuzzParseVSCodeExtensions(f *testing.F) {
	f.Add([]byte(`[{"identifier":{"id":"a.b","uuid":"1"},"version":"1","relativeLocation":"a","metadata":{"installedTimestamp":5}},7,null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, row := range parseVSCodeExtensions(data, func(name string) string { return "/" + name }) {
			if row.Name == "" || row.Prerelease < 0 || row.Prerelease > 1 {
				t.Errorf("%+v", row)
			}
		}
	})
}

func FuzzParsePortageSettings(f *testing.F) {
	f.Add([]byte("=dev-libs/openssl-3.0.13 ~amd64 # why\n# nothing\n>=x/y-1:0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range parsePortageSettings(data) {
			if s.atom == "" {
				t.Errorf("%q has a line without an atom", data)
			}
			if name, _ := splitAtom(s.atom); strings.ContainsAny(name[:min(1, len(name))], "<>=~!") {
				t.Errorf("%s names %q", s.atom, name)
			}
		}
	})
}
