package kernel

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// sipFlag is the state of System Integrity Protection or of one exception from it.
type sipFlag struct {
	ConfigFlag   string `col:"config_flag" doc:"sip, or what is allowed."`
	Enabled      int64  `col:"enabled" type:"INTEGER" doc:"1 where the protection is on or the flag is set."`
	EnabledNVRAM int64  `col:"enabled_nvram" type:"INTEGER" doc:"The same as the firmware keeps it for the next start; -1 where that is unknown."`
}

// SIPConfig has the row sip for the protection as a whole, and one for each thing that it may allow.
// Source: csrutil(1) and the variable csr-active-config of the firmware, on a running system; the flags are those of XNU's
// bsd/sys/csr.h.
var SIPConfig = tables.Define[sipFlag](tables.Spec{
	Name: "sip_config", Doc: "System Integrity Protection: whether it is on, and what it allows.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT enabled FROM sip_config WHERE config_flag = 'sip'"},
}, generateSIPConfig)

// sipFlags are the exceptions, by their bits, with the line of csrutil that tells of each; inverted where the line names
// a protection and not what is allowed.
var sipFlags = [...]struct {
	name, line string
	bit        uint32
	inverted   bool
}{
	{"allow_any_recovery_os", "BaseSystem Verification", 1 << 8, true},
	{"allow_apple_internal", "Apple Internal", 1 << 4, false},
	{"allow_device_configuration", "", 1 << 7, false},
	{"allow_executable_policy_override", "", 1 << 10, false},
	{"allow_kernel_debugger", "Kernel Integrity Protections", 1 << 3, true},
	{"allow_task_for_pid", "Debugging Restrictions", 1 << 2, true},
	{"allow_unapproved_kexts", "", 1 << 9, false},
	{"allow_unauthenticated_root", "Authenticated Root Requirement", 1 << 11, true},
	{"allow_unrestricted_dtrace", "DTrace Restrictions", 1 << 5, true},
	{"allow_unrestricted_fs", "Filesystem Protections", 1 << 1, true},
	{"allow_unrestricted_nvram", "NVRAM Protections", 1 << 6, true},
	{"allow_untrusted_kexts", "Kext Signing", 1 << 0, true},
}

func generateSIPConfig(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sipFlag) error) error {
	out, err := host.Run(ctx, "/usr/bin/csrutil", "status")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/bin/csrutil", err)
		return ctx.Err()
	}
	enabled, lines, ok := parseCSRUtil(string(out))
	if !ok {
		return fmt.Errorf("csrutil: unknown answer %q", out)
	}
	kept, known := keptSIPConfig(readNVRAM(ctx, host))
	whole := sipFlag{ConfigFlag: "sip", Enabled: flag(enabled), EnabledNVRAM: flag(enabled)}
	if err := emit(&whole); err != nil {
		return err
	}
	for _, f := range sipFlags {
		row := sipFlag{ConfigFlag: f.name, EnabledNVRAM: -1}
		if known {
			row.EnabledNVRAM = flag(kept&f.bit != 0)
		}
		if on, told := lines[f.line]; told {
			row.Enabled = flag(on != f.inverted)
		} else if !enabled && known {
			row.Enabled = row.EnabledNVRAM
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseCSRUtil reads the answer: whether the protection is on, and for a custom configuration each of its lines. One that
// is off as a whole allows all that the firmware's variable tells.
func parseCSRUtil(text string) (enabled bool, lines map[string]bool, ok bool) {
	lines = map[string]bool{}
	for line := range strings.Lines(text) {
		name, state, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found {
			continue
		}
		state = strings.TrimSuffix(state, ".")
		if strings.HasPrefix(name, "System Integrity Protection status") {
			ok = true
			enabled = state == "enabled" || strings.HasPrefix(state, "enabled (")
			continue
		}
		lines[name] = state == "enabled"
	}
	return enabled && len(lines) == 0, lines, ok
}

// keptSIPConfig reads the firmware's variable: four bytes, or eight on newer machines; one that is absent allows nothing.
func keptSIPConfig(variables plist.Dict) (bits uint32, known bool) {
	if len(variables) == 0 {
		return 0, false
	}
	if !variables.Has("csr-active-config") {
		return 0, true
	}
	data := variables.Data("csr-active-config")
	if len(data) < 4 {
		return 0, false
	}
	return binary.LittleEndian.Uint32(data), true
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
