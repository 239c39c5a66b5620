package kernel

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestBootConfig(t *testing.T)      { tabletest.Run(t, BootConfig) }
func TestKernelHardening(t *testing.T) { tabletest.Run(t, KernelHardening) }

func TestVulnerabilityClosed(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		"Not affected": true, "Mitigation: PTI": true, "Vulnerable": false, "Vulnerable: No microcode": false, "Mitigation: Clear CPU buffers; SMT vulnerable": false,
		"Unknown: No mitigations": false, "": false,
	} {
		if got := vulnerabilityClosed(state); got != want {
			t.Errorf("%q is closed: %t", state, got)
		}
	}
}

func TestParseEFIBoot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value, want string
		ok                bool
	}{
		{"BootOrder", "\x03\x00\x01\x00", "0003,0001", true}, {"BootCurrent", "\xab\x00\x01", "00AB", true}, {"BootOrder", "", "", true},
		{"Boot0003", "\x01\x00\x00\x00\x10\x00d\x00e\x00b\x00\x00\x00xx", "deb", true}, {"Boot0003", "\x01", "", false}, {"Boot0003", "\x01\x00\x00\x00\x10\x00d", "", true},
		{"BootOptionSupport", "\x01", "", false}, {"Bootzzzz", "\x01\x00\x00\x00\x00\x00", "", false},
	} {
		if got, ok := parseEFIBoot(c.name, []byte(c.value)); got != c.want || ok != c.ok {
			t.Errorf("%s %q is %q, %t", c.name, c.value, got, ok)
		}
	}
}

func TestWeakeningParameters(t *testing.T) {
	t.Parallel()
	want := []hardening{{Kind: "boot_parameter", Name: "mitigations", Value: "mitigations=off"}, {Kind: "boot_parameter", Name: "nokaslr", Value: "nokaslr"}}
	if diff := cmp.Diff(want, weakeningParameters("BOOT_IMAGE=/vmlinuz ro mitigations=off quiet nokaslr xnopti")); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseGrub(f *testing.F) {
	f.Add([]byte("set superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.sha512.1\nmenuentry 'Debian' --unrestricted {\n linux /vmlinuz ro\n}\n"))
	f.Add([]byte("menuentry\nmenuentry '\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) []bootSetting{parseGrub, parseGrubDefaults, parseLoaderEntry} {
			for _, row := range parse(data) {
				if row.Loader == "" || row.Name == "" && row.Loader != "grub" || row.Line < 1 {
					t.Errorf("%+v", row)
				}
			}
		}
	})
}

func FuzzParseEFIBoot(f *testing.F) {
	f.Add("Boot0001", []byte("\x01\x00\x00\x00\x10\x00d\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, name string, value []byte) {
		if text, ok := parseEFIBoot(name, value); !ok && text != "" {
			t.Errorf("%q", text)
		}
	})
}
