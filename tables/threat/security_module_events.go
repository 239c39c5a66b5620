package threat

import "github.com/tenantra/tenantra/tables"

// AppArmorEvent is one record of AppArmor.
type AppArmorEvent struct {
	Type          string             `col:"type" doc:"Type of the audit record."`
	Message       string             `col:"message" doc:"The record as the kernel wrote it."`
	Time          int64              `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime        int64              `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID           string             `col:"eid" opt:"hidden" doc:"Identifier of the event."`
	AppArmor      string             `col:"apparmor" doc:"Kind of event: DENIED, ALLOWED, STATUS, AUDIT."`
	Operation     string             `col:"operation" doc:"What was tried: open, exec, capable, profile_load."`
	Parent        tables.Null[int64] `col:"parent" type:"UNSIGNED_BIGINT" doc:"Number of the parent process."`
	Profile       string             `col:"profile" doc:"Profile that was applied."`
	Name          string             `col:"name" doc:"Object that was accessed."`
	PID           tables.Null[int64] `col:"pid" type:"UNSIGNED_BIGINT" doc:"Process number."`
	Comm          string             `col:"comm" doc:"Name of the process."`
	DeniedMask    string             `col:"denied_mask" doc:"Rights that were denied."`
	CapName       string             `col:"capname" doc:"Name of the capability that was wanted."`
	FSUID         tables.Null[int64] `col:"fsuid" type:"UNSIGNED_BIGINT" doc:"User number for access to files."`
	OUID          tables.Null[int64] `col:"ouid" type:"UNSIGNED_BIGINT" doc:"Owner of the object."`
	Capability    tables.Null[int64] `col:"capability" doc:"Number of the capability that was wanted."`
	RequestedMask string             `col:"requested_mask" doc:"Rights that were wanted."`
	Info          string             `col:"info" doc:"Further facts."`
	Error         string             `col:"error" doc:"Error that the process got."`
	Namespace     string             `col:"namespace" doc:"Namespace of the profile."`
	Label         string             `col:"label" doc:"Label of the process."`
}

// AppArmorEvents has a row for each record while the agent watched.
var AppArmorEvents = tables.DefineByPlatform(tables.Spec{
	Name: "apparmor_events", Doc: "What AppArmor denied or reported.",
	Category: tables.Threat, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT profile, operation, name, denied_mask FROM apparmor_events WHERE apparmor = 'DENIED'"},
}, recorded("apparmor_events", func(r *AppArmorEvent, id string) { r.EID = id }))

// SELinuxEvent is one record of SELinux.
type SELinuxEvent struct {
	Type    string `col:"type" doc:"Type of the audit record: AVC, USER_AVC, SELINUX_ERR."`
	Message string `col:"message" doc:"The record as it was written."`
	Time    int64  `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime  int64  `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID     string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// SELinuxEvents has a row for each record while the agent watched.
var SELinuxEvents = tables.DefineByPlatform(tables.Spec{
	Name: "selinux_events", Doc: "What SELinux denied or reported.",
	Category: tables.Threat, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT type, message FROM selinux_events WHERE message LIKE '%denied%'"},
}, recorded("selinux_events", func(r *SELinuxEvent, id string) { r.EID = id }))

// SeccompEvent is one system call that a filter caught.
type SeccompEvent struct {
	Time       int64              `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime     int64              `col:"uptime" doc:"When it happened, in seconds since boot."`
	AUID       tables.Null[int64] `col:"auid" type:"UNSIGNED_BIGINT" doc:"User who logged in, whoever they have become since."`
	UID        tables.Null[int64] `col:"uid" type:"UNSIGNED_BIGINT" doc:"User number."`
	GID        tables.Null[int64] `col:"gid" type:"UNSIGNED_BIGINT" doc:"Group number."`
	Session    tables.Null[int64] `col:"ses" type:"UNSIGNED_BIGINT" doc:"Number of the session."`
	PID        tables.Null[int64] `col:"pid" type:"UNSIGNED_BIGINT" doc:"Process number."`
	Comm       string             `col:"comm" doc:"Name of the process."`
	Exe        string             `col:"exe" doc:"Program of the process."`
	Signal     tables.Null[int64] `col:"sig" doc:"Signal that the process got."`
	Arch       string             `col:"arch" doc:"Architecture of the call."`
	SystemCall string             `col:"syscall" doc:"System call."`
	Compat     tables.Null[int64] `col:"compat" doc:"1 where the call came in a 32-bit form."`
	IP         string             `col:"ip" doc:"Address of the instruction."`
	Code       string             `col:"code" doc:"What the filter decided."`
}

// SeccompEvents has a row for each caught call while the agent watched.
var SeccompEvents = tables.DefineByPlatform(tables.Spec{
	Name: "seccomp_events", Doc: "System calls that filters of seccomp caught.",
	Category: tables.Threat, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT exe, syscall, code FROM seccomp_events"},
}, recorded("seccomp_events", func(*SeccompEvent, string) {})) // osquery gives it no eid
