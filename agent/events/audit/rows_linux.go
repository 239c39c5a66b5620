package audit

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"github.com/elastic/go-libaudit/v2/auparse"
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables/threat"
)

// The tables.
const (
	processes = "process_events"
	sockets   = "socket_events"
	users     = "user_events"
	appArmor  = "apparmor_events"
	selinux   = "selinux_events"
	seccomp   = "seccomp_events"
)

// Tables lists the tables that audit serves.
var Tables = []string{processes, sockets, users, appArmor, selinux, seccomp}

// event is the records of one moment, as the kernel numbered them.
type event struct {
	at     time.Time
	uptime int64
	groups map[auparse.AuditMessageType]fields // of each type the pairs; of PATH those of the first item
	texts  map[auparse.AuditMessageType]string // of each type the first record
}

// newEvent reads the records of an event.
func newEvent(records []*auparse.AuditMessage, uptimeOf func(time.Time) int64) *event {
	e := &event{groups: map[auparse.AuditMessageType]fields{}, texts: map[auparse.AuditMessageType]string{}}
	for _, r := range records {
		if e.at.IsZero() {
			e.at, e.uptime = r.Timestamp, uptimeOf(r.Timestamp)
		}
		text := body(r.RawData)
		known := e.groups[r.RecordType]
		switch {
		case known == nil:
			e.groups[r.RecordType], e.texts[r.RecordType] = parseFields(text), text
		case r.RecordType == auparse.AUDIT_EXECVE: // the next part of many arguments
			known.parse(text, 0)
		}
	}
	return e
}

// body is a record without its time and number.
func body(text string) string {
	for i := range len(text) - 1 {
		if text[i] == ')' && text[i+1] == ':' {
			text = text[i+2:]
			break
		}
	}
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	return text
}

// rows calls each for what the event is in the tables.
func (e *event) rows(each func(table string, row any)) {
	if call := e.groups[auparse.AUDIT_SYSCALL]; call != nil {
		name := syscallName(call)
		switch name {
		case "execve", "execveat":
			if call.word("success") == "yes" {
				each(processes, e.process(call, name))
			}
		case "connect", "bind", "accept", "accept4":
			if row := e.socket(call, name); row != nil {
				each(sockets, row)
			}
		}
	}
	for kind, f := range e.groups {
		switch {
		case kind == auparse.AUDIT_SECCOMP:
			each(seccomp, e.seccomp(f))
		case f["apparmor"] != "":
			each(appArmor, e.appArmor(kind, f))
		case kind >= 1400 && kind < 1500, kind == auparse.AUDIT_USER_AVC:
			each(selinux, &threat.SELinuxEvent{Type: kind.String(), Message: e.texts[kind], Time: e.at.Unix(), Uptime: e.uptime})
		case kind == auparse.AUDIT_USER_CMD || kind == auparse.AUDIT_USER_TTY: // command lines and keys as typed, with what secrets they hold
		case kind >= auparse.AUDIT_USER_AUTH && kind <= auparse.AUDIT_GRP_CHAUTHTOK:
			each(users, e.user(kind, f))
		}
	}
}

func syscallName(call fields) string {
	arch, err := strconv.ParseUint(call["arch"], 16, 32)
	if err != nil {
		return ""
	}
	number, err := strconv.Atoi(call["syscall"])
	if err != nil {
		return call["syscall"] // written with its name
	}
	return syscallNames()[auparse.AuditArch(arch).String()][number]
}

func (e *event) process(call fields, name string) *threat.ProcessEvent {
	file := e.groups[auparse.AUDIT_PATH]
	row := &threat.ProcessEvent{
		PID: call.number("pid"), Parent: call.number("ppid"), Path: call.text("exe"), Mode: file.word("mode"), Cwd: e.groups[auparse.AUDIT_CWD].text("cwd"),
		AUID: call.maybe("auid"), UID: call.number("uid"), EUID: call.number("euid"), GID: call.number("gid"), EGID: call.number("egid"),
		FSUID: call.maybe("fsuid"), SUID: call.maybe("suid"), FSGID: call.maybe("fsgid"), SGID: call.maybe("sgid"),
		OwnerUID: file.number("ouid"), OwnerGID: file.number("ogid"), Time: e.at.Unix(), Uptime: e.uptime,
	}
	row.SystemCall.V, row.SystemCall.Valid = name, true
	if row.Path == "" {
		row.Path = file.text("name")
	}
	arguments, size := e.groups[auparse.AUDIT_EXECVE].arguments()
	row.SetArguments(arguments, size)
	return row
}

func (e *event) socket(call fields, name string) *threat.SocketEvent {
	family, address, ok := parseAddress(e.groups[auparse.AUDIT_SOCKADDR]["saddr"])
	if !ok {
		return nil // a Unix socket, or none of the network
	}
	row := &threat.SocketEvent{
		Action: name, PID: call.number("pid"), Path: call.text("exe"), AUID: call.maybe("auid"), Family: family, Time: e.at.Unix(), Uptime: e.uptime,
	}
	if name == "accept4" {
		row.Action = "accept"
	}
	if fd, err := strconv.ParseUint(call["a0"], 16, 32); err == nil {
		row.FD = strconv.FormatUint(fd, 10)
	}
	if name == "bind" {
		row.LocalAddress, row.LocalPort = address.Addr().String(), int32(address.Port())
	} else {
		row.RemoteAddress, row.RemotePort = address.Addr().String(), int32(address.Port())
	}
	row.Status.Valid = true
	switch exit := call.number("exit"); {
	case call.word("success") == "yes":
		row.Success, row.Status.V = 1, "succeeded"
	case exit == -int64(unix.EINPROGRESS):
		row.Status.V = "in_progress"
	case exit == -int64(unix.EAGAIN) && row.Action == "accept":
		row.Status.V = "no_client"
	default:
		row.Status.V = "failed"
	}
	return row
}

// parseAddress reads a socket's address of IPv4 or IPv6 as the kernel has it in memory, in hexadecimal.
func parseAddress(text string) (family int32, address netip.AddrPort, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) < 8 {
		return 0, netip.AddrPort{}, false
	}
	port := binary.BigEndian.Uint16(raw[2:])
	switch family := binary.NativeEndian.Uint16(raw); {
	case family == unix.AF_INET:
		return unix.AF_INET, netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw[4:8])), port), true
	case family == unix.AF_INET6 && len(raw) >= 24:
		return unix.AF_INET6, netip.AddrPortFrom(netip.AddrFrom16([16]byte(raw[8:24])), port), true
	}
	return 0, netip.AddrPort{}, false
}

func (e *event) user(kind auparse.AuditMessageType, f fields) *threat.UserEvent {
	return &threat.UserEvent{
		UID: f.number("uid"), AUID: f.maybe("auid"), PID: f.number("pid"), Message: e.texts[kind], Type: int32(kind), Path: f.text("exe"),
		Address: f.word("addr"), Terminal: f.word("terminal"), Time: e.at.Unix(), Uptime: e.uptime,
	}
}

func (e *event) appArmor(kind auparse.AuditMessageType, f fields) *threat.AppArmorEvent {
	return &threat.AppArmorEvent{
		Type: kind.String(), Message: e.texts[kind], Time: e.at.Unix(), Uptime: e.uptime, AppArmor: f.word("apparmor"), Operation: f.word("operation"),
		Parent: f.maybe("parent"), Profile: f.text("profile"), Name: f.text("name"), PID: f.maybe("pid"), Comm: f.text("comm"), DeniedMask: f.word("denied_mask"),
		CapName: f.word("capname"), FSUID: f.maybe("fsuid"), OUID: f.maybe("ouid"), Capability: f.maybe("capability"), RequestedMask: f.word("requested_mask"),
		Info: f.word("info"), Error: f.word("error"), Namespace: f.word("namespace"), Label: f.word("label"),
	}
}

func (e *event) seccomp(f fields) *threat.SeccompEvent {
	row := &threat.SeccompEvent{
		Time: e.at.Unix(), Uptime: e.uptime, AUID: f.maybe("auid"), UID: f.maybe("uid"), GID: f.maybe("gid"), Session: f.maybe("ses"), PID: f.maybe("pid"),
		Comm: f.text("comm"), Exe: f.text("exe"), Signal: f.maybe("sig"), SystemCall: syscallName(f), Compat: f.maybe("compat"), IP: f.word("ip"), Code: f.word("code"),
	}
	if arch, err := strconv.ParseUint(f["arch"], 16, 32); err == nil {
		row.Arch = auparse.AuditArch(arch).String()
	}
	return row
}
