package software

import (
	"bytes"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAptSources(t *testing.T)       { tabletest.Run(t, AptSources) }
func TestPortagePackages(t *testing.T)  { tabletest.Run(t, PortagePackages) }
func TestPythonPackages(t *testing.T)   { tabletest.Run(t, PythonPackages) }
func TestYumSources(t *testing.T)       { tabletest.Run(t, YumSources) }
func TestChromeExtensions(t *testing.T) { tabletest.Run(t, ChromeExtensions) }
func TestFirefoxAddons(t *testing.T)    { tabletest.Run(t, FirefoxAddons) }
func TestDebPackages(t *testing.T)      { tabletest.Run(t, DebPackages) }
func TestDebPackageFiles(t *testing.T)  { tabletest.Run(t, DebPackageFiles) }

func TestRPMPackages(t *testing.T)     { tabletest.Run(t, RPMPackages) }
func TestRPMPackageFiles(t *testing.T) { tabletest.Run(t, RPMPackageFiles) }

func FuzzReadDebStatus(f *testing.F) {
	f.Add([]byte("Package: a\nVersion: 1-2\nStatus: install ok installed\nInstalled-Size: 4\nDescription: x\n y\n\nPackage: b\n"))
	f.Add([]byte(":\n\n\xff:\nPackage:x\nVersion:-"))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readDebStatus(t.Context(), bytes.NewReader(data), func(p *debPackage) error {
			if p.Name == "" || p.Version == "" {
				t.Errorf("%+v", p)
			}
			return nil
		})
		if err != nil {
			t.Errorf("reading from memory failed: %v", err)
		}
	})
}

func TestSplitPortage(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string][2]string{
		"openssl-3.0.13-r2":        {"openssl", "3.0.13-r2"},
		"font-adobe-100dpi-1.0.3":  {"font-adobe-100dpi", "1.0.3"},
		"gtk+-3.24.41":             {"gtk+", "3.24.41"},
		"foo-1.0_rc2_p20240101-r1": {"foo", "1.0_rc2_p20240101-r1"},
		"jpeg-6b":                  {"jpeg", "6b"},
		"no-version":               {},
		"-MERGING-openssl-3.0.13":  {"-MERGING-openssl", "3.0.13"},
	} {
		name, version, ok := splitPortage(entry)
		if name != want[0] || version != want[1] || ok != (name != "" && name[0] != '-') {
			t.Errorf("%s is %q, %q, %v", entry, name, version, ok)
		}
	}
}

func FuzzAptSources(f *testing.F) {
	f.Add([]byte("deb [arch=amd64] http://deb.example.org/debian/ bookworm main\n"))
	f.Add([]byte("Types: deb\nURIs: http://a b\nSuites: x/ y\n z\n\nEnabled: no\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, a := range append(parseSourcesList(data), parseDeb822Sources(data)...) {
			if !isAddress(a.uri) || a.suite == "" {
				t.Errorf("%+v", a)
			}
		}
	})
}

func FuzzYumConfig(f *testing.F) {
	f.Add([]byte("[main]\nreposdir=/x\n[a]\nname=A\nbaseurl=http://u:p@h/\n http://i/\nenabled=1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if sources, _ := parseYumConfig(data); len(sources) > bytes.Count(data, []byte("[")) {
			t.Errorf("%d repositories", len(sources))
		}
	})
}

func FuzzPythonMetadata(f *testing.F) {
	f.Add([]byte("Metadata-Version: 2.1\nName: a\nVersion: 1\nSummary: b: c\n\nName: not this\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := parsePythonMetadata(data); ok && p.Name == "" {
			t.Error("a package without a name")
		}
	})
}

func TestChromeIdentifier(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"AAAA": "hajoiamiieihkcebbobooenpljpcckig", "": "", "no base64": "",
	} {
		if got := chromeIdentifier(key); got != want {
			t.Errorf("key %q has id %q, want %q", key, got, want)
		}
	}
}

func TestChromeTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"13411699200000000": 1767225600, "0": 0, "-1": 0, "": 0, "x": 0, "99999999999999999999": 0} {
		if got := chromeTime(text); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
}

func FuzzChromeManifest(f *testing.F) {
	f.Add([]byte(`{"name": "__MSG_a__", "version": 1, "permissions": ["tabs", {"x": 1}], "background": {"persistent": true}, "key": "AAAA"}`))
	f.Add([]byte(`{"name": [], "background": 5, "permissions": {}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, ok := parseChromeManifest(data); ok && len(row.ManifestHash) != 64 {
			t.Errorf("%+v", row)
		}
		chromeMessages(data)
		var preferences chromePreferences
		decodeJSON(data, &preferences)
	})
}

func FuzzFirefoxExtensions(f *testing.F) {
	f.Add([]byte(`{"addons": [{"id": "a", "active": true, "defaultLocale": {"name": "A"}}, 5, null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := parseFirefoxExtensions(data, func(a *firefoxAddon) error {
			if a.Identifier == "" {
				t.Errorf("%+v", a)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
