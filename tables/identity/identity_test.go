package identity

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestGroups(t *testing.T)        { tabletest.Run(t, Groups) }
func TestLast(t *testing.T)          { tabletest.Run(t, Last) }
func TestLoggedInUsers(t *testing.T) { tabletest.Run(t, LoggedInUsers) }
func TestLoginDefs(t *testing.T)     { tabletest.Run(t, LoginDefs) }
func TestShadow(t *testing.T)        { tabletest.Run(t, Shadow) }
func TestSSHDConfig(t *testing.T)    { tabletest.Run(t, SSHDConfig) }
func TestSudoers(t *testing.T)       { tabletest.Run(t, Sudoers) }
func TestUserGroups(t *testing.T)    { tabletest.Run(t, UserGroups) }
func TestUsers(t *testing.T)         { tabletest.Run(t, Users) }

func TestPasswordField(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]struct{ status, scheme string }{
		"":                          {"empty", ""},
		"*":                         {"locked", ""},
		"!":                         {"locked", ""},
		"!*":                        {"locked", ""},
		"x":                         {"locked", ""},
		"!!":                        {"not_set", ""},
		"!$6$salt$hash":             {"locked", ""},
		"$6$salt$hash":              {"active", "6"},
		"$y$j9T$salt$hash":          {"active", "y"},
		"$2b$12$hash":               {"active", "2b"},
		"$argon2id$v=19$m=1$s$h":    {"active", "argon2id"},
		"abJnggxhB/yWI":             {"active", ""}, // the old DES crypt names no scheme
		"$6":                        {"active", ""},
		"$secretsecretsecret$":      {"active", ""},
		"$with space$":              {"active", ""},
		"$$":                        {"active", ""},
		"plain text by mistake $1$": {"active", ""},
	} {
		if status, scheme := passwordStatus(field), hashScheme(field); status != want.status || scheme != want.scheme {
			t.Errorf("%q is %s, %q, want %s, %q", field, status, scheme, want.status, want.scheme)
		}
	}
}

func TestUtmpLayout(t *testing.T) {
	t.Parallel()
	narrow := make([]byte, layout32.size)
	binary.LittleEndian.PutUint16(narrow, loginUserProcess)
	wide := make([]byte, layout64.size)
	binary.LittleEndian.PutUint16(wide, loginUserProcess)
	if got := utmpLayoutOf(2*384, bytes.Repeat(narrow, 2)); got != layout32 {
		t.Errorf("two records of 384 bytes are read as %d", got.size)
	}
	if got := utmpLayoutOf(3*400, bytes.Repeat(wide, 3)); got != layout64 {
		t.Errorf("three records of 400 bytes are read as %d", got.size)
	}
	// 24 * 400 bytes are also 25 * 384: only the record types tell.
	for i := range wide[332:] {
		wide[332+i] = 0xff
	}
	if got := utmpLayoutOf(24*400, bytes.Repeat(wide, 24)); got != layout64 {
		t.Errorf("records of 400 bytes with a size that fits both are read as %d", got.size)
	}
}

func FuzzReadUtmp(f *testing.F) {
	f.Add(make([]byte, 384))
	f.Add(bytes.Repeat([]byte{7, 0, 0xff}, 400))
	f.Fuzz(func(t *testing.T, data []byte) {
		records := 0
		err := readUtmp(bytes.NewReader(data), int64(len(data)), func(e login) error {
			records++
			if len(e.User) > 32 || len(e.Line) > 32 || len(e.Host) > 256 {
				t.Errorf("a field is longer than its place: %+v", e)
			}
			return nil
		})
		if err != nil {
			t.Errorf("reading from memory failed: %v", err)
		}
		if records > len(data)/384 {
			t.Errorf("%d records in %d bytes", records, len(data))
		}
	})
}

// A hash that is shaped like one must never show, whatever the rest of the line looks like.
func FuzzParseShadow(f *testing.F) {
	f.Add([]byte("root:*:20052:0:99999:7:::\nann:$6$s$CANARY:1:2:3:4:5:6:7\nb:CANARY:1\n"))
	f.Add([]byte("a:$CANARY$x\nCANARY\n::\n$:$$$\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, e := range parseShadow(data) {
			switch e.PasswordStatus {
			case "empty", "locked", "active", "not_set":
			default:
				t.Errorf("status %q", e.PasswordStatus)
			}
			if len(e.HashAlg) > 12 {
				t.Errorf("hash_alg %q", e.HashAlg)
			}
		}
	})
}

func FuzzParseLogindSession(f *testing.F) {
	f.Add([]byte("USER=ann\nCLASS=user\nREALTIME=1767226000123456\nLEADER=1234\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, ok := parseLogindSession(data); ok && s.User == "" {
			t.Error("a session of nobody")
		}
	})
}

func TestParseLoginDefsKeepsTheLastValue(t *testing.T) {
	t.Parallel()
	got := parseLoginDefs([]byte("UMASK 022\nUMASK\t077\n"))
	want := []loginDef{{Keyword: "UMASK", Value: "077", Line: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseLoginDefs(f *testing.F) {
	f.Add([]byte("UMASK 022\n# c\n\tX \"y\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range parseLoginDefs(data) {
			if d.Keyword == "" || d.Line < 1 {
				t.Errorf("%+v", d)
			}
		}
	})
}

// Only whole keys are shown: a link to another file, or another file's text, must not get through.
func FuzzParseAuthorizedKeys(f *testing.F) {
	f.Add([]byte("ssh-ed25519 AAAAC3 ann\ncommand=\"a b\" ssh-rsa AAAAB3\n"))
	f.Add([]byte("root:$6$x:1\n\"\\ ssh-rsa AAAA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, k := range parseAuthorizedKeys(data) {
			if !isKeyType(k.Algorithm) || len(k.Key) < 4 {
				t.Errorf("%+v", k)
			}
		}
	})
}

func FuzzParseSudoers(f *testing.F) {
	f.Add([]byte("root ALL=ALL\n#includedir /etc/sudoers.d\n#1000 ALL=ALL\nA \\\nB\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range parseSudoers(data) {
			if r.Header == "" {
				t.Errorf("%+v", r)
			}
		}
	})
}

func FuzzParseShellHistory(f *testing.F) {
	f.Add([]byte("#1767225600\nls\n: 1767225700:0;pwd\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range parseShellHistory(data) {
			if c.Time < 0 || c.Command == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}
