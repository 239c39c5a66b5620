package accounts

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePasswd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []User
	}{
		"usual":            {"root:x:0:0:root:/root:/bin/bash\n", []User{{Name: "root", UID: 0, GID: 0, GECOS: "root", Home: "/root", Shell: "/bin/bash"}}},
		"no final newline": {"a:x:1000:100:A,,,:/home/a:", []User{{Name: "a", UID: 1000, GID: 100, GECOS: "A,,,", Home: "/home/a", Shell: ""}}},
		"CRLF":             {"a:x:1:2:::/bin/sh\r\n", []User{{Name: "a", UID: 1, GID: 2, GECOS: "", Home: "", Shell: "/bin/sh"}}},
		"largest uid":      {"n:x:4294967295:4294967294:::\n", []User{{Name: "n", UID: 4294967295, GID: 4294967294}}},
		"comment and NIS":  {"# root:x:0:0:::\n+::::::\n-bad:x:1:1:::\n+@group:x:1:1:::\n", nil},
		"too few fields":   {"root:x:0:0:root:/root\nroot\n\n", nil},
		"ids out of range": {"a:x:4294967296:0:::\nb:x:-1:0:::\nc:x:0x10:0:::\nd:x::0:::\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ParsePasswd([]byte(test.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseGroup(t *testing.T) {
	t.Parallel()
	text := "root:x:0:\nsudo:x:27:ann, bob,\nold:x:5\n#c:x:1:\n+:::\nbad:x:ten:\n:x:7:nobody\n"
	want := []Group{{Name: "root"}, {Name: "sudo", GID: 27, Members: []string{"ann", "bob"}}, {Name: "old", GID: 5}}
	// An entry without members may have a nil or an empty list.
	got := ParseGroup([]byte(text))
	for i := range got {
		if len(got[i].Members) == 0 {
			got[i].Members = nil
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParsePasswd(f *testing.F) {
	f.Add([]byte("root:x:0:0:root:/root:/bin/bash\n+::::::\n"))
	f.Add([]byte(":::::::\n\x00:x:1:1:\xff:/:/\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, u := range ParsePasswd(data) {
			if u.Name == "" {
				t.Error("a user without a name")
			}
		}
	})
}

func FuzzParseGroup(f *testing.F) {
	f.Add([]byte("sudo:x:27:ann,bob\nroot:x:0:\n"))
	f.Add([]byte("::::\n,:x:1:,,,"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, g := range ParseGroup(data) {
			for _, m := range g.Members {
				if m == "" {
					t.Error("a member without a name")
				}
			}
		}
	})
}
