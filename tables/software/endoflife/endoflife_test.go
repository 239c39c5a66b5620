package endoflife

import (
	"testing"
	"time"
)

func TestReleaseOf(t *testing.T) {
	t.Parallel()
	p := Product{Releases: []Release{{Cycle: "3.1"}, {Cycle: "3"}, {Cycle: "3.11"}, {Cycle: "1.10"}}}
	for version, want := range map[string]string{
		"3.11.2-6": "3.11", "3.1": "3.1", "3.12.0": "3", "3-1": "3", "31.0": "", "1.1": "", "1.10+dfsg": "1.10", "": "", "2": "",
	} {
		if r, ok := p.ReleaseOf(version); r.Cycle != want || ok != (want != "") {
			t.Errorf("%q is of %q, %t", version, r.Cycle, ok)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		`"2026-01-01"`: true, `"2026-01-02"`: false, `"2027-01-01"`: false, `true`: true, `false`: false, `null`: false, `"soon"`: false, `5`: false,
	} {
		var d Date
		if err := d.UnmarshalJSON([]byte(text)); err != nil || d.Over(now) != want {
			t.Errorf("%s is over: %t, error %v", text, d.Over(now), err)
		}
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	debian, ok := c.Product("debian")
	if !ok {
		t.Fatal("debian is missing")
	}
	if r, ok := debian.ReleaseOf("9"); !ok || !r.EOL.Over(now) {
		t.Errorf("debian 9: %+v, %t", r, ok)
	}
	if r, ok := debian.ReleaseOf("13.1"); !ok || r.EOL.Over(now) {
		t.Errorf("debian 13: %+v, %t", r, ok)
	}
	for purl, want := range map[string]string{
		"pkg:deb/debian/nginx@1.22.1-9?arch=amd64": "nginx", "pkg:npm/%40adonisjs/core@5.1.0": "adonisjs", "pkg:deb/debian/no-such-package@1": "",
	} {
		p, ok := c.OfPackage(purl)
		if ok != (want != "") || ok && p.ID != want {
			t.Errorf("%s is of %+v", purl, p)
		}
	}
}
