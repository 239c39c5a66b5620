package kernel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAppArmorProfiles(t *testing.T) { tabletest.Run(t, AppArmorProfiles) }
func TestSELinuxSettings(t *testing.T)  { tabletest.Run(t, SELinuxSettings) }
func TestKernelModules(t *testing.T)    { tabletest.Run(t, KernelModules) }
func TestSystemControls(t *testing.T)   { tabletest.Run(t, SystemControls) }

func TestParseSysctl(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]sysctlSetting{
		"kernel.sysrq=1\n":                         {{key: "kernel/sysrq", value: "1"}},
		"  -kernel.sysrq = 1 2\t\n":                {{key: "kernel/sysrq", value: "1 2"}},
		"net.ipv4.conf.eth0/100.forwarding = 1":    {{key: "net/ipv4/conf/eth0.100/forwarding", value: "1"}},
		"net/ipv4/conf/eth0.100/forwarding=1":      {{key: "net/ipv4/conf/eth0.100/forwarding", value: "1"}},
		"a.b = x = y":                              {{key: "a/b", value: "x = y"}},
		"a.b =":                                    {{key: "a/b"}},
		"-a.b":                                     {{key: "a/b", excluded: true}},
		"a.b\n= 1\n-\n# a.b=1\n; a.b=1\n\n. = 1\n": nil,
		"/../../etc/passwd = 1":                    {{key: "etc/passwd", value: "1"}},
	} {
		if diff := cmp.Diff(want, parseSysctl([]byte(text)), cmp.AllowUnexported(sysctlSetting{})); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func FuzzParseSysctl(f *testing.F) {
	f.Add([]byte("kernel.randomize_va_space = 2\n-net.ipv4.conf.*.rp_filter\n"))
	f.Add([]byte("../..=x\n[=\n*.[a-=1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		config := &sysctlConfig{exact: map[string]string{}, excluded: map[string]bool{}}
		settings := parseSysctl(data)
		config.add(settings)
		for _, s := range settings {
			if s.key == "" || strings.HasPrefix(s.key, "/") || strings.Contains("/"+s.key+"/", "/../") {
				t.Errorf("key %q leaves /proc/sys", s.key)
			}
			config.value(s.key)
		}
	})
}

func FuzzParseModules(f *testing.F) {
	f.Add([]byte("nf_nat 57344 2 a,b, Live 0xffffffffc0a35000 (OE)\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range parseModules(data) {
			if m.Name == "" || m.Status == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}
