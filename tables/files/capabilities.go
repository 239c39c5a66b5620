package files

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// capabilityNames are the kernel's rights in the order of their bits: linux/capability.h.
var capabilityNames = [...]string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot",
	"sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease",
	"audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
	"perfmon", "bpf", "checkpoint_restore",
}

// parseCapabilities reads struct vfs_ns_cap_data and writes it as getcap does: cap_net_admin,cap_net_raw=ep.
func parseCapabilities(data []byte) (text string, ok bool) {
	const revision2, revision3, effective = 2 << 24, 3 << 24, 1
	if len(data) < 4 {
		return "", false
	}
	magic := binary.LittleEndian.Uint32(data)
	switch revision := magic &^ 0xffffff; {
	case revision == revision2 && len(data) == 20:
	case revision == revision3 && len(data) == 24: // the root user of a namespace follows
	default:
		return "", false
	}
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(data[4*i:])) }
	permitted, inheritable := word(1)|word(3)<<32, word(2)|word(4)<<32
	mark := ""
	if magic&effective != 0 {
		mark = "e"
	}
	var groups []string
	for _, group := range []struct {
		bits  uint64
		flags string
	}{{permitted & inheritable, "ip"}, {permitted &^ inheritable, "p"}, {inheritable &^ permitted, "i"}} {
		if group.bits != 0 {
			groups = append(groups, capabilityList(group.bits)+"="+mark+group.flags)
		}
	}
	if groups == nil {
		return "=", true
	}
	return strings.Join(groups, " "), true
}

func capabilityList(bits uint64) string {
	var names []string
	for i := range 64 {
		if bits>>i&1 == 0 {
			continue
		}
		name := strconv.Itoa(i) // a right that this list does not know yet
		if i < len(capabilityNames) {
			name = capabilityNames[i]
		}
		names = append(names, "cap_"+name)
	}
	return strings.Join(names, ",")
}
