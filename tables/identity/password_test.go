package identity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPasswordHashTypes(t *testing.T) { tabletest.Run(t, PasswordHashTypes) }
func TestPasswordRules(t *testing.T)     { tabletest.Run(t, PasswordRules) }

func TestDescribeHash(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][2]string{
		"": {"none", "none"}, "*": {"unknown", "strong"}, "!": {"unknown", "strong"}, "!!": {"unknown", "strong"}, "x": {"unknown", "strong"},
		"$y$j9T$salt$hash": {"yescrypt", "strong"}, "!$6$salt$hash": {"sha512crypt", "acceptable"}, "$1$salt$hash": {"md5crypt", "weak"}, "$2b$12$hash": {"bcrypt", "strong"},
		"abJnggxhB/yWI": {"des", "weak"}, "_J9..rasmBYk8r9AiWNc": {"bsdi-des", "weak"}, "hunter2": {"unknown", "weak"}, "$zz$a$b": {"unknown", "weak"},
	} {
		if scheme, strength := describeHash(field); scheme != want[0] || strength != want[1] {
			t.Errorf("%q is %s, %s, want %v", field, scheme, strength, want)
		}
	}
}

func TestArgumentRules(t *testing.T) {
	t.Parallel()
	want := []passwordRule{{Rule: "empty_allowed", Value: "1", Setting: "nullok"}, {Rule: "hash_scheme", Value: "sha512", Setting: "sha512"}, {Rule: "history", Value: "5", Setting: "remember"}}
	if diff := cmp.Diff(want, argumentRules(moduleRules["pam_unix"], "obscure nullok sha512 remember=5 rounds=1")); diff != "" {
		t.Error(diff)
	}
	if rows := argumentRules(moduleRules["pam_deny"], "minlen=8"); rows != nil {
		t.Errorf("%+v", rows)
	}
}

func FuzzParsePasswordHashes(f *testing.F) {
	f.Add([]byte("root:$y$j9T$canary$canary:19000:0:99999:7:::\nann::1:\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, row := range parsePasswordHashes(data, true, 20000) {
			if row.Scheme == "" || row.Strength == "" || strings.Contains(row.Scheme, "$") {
				t.Errorf("%+v", row)
			}
		}
	})
}
