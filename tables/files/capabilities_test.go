package files

import (
	"strings"
	"testing"
)

func TestParseCapabilities(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 24)
	for data, want := range map[string]string{
		"\x01\x00\x00\x02\x00\x20\x00\x00" + zeros[:12]:                     "cap_net_raw=ep",
		"\x00\x00\x00\x02\x00\x30\x00\x00\x00\x20\x00\x00" + zeros[:8]:      "cap_net_raw=ip cap_net_admin=p",
		"\x01\x00\x00\x03" + zeros[:8] + "\x80\x00\x00\x00" + zeros[:8]:     "cap_bpf=ep",
		"\x00\x00\x00\x02" + zeros[:8] + "\x00\x00\x00\x00\x00\x00\x00\x80": "cap_63=i",
		"\x00\x00\x00\x02" + zeros[:16]:                                     "=",
		"\x01\x00\x00\x02\x01\x00\x00\x00\x02\x00\x00\x00" + zeros[:8]:      "cap_chown=ep cap_dac_override=ei",
	} {
		if got, ok := parseCapabilities([]byte(data)); !ok || got != want {
			t.Errorf("%q is %q, %t, want %q", data, got, ok, want)
		}
	}
	for _, data := range []string{"", "\x01\x00\x00", "\x01\x00\x00\x02", "\x01\x00\x00\x01" + zeros[:8], "\x01\x00\x00\x03" + zeros[:16], "\x01\x00\x00\x02" + zeros[:20]} {
		if got, ok := parseCapabilities([]byte(data)); ok {
			t.Errorf("%q is taken for %q", data, got)
		}
	}
}

func FuzzParseCapabilities(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, ok := parseCapabilities(data); ok && !strings.Contains(text, "=") {
			t.Errorf("%q became %q", data, text)
		}
	})
}
