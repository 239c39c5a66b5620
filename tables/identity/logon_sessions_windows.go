package identity

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	secur32                   = windows.NewLazySystemDLL("secur32.dll")
	lsaEnumerateLogonSessions = secur32.NewProc("LsaEnumerateLogonSessions")
	lsaGetLogonSessionData    = secur32.NewProc("LsaGetLogonSessionData")
	lsaFreeReturnBuffer       = secur32.NewProc("LsaFreeReturnBuffer")
)

// logonSessionData is SECURITY_LOGON_SESSION_DATA as far as the table shows it.
type logonSessionData struct {
	size                                uint32
	logonID                             windows.LUID
	user, domain, authenticationPackage windows.NTUnicodeString
	logonType, session                  uint32
	sid                                 *windows.SID
	logonTime                           int64
	server, dnsDomain, upn              windows.NTUnicodeString
	userFlags                           uint32
	lastSuccessful, lastFailed          int64
	failedAttempts                      uint32
	script, profile, home, homeDrive    windows.NTUnicodeString
}

func generateLogonSessions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*logonSession) error) error {
	if !host.Live() || lsaEnumerateLogonSessions.Find() != nil {
		return nil
	}
	var count uint32
	var list *windows.LUID
	if code, _, _ := lsaEnumerateLogonSessions.Call(uintptr(unsafe.Pointer(&count)), uintptr(unsafe.Pointer(&list))); code != 0 {
		return fmt.Errorf("list logon sessions: %w", windows.NTStatus(code))
	}
	if list == nil {
		return nil
	}
	defer lsaFreeReturnBuffer.Call(uintptr(unsafe.Pointer(list)))
	for _, id := range unsafe.Slice(list, min(count, sessionsMax)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var data *logonSessionData
		if code, _, _ := lsaGetLogonSessionData.Call(uintptr(unsafe.Pointer(&id)), uintptr(unsafe.Pointer(&data))); code != 0 || data == nil {
			continue // another's, or over by now
		}
		row := data.row()
		lsaFreeReturnBuffer.Call(uintptr(unsafe.Pointer(data)))
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func (d *logonSessionData) row() logonSession {
	row := logonSession{
		LogonID: int32(d.logonID.LowPart), User: d.user.String(), LogonDomain: d.domain.String(), AuthenticationPackage: d.authenticationPackage.String(),
		LogonType: logonTypeName(d.logonType), SessionID: int32(d.session), LogonServer: d.server.String(), DNSDomainName: d.dnsDomain.String(),
		UPN: d.upn.String(), LogonScript: d.script.String(), ProfilePath: d.profile.String(), HomeDirectory: d.home.String(), HomeDirectoryDrive: d.homeDrive.String(),
	}
	if d.sid != nil {
		row.LogonSID = d.sid.String()
	}
	if d.logonTime > 0 {
		at := windows.Filetime{LowDateTime: uint32(d.logonTime), HighDateTime: uint32(d.logonTime >> 32)}
		row.LogonTime = at.Nanoseconds() / 1e9
	}
	return row
}

func logonTypeName(kind uint32) string {
	names := [...]string{
		"Undefined Logon Type", "", "Interactive", "Network", "Batch", "Service", "Proxy", "Unlock", "Network Cleartext", "New Credentials",
		"Remote Interactive", "Cached Interactive", "Cached Remote Interactive", "Cached Unlock",
	}
	if kind < uint32(len(names)) && names[kind] != "" {
		return names[kind]
	}
	return names[0]
}
