package compliance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAuditRules(t *testing.T)     { tabletest.Run(t, AuditRules) }
func TestConfigSettings(t *testing.T) { tabletest.Run(t, ConfigSettings) }
func TestModprobeRules(t *testing.T)  { tabletest.Run(t, ModprobeRules) }

func TestSecuritySettings(t *testing.T) { tabletest.Run(t, SecuritySettings) }

func TestParseAuditRule(t *testing.T) {
	t.Parallel()
	watch := auditRule{Kind: "watch", Target: "/etc/passwd", Permissions: "aw", Action: "always,exit", Key: "identity", Line: 1}
	for text, want := range map[string][]auditRule{
		"-w /etc/passwd -p wa -k identity":                                                     {watch},
		"-a exit,always -F path=/etc/passwd -F perm=wa -F key=identity":                        {watch},
		"-w /etc/sudoers.d/ -p aw":                                                             {{Kind: "watch", Target: "/etc/sudoers.d", Permissions: "aw", Action: "always,exit", Line: 1}},
		"-a always,exit -F arch=b64 -S chown,chmod -S chmod -F auid>=1000 -F auid!=unset -k p": {{Kind: "syscall", Action: "always,exit", Syscalls: ",chmod,chown,", Arch: "b64", Fields: "auid>=1000 auid!=unset", Key: "p", Line: 1}},
		"-a always,exit -F arch=b32 -S execve -C uid!=euid":                                    {{Kind: "syscall", Action: "always,exit", Syscalls: ",execve,", Arch: "b32", Fields: "uid!=euid", Line: 1}},
		"-e 2":                                {{Kind: "control", Target: "-e", Action: "2", Line: 1}},
		"-D\n# -w /x\n-c\n-w\nnonsense\n\n-b": {{Kind: "control", Target: "-b", Line: 7}},
	} {
		if diff := cmp.Diff(want, parseAuditRules([]byte(text))); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	type pairs map[string]string
	for name, c := range map[string]struct {
		parse func([]byte) []configSetting
		text  string
		want  pairs // section/key by value
	}{
		"key values": {parseKeyValues, "# c\n;c\n a = 1 # why\n[S]\nb=\"x # y\"\nc\n= 3\n[open\nd =\\\n 4\n", pairs{"/a": "1", "S/b": "x # y", "S/c": "", "S/d": "4"}},
		"words":      {parseWords, "! c\nServer a.example iburst\nuser chrony\n", pairs{"/server": "a.example iburst", "/user": "chrony"}},
		"limits":     {parseLimits, "* hard core 0 # c\n@a - nproc 5\nshort line\n", pairs{"*/hard core": "0", "@a/soft nproc": "5", "@a/hard nproc": "5"}},
		"apt": {parseApt, "// c\nA::B \"1\"; /* x\n */ C { D \"2\"; E { \"l\"; }; F { G yes; } };\n# c\nH \"open", pairs{
			"/A::B": "1", "/C::D": "2", "/C::E::": "l", "/C::F::G": "yes", "/H": "open",
		}},
		"shell": {parseShell, "if x; then umask 022; else umask 027\nTMOUT=900; readonly TMOUT\nexport TMOUT=600\ndeclare -xr TMOUT=300\n# TMOUT=1\nSECRET=1\n", pairs{
			"/umask": "027", "/TMOUT": "300", "/readonly TMOUT": "",
		}},
	} {
		got := pairs{}
		for _, row := range c.parse([]byte(c.text)) {
			got[row.Section+"/"+row.Key] = row.Value
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func FuzzFormats(f *testing.F) {
	for _, seed := range []string{"[s]\na = \"b\\\n", "A { B { \"c\"; }; };", "* - core 0\n", "-a always,exit -S a,b -F path=/ -C x\n", "install x /bin/false \\\n", "readonly TMOUT=\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) []configSetting{parseKeyValues, parseWords, parseLimits, parseApt, parseShell} {
			for _, row := range parse(data) {
				if row.Line < 1 {
					t.Errorf("%+v", row)
				}
			}
		}
		for _, rule := range parseAuditRules(data) {
			if rule.Kind == "" || rule.Line < 1 {
				t.Errorf("%+v", rule)
			}
		}
		for _, rule := range parseModprobe(data) {
			if rule.Module == "" || rule.Line < 1 {
				t.Errorf("%+v", rule)
			}
		}
	})
}
