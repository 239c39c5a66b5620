package kernel

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestKernelExtensions(t *testing.T) { tabletest.Run(t, KernelExtensions) }
func TestKernelPanics(t *testing.T)     { tabletest.Run(t, KernelPanics) }
func TestManagedPolicies(t *testing.T)  { tabletest.Run(t, ManagedPolicies) }
func TestNVRAM(t *testing.T)            { tabletest.Run(t, NVRAM) }
func TestPreferences(t *testing.T)      { tabletest.Run(t, Preferences) }
func TestSandboxes(t *testing.T)        { tabletest.Run(t, Sandboxes) }
func TestSIPConfig(t *testing.T)        { tabletest.Run(t, SIPConfig) }
func TestSystemExtensions(t *testing.T) { tabletest.Run(t, SystemExtensions) }

func FuzzParseKernelPanic(f *testing.F) {
	f.Add("{\"bug_type\":\"210\"}\n{\"panicString\":\"Backtrace\\n0x1 : 0x2\"}")
	f.Add("Tue Jan  6 10:00:00 2026\nRAX: 0x0000000000000001, RBX: 0x2\nMac OS version:\n19G\n")
	f.Fuzz(func(t *testing.T, text string) {
		if row := parseKernelPanic(text); len(row.Name) > len(text) {
			t.Errorf("%+v", row)
		}
	})
}

func FuzzParseKernelExtension(f *testing.F) {
	f.Add("57 3 0xffffff7f80a00000 0x12000 0x12000 com.example.driver (1.2.3) 3F2E <8 6 5>")
	f.Fuzz(func(t *testing.T, line string) {
		if row, ok := parseKernelExtension(line); ok && row.Name == "" {
			t.Error("an extension without a name")
		}
	})
}
