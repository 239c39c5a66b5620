package identity

import (
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	netUserModalsGet = windows.NewLazySystemDLL("netapi32.dll").NewProc("NetUserModalsGet")
	advapi           = windows.NewLazySystemDLL("advapi32.dll")
	lsaOpenPolicy    = advapi.NewProc("LsaOpenPolicy")
	lsaQueryPolicy   = advapi.NewProc("LsaQueryInformationPolicy")
	lsaFreeMemory    = advapi.NewProc("LsaFreeMemory")
	lsaClose         = advapi.NewProc("LsaClose")
)

// userModals0 is USER_MODALS_INFO_0; its times are in seconds.
type userModals0 struct{ minLength, maxAge, minAge, forceLogoff, history uint32 }

// userModals3 is USER_MODALS_INFO_3.
type userModals3 struct{ lockoutDuration, lockoutWindow, lockoutThreshold uint32 }

// readLivePolicies fills in what the running system tells without its account database, which only itself may read.
func readLivePolicies(row *securityProfileInfo) {
	const forever = ^uint32(0)
	if p, free := modals(0); p != nil {
		m := (*userModals0)(p)
		row.MinimumPasswordLength, row.PasswordHistorySize = tables.Some(int64(m.minLength)), tables.Some(int64(m.history))
		row.MinimumPasswordAge, row.MaximumPasswordAge = tables.Some(int64(m.minAge/86400)), tables.Some[int64](-1)
		if m.maxAge != forever {
			row.MaximumPasswordAge = tables.Some(int64(m.maxAge / 86400))
		}
		row.ForceLogoffWhenExpire = tables.Some(int64(boolean(m.forceLogoff != forever)))
		free()
	}
	if p, free := modals(3); p != nil {
		row.LockoutBadCount = tables.Some(int64((*userModals3)(p).lockoutThreshold))
		free()
	}
	readAuditPolicy(row)
}

func modals(level uintptr) (p unsafe.Pointer, free func()) {
	if netUserModalsGet.Find() != nil {
		return nil, nil
	}
	var buffer *byte
	if code, _, _ := netUserModalsGet.Call(0, level, uintptr(unsafe.Pointer(&buffer))); code != 0 || buffer == nil {
		return nil, nil
	}
	return unsafe.Pointer(buffer), func() { _ = windows.NetApiBufferFree(buffer) }
}

// auditEvents is POLICY_AUDIT_EVENTS_INFO.
type auditEvents struct {
	mode    byte
	options *uint32
	count   uint32
}

// readAuditPolicy fills in the nine categories, each a mask of 1 success and 2 failure.
func readAuditPolicy(row *securityProfileInfo) {
	const viewAuditInformation, auditEventsInformation = 2, 2
	var attributes [48]byte // LSA_OBJECT_ATTRIBUTES, which is ignored
	var policy uintptr
	if status, _, _ := lsaOpenPolicy.Call(0, uintptr(unsafe.Pointer(&attributes)), viewAuditInformation, uintptr(unsafe.Pointer(&policy))); status != 0 {
		return // not an administrator
	}
	defer lsaClose.Call(policy)
	var events *auditEvents
	if status, _, _ := lsaQueryPolicy.Call(policy, auditEventsInformation, uintptr(unsafe.Pointer(&events))); status != 0 || events == nil {
		return
	}
	defer lsaFreeMemory.Call(uintptr(unsafe.Pointer(events)))
	categories := [...]*tables.Null[int64]{
		&row.AuditSystemEvents, &row.AuditLogonEvents, &row.AuditObjectAccess, &row.AuditPrivilegeUse, &row.AuditProcessTracking,
		&row.AuditPolicyChange, &row.AuditAccountManage, &row.AuditDSAccess, &row.AuditAccountLogon,
	}
	if events.options == nil {
		return
	}
	for i, option := range unsafe.Slice(events.options, min(int(events.count), len(categories))) {
		*categories[i] = tables.Some(int64(option & 3))
	}
}
