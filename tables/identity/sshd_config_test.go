package identity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSSHDLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"PermitRootLogin no":                   {"permitrootlogin", "no"},
		"  permitrootlogin=no\r\n":             {"permitrootlogin", "no"},
		"PermitRootLogin = no":                 {"permitrootlogin", "no"},
		"ChallengeResponseAuthentication yes":  {"kbdinteractiveauthentication", "yes"},
		`Banner "/a b" # c`:                    {"banner", "/a b"},
		`Banner '/a "b"'`:                      {"banner", `/a "b"`},
		`AcceptEnv \"x\" a\ b \\ \n`:           {"acceptenv", `"x"`, "a b", `\`, `\n`},
		`ForceCommand sh -c "a # b" `:          {"forcecommand", `sh -c "a # b"`},
		`AllowUsers a#b`:                       {"allowusers", "a#b"},
		`AllowUsers ""`:                        {"allowusers", ""},
		`Banner "unfinished`:                   {"banner", "unfinished"},
		"Match user ann address 192.0.2.0/24 ": {"match", "user", "ann", "address", "192.0.2.0/24"},
		"PermitRootLogin":                      {""},
		"# PermitRootLogin yes":                {""},
		"":                                     {""},
	} {
		keyword, args := sshdLine(line)
		if diff := cmp.Diff(want, append([]string{keyword}, args...)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}

func TestSSHDValue(t *testing.T) {
	t.Parallel()
	for _, test := range [][3]string{
		{"permitrootlogin", "YES", "yes"},
		{"permitrootlogin", "without-password", "prohibit-password"},
		{"logingracetime", "2m", "120"},
		{"logingracetime", "1h30m5", "5405"},
		{"logingracetime", "never", "never"},
		{"clientaliveinterval", "none", "0"},
		{"clientaliveinterval", "9999999999", "9999999999"},
		{"loglevel", "verbose", "VERBOSE"},
		{"banner", "/etc/Issue", "/etc/Issue"},
		{"banner", "None", "none"},
	} {
		if got := sshdValue(test[0], []string{test[1]}); got != test[2] {
			t.Errorf("%s %s is shown as %s, want %s", test[0], test[1], got, test[2])
		}
	}
}

func TestSSHDDefaultsAreInForm(t *testing.T) {
	t.Parallel()
	before := ""
	for _, d := range sshdDefaults {
		if d[0] <= before {
			t.Errorf("%s stands after %s", d[0], before)
		}
		before = d[0]
		if got := sshdValue(d[0], strings.Fields(d[1])); got != d[1] {
			t.Errorf("the default of %s is %q, a file that sets it would show %q", d[0], d[1], got)
		}
		if now, renamed := sshdRenamed[d[0]]; renamed {
			t.Errorf("%s is now called %s", d[0], now)
		}
	}
}

func FuzzSSHDLine(f *testing.F) {
	f.Add(`Match User a Address "192.0.2.0/24" # c`)
	f.Add(`x="\'` + "\x00")
	f.Fuzz(func(t *testing.T, line string) {
		keyword, args := sshdLine(line)
		if strings.ContainsAny(keyword, " \t=") {
			t.Errorf("keyword %q", keyword)
		}
		sshdValue(keyword, args)
		if seconds, ok := sshdSeconds(strings.ToLower(line)); ok && seconds < 0 {
			t.Errorf("%q is %d seconds", line, seconds)
		}
	})
}
