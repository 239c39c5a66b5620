package filewatch

import (
	"fmt"
	"strings"
	"testing"
)

func mustCompile(t testing.TB, c Config) matcher {
	t.Helper()
	m, err := compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, files := range map[string]map[string]bool{
		"/etc/passwd":       {"/etc/passwd": true, "/etc/passwd/x": false, "/etc/passwd2": false, "/etc": false},
		"/etc/%":            {"/etc/passwd": true, "/etc/ssh/sshd_config": false, "/etc": false},
		"/etc/":             {"/etc/passwd": true, "/etc/ssh/sshd_config": false},
		"/etc/%%":           {"/etc/passwd": true, "/etc/ssh/sshd_config": true, "/etc": false, "/etcetera/x": false},
		"/etc/**":           {"/etc/ssh/sshd_config": true},
		"/home/%/.ssh/%%":   {"/home/ann/.ssh/id": true, "/home/ann/.ssh/a/b": true, "/home/ann/.ssh": false, "/home/.ssh/x": false},
		"/etc/%.conf":       {"/etc/a.conf": true, "/etc/a.conf.d": false},
		"/var/*/x?":         {"/var/log/x1": true, "/var/log/x": false},
		"/%%":               {"/a": true, "/a/b": true},
		"//etc///passwd":    {"/etc/passwd": true},
		"/etc/[ab]%":        {"/etc/alpha": true, "/etc/gamma": false},
		"/srv/100*/percent": {"/srv/1000/percent": true},
	} {
		m := mustCompile(t, Config{Paths: map[string][]string{"c": {pattern}}})
		for file, want := range files {
			if got := len(m.categories(file)) == 1; got != want {
				t.Errorf("%s matches %s: %t, want %t", pattern, file, got, want)
			}
		}
	}
}

func TestWrongPatternsAreToldOf(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"etc/passwd":        "begin with /",
		"":                  "begin with /",
		"/":                 "",
		"/etc/%%/x":         "only at the end",
		"/etc/a%%":          "stands alone",
		"/etc/../x":         "the name ..",
		"/etc/[a":           "no pattern",
		"/etc/\x00":         "NUL",
		"/" + long(5000):    "at most",
		"/etc/./x":          "the name .",
		"/etc/%%/":          "only at the end",
		"/a/" + "**" + "/b": "only at the end",
	} {
		err := CheckPattern(pattern)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.20q: %v, want %q", pattern, err, want)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestWhatIsWatched(t *testing.T) {
	t.Parallel()
	m := mustCompile(t, Config{
		Paths:    map[string][]string{"homes": {"/home/%/.ssh/%%"}, "etc": {"/etc/%%"}, "one": {"/opt/app/config"}, "read": {"/srv/%"}},
		Excludes: map[string][]string{"etc": {"/etc/ssl/%%", "/etc/mtab"}, "other": {"/etc/%%"}},
		Accesses: []string{"read"},
	})
	for dir, want := range map[string]interest{
		"/": structure, "/home": structure, "/home/ann": structure, "/home/ann/.ssh": entries, "/home/ann/.ssh/deep/er": entries, "/home/ann/doc": nothing,
		"/etc": entries, "/etc/ssl": nothing, "/etc/ssl/certs": nothing, "/opt": structure, "/opt/app": entries, "/opt/app/config": nothing, "/usr": nothing,
		"/srv": readings,
	} {
		if got := m.interest(dir); got != want {
			t.Errorf("%s: %d, want %d", dir, got, want)
		}
	}
	if got := fmt.Sprint(m.starts()); got != "[/etc /home /opt/app /srv]" {
		t.Errorf("watching begins in %s", got)
	}
	for dir, want := range map[string]bool{"/home": true, "/home/ann": false, "/home/ann/.ssh": false, "/etc": true, "/etc/ssh": false, "/opt/app": true} {
		if got := m.trusted(dir); got != want {
			t.Errorf("links in %s are followed: %t", dir, got)
		}
	}
	if got := m.categories("/etc/mtab"); len(got) != 0 {
		t.Errorf("an excluded file is of %v", got)
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"/etc/%%", "/home/%/.ssh/%%", "/", "//", "/a/../b", "/[", "/%/\\"} {
		f.Add(seed, "/etc/ssh/sshd_config")
	}
	f.Fuzz(func(t *testing.T, text, file string) {
		m, err := compile(Config{Paths: map[string][]string{"c": {text}}})
		if err != nil {
			return
		}
		names := split(file)
		// What matches lies in a directory that is watched, and so does each directory above it below the start.
		if len(m.categories(file)) == 0 {
			return
		}
		for i := len(m[0].paths[0].start()); i < len(names); i++ {
			if m.interest("/"+strings.Join(names[:i], "/")) == nothing {
				t.Errorf("%q matches %q, whose directory %q is not watched", text, file, names[:i])
			}
		}
	})
}
