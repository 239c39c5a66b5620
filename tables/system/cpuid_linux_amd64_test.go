package system

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestCPUIDMatchesCPUInfo compares with what the kernel tells of the same processor.
func TestCPUIDMatchesCPUInfo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Skip(err)
	}
	thread := parseThread(strings.SplitN(string(text), "\n\n", 2)[0])
	values := map[string]string{}
	for _, row := range liveRows(t, CPUID, nil) {
		values[row["feature"].(string)] = row["value"].(string)
	}
	if values["vendor"] != thread.vendor {
		t.Errorf("vendor is %q, the kernel says %q", values["vendor"], thread.vendor)
	}
	// The kernel of a virtual machine may show another name than the processor, so only its form is checked.
	if name := values["product_name"]; name == "" || strings.ContainsFunc(name, unicode.IsControl) {
		t.Errorf("product is %q", name)
	}
	_, flags, _ := strings.Cut(string(text), "\nflags")
	flags, _, _ = strings.Cut(flags, "\n")
	for feature, flag := range map[string]string{"sse2": "sse2", "nx": "nx", "lm": "lm", "hypervisor": "hypervisor"} {
		want := "0"
		if slices.Contains(strings.Fields(flags), flag) {
			want = "1"
		}
		if values[feature] != want {
			t.Errorf("%s is %s, the kernel says %s", feature, values[feature], want)
		}
	}
}
