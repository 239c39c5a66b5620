package software

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestInstalledSoftware(t *testing.T) { tabletest.Run(t, InstalledSoftware) }
func TestEOLSoftware(t *testing.T)       { tabletest.Run(t, EOLSoftware) }
func TestBrowserExtensions(t *testing.T) { tabletest.Run(t, BrowserExtensions) }

func TestPurl(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"pkg:deb/debian/curl@7.88.1-10%2Bdeb12u8?arch=amd64&distro=debian-12": purl("deb", "debian", "curl", "7.88.1-10+deb12u8", "arch", "amd64", "distro", "debian-12").V,
		"pkg:npm/%40angular/core@17.0.0":                                      purl("npm", "@angular", "core", "17.0.0").V,
		"pkg:rpm/fedora/bash@5.2-1?epoch=1":                                   purl("rpm", "fedora", "bash", "5.2-1", "arch", "", "epoch", "1").V,
		"pkg:pypi/a%20b":                                                      purl("pypi", "", "a b", "").V,
		"pkg:deb/x@1:2":                                                       purl("deb", "", "x", "1:2").V,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestGuessesOfCPE(t *testing.T) {
	t.Parallel()
	for vendor, want := range map[string]string{"Mozilla": "mozilla", "Microsoft Corporation": "microsoft", "Adobe, Inc.": "adobe", "": "", "The Wireshark developers": ""} {
		if got := cpeVendor(vendor); got != want {
			t.Errorf("%q is %q, want %q", vendor, got, want)
		}
	}
	if got := cpePart("Visual Studio  Code"); got != "visual_studio_code" {
		t.Error(got)
	}
}

func TestRPMSourceName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"openssl-3.0.7-27.el9.src.rpm": "openssl", "java-17-openjdk-17.0.9-1.src.rpm": "java-17-openjdk", "x": "", "": "", "-1-2": ""} {
		if got := rpmSourceName(file); got != want {
			t.Errorf("%q is %q, want %q", file, got, want)
		}
	}
}

func TestUpstreamVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1:2.3-4": "2.3-4", "2.3": "2.3", "a:1": "a:1", "": ""} {
		if got := upstreamVersion(version); got != want {
			t.Errorf("%q is %q, want %q", version, got, want)
		}
	}
}

func FuzzParseAPK(f *testing.F) {
	f.Add([]byte("P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var rows []installedSoftware
		err := parseAPK(data, func(row installedSoftware) error { rows = append(rows, row); return nil })
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Name == "" || row.Version == "" {
				t.Error(cmp.Diff(installedSoftware{}, row))
			}
		}
	})
}
