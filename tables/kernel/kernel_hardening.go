package kernel

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// hardening is one protection of the kernel.
type hardening struct {
	Kind        string              `col:"kind" doc:"cpu_vulnerability, sysctl, lockdown, lsm, module or boot_parameter."`
	Name        string              `col:"name" doc:"Name of the protection: spectre_v2, kernel.kptr_restrict, lockdown."`
	Value       string              `col:"value" doc:"State that the kernel is in."`
	Recommended tables.Null[string] `col:"recommended" doc:"Values that protect, parted by commas; NULL where the state itself says whether it does."`
	Hardened    int32               `col:"hardened" doc:"1 where the kernel is protected, 0 where it is not."`
	Source      string              `col:"source" doc:"File that tells."`
}

// KernelHardening has a row for each protection that the running kernel knows. What a kernel does not know has no row.
// Source: /sys/devices/system/cpu/vulnerabilities, /proc/sys, /proc/cmdline, /sys/kernel/security; the kernel's own documentation
// says which values protect.
var KernelHardening = tables.DefineByPlatform(tables.Spec{
	Name: "kernel_hardening", Doc: "Protections of the kernel: what processors and settings leave open, and what is closed.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT kind, name, value, recommended FROM kernel_hardening WHERE hardened = 0"},
}, tables.Generators[hardening]{Linux: generateKernelHardening})

// hardeningControls are parameters of the kernel with the values that protect.
var hardeningControls = [...]struct{ name, values string }{
	{"dev.tty.ldisc_autoload", "0"}, {"fs.protected_fifos", "1,2"}, {"fs.protected_hardlinks", "1"}, {"fs.protected_regular", "1,2"},
	{"fs.protected_symlinks", "1"}, {"fs.suid_dumpable", "0"}, {"kernel.dmesg_restrict", "1"}, {"kernel.kexec_load_disabled", "1"}, {"kernel.kptr_restrict", "1,2"},
	{"kernel.modules_disabled", "1"}, {"kernel.perf_event_paranoid", "2,3,4"}, {"kernel.randomize_va_space", "2"}, {"kernel.sysrq", "0,4,16,20,176"},
	{"kernel.unprivileged_bpf_disabled", "1,2"}, {"kernel.unprivileged_userns_clone", "0"}, {"kernel.yama.ptrace_scope", "1,2,3"}, {"net.core.bpf_jit_harden", "1,2"},
	{"net.ipv4.conf.all.accept_redirects", "0"}, {"net.ipv4.conf.all.accept_source_route", "0"}, {"net.ipv4.conf.all.rp_filter", "1,2"},
	{"net.ipv4.icmp_echo_ignore_broadcasts", "1"}, {"net.ipv4.tcp_syncookies", "1,2"}, {"net.ipv6.conf.all.accept_redirects", "0"}, {"vm.mmap_min_addr", "65536,32768"},
	{"vm.unprivileged_userfaultfd", "0"},
}

const vulnerabilitiesDir = "/sys/devices/system/cpu/vulnerabilities"

func generateKernelHardening(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*hardening) error) error {
	for _, file := range hostfile.Files(ctx, host, vulnerabilitiesDir) {
		state, ok := oneLine(ctx, host, file)
		if !ok {
			continue
		}
		row := hardening{Kind: "cpu_vulnerability", Name: path.Base(file), Value: state, Source: file, Hardened: yes(vulnerabilityClosed(state))}
		if err := emit(&row); err != nil {
			return err
		}
	}
	for _, control := range hardeningControls {
		file := "/proc/sys/" + strings.ReplaceAll(control.name, ".", "/")
		value, ok := oneLine(ctx, host, file)
		if !ok {
			continue
		}
		row := hardening{Kind: "sysctl", Name: control.name, Value: value, Recommended: tables.Some(control.values), Source: file, Hardened: yes(oneOf(value, control.values))}
		if err := emit(&row); err != nil {
			return err
		}
	}
	for _, one := range []func(context.Context, tables.Host) (hardening, bool){lockdownState, securityModules, moduleSignatures} {
		row, ok := one(ctx, host)
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	const cmdline = "/proc/cmdline"
	parameters, ok := oneLine(ctx, host, cmdline)
	if !ok {
		return nil
	}
	for _, row := range weakeningParameters(parameters) {
		row.Source = cmdline
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// oneLine reads a file of one value; an absent one has none.
func oneLine(ctx context.Context, host tables.Host, file string) (string, bool) {
	data, err := host.ReadFile(file)
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(ctx, host, file, err)
		}
		return "", false
	}
	return strings.TrimSpace(string(data)), true
}

func yes(is bool) int32 {
	if is {
		return 1
	}
	return 0
}

func oneOf(value, list string) bool {
	for wanted := range strings.SplitSeq(list, ",") {
		if value == wanted {
			return true
		}
	}
	return false
}

// vulnerabilityClosed tells what Documentation/ABI/testing/sysfs-devices-system-cpu says: Not affected, Mitigation: …, Vulnerable …
// A part of a mitigation may be left open, too: Mitigation: Clear CPU buffers; SMT vulnerable.
func vulnerabilityClosed(state string) bool {
	lower := strings.ToLower(state)
	return lower == "not affected" || strings.HasPrefix(lower, "mitigation") && !strings.Contains(lower, "vulnerable")
}

// lockdownState reads the list of modes with the one in force in brackets: none [integrity] confidentiality.
func lockdownState(ctx context.Context, host tables.Host) (hardening, bool) {
	const file = "/sys/kernel/security/lockdown"
	text, ok := oneLine(ctx, host, file)
	_, rest, open := strings.Cut(text, "[")
	mode, _, closed := strings.Cut(rest, "]")
	if !ok || !open || !closed {
		return hardening{}, false
	}
	return hardening{
		Kind: "lockdown", Name: "lockdown", Value: mode, Recommended: tables.Some("integrity,confidentiality"), Source: file,
		Hardened: yes(oneOf(mode, "integrity,confidentiality")),
	}, true
}

func securityModules(ctx context.Context, host tables.Host) (hardening, bool) {
	const file = "/sys/kernel/security/lsm"
	list, ok := oneLine(ctx, host, file)
	if !ok {
		return hardening{}, false
	}
	mandatory := false
	for module := range strings.SplitSeq(list, ",") {
		mandatory = mandatory || oneOf(module, "apparmor,selinux,smack,tomoyo")
	}
	return hardening{Kind: "lsm", Name: "mandatory_access_control", Value: list, Source: file, Hardened: yes(mandatory)}, true
}

func moduleSignatures(ctx context.Context, host tables.Host) (hardening, bool) {
	const file = "/sys/module/module/parameters/sig_enforce"
	value, ok := oneLine(ctx, host, file)
	if !ok {
		return hardening{}, false
	}
	return hardening{Kind: "module", Name: "sig_enforce", Value: value, Recommended: tables.Some("Y"), Source: file, Hardened: yes(value == "Y")}, true
}

// weakening are words of the kernel's command line that take protections away.
var weakening = [...]string{
	"mitigations=off", "nokaslr", "nopti", "pti=off", "nospectre_v1", "nospectre_v2", "spectre_v2=off", "spec_store_bypass_disable=off", "nosmep", "nosmap",
	"kpti=0", "apparmor=0", "selinux=0", "enforcing=0", "audit=0", "module.sig_enforce=0", "lockdown=none", "iommu=off", "init_on_alloc=0",
	"tsx=on", "mds=off", "l1tf=off", "retbleed=off",
}

func weakeningParameters(cmdline string) []hardening {
	var rows []hardening
	for word := range strings.FieldsSeq(cmdline) {
		for _, weak := range weakening {
			if word == weak {
				name, _, _ := strings.Cut(word, "=")
				rows = append(rows, hardening{Kind: "boot_parameter", Name: name, Value: word})
			}
		}
	}
	return rows
}
