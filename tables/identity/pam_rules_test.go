package identity

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPAMRules(t *testing.T) { tabletest.Run(t, PAMRules) }

func TestParsePAMRule(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pamRule{
		"auth\trequired\tpam_env.so":                                          {Service: "su", Type: "auth", Control: "required", Module: "pam_env.so"},
		"-Session optional pam_systemd.so":                                    {Service: "su", Type: "session", Optional: 1, Control: "optional", Module: "pam_systemd.so"},
		"auth [success=1  default=ignore] pam_unix.so nullok  try_first_pass": {Service: "su", Type: "auth", Control: "[success=1 default=ignore]", Module: "pam_unix.so", Arguments: "nullok try_first_pass"},
		"@include common-auth":                                                {Service: "su", Control: "include", Module: "common-auth"},
	} {
		if got, ok := parsePAMRule(text, "su"); !ok || got != want {
			t.Errorf("%q is %+v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "auth", "auth required", "auth [success=1", "@include", "other required pam_unix.so", "auth []"} {
		if got, ok := parsePAMRule(text, "su"); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func FuzzParsePAM(f *testing.F) {
	f.Add([]byte("auth [a=b] \\\n pam_unix.so x # y\n@include z\n"), "su")
	f.Add([]byte("login auth required pam_unix.so\n"), "")
	f.Fuzz(func(t *testing.T, data []byte, service string) {
		for _, rule := range parsePAM(data, service) {
			if rule.Module == "" || rule.LineNumber < 1 {
				t.Errorf("%+v", rule)
			}
		}
	})
}
