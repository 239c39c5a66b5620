package identity

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var wtsQuerySessionInformation = windows.NewLazySystemDLL("wtsapi32.dll").NewProc("WTSQuerySessionInformationW")

// The facts of WTS_INFO_CLASS that are asked for.
const (
	wtsUserName    = 5
	wtsDomainName  = 7
	wtsClientName  = 10
	wtsSessionInfo = 24
)

// wtsInfo is WTSINFOW.
type wtsInfo struct {
	state, sessionID                                                                                     uint32
	incomingBytes, outgoingBytes, incomingFrames, outgoingFrames, incomingCompressed, outgoingCompressed uint32
	station                                                                                              [32]uint16
	domain                                                                                               [17]uint16
	user                                                                                                 [21]uint16
	connected, disconnected, lastInput, logon, current                                                   int64
}

const sessionsMax = 10_000

func generateLoggedInUsers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*session) error) error {
	if !host.Live() || wtsQuerySessionInformation.Find() != nil {
		return nil
	}
	var first *windows.WTS_SESSION_INFO
	var count uint32
	if err := windows.WTSEnumerateSessions(0, 0, 1, &first, &count); err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	if first == nil {
		return nil
	}
	defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(first)))
	for _, s := range unsafe.Slice(first, min(count, sessionsMax)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := sessionText(s.SessionID, wtsUserName)
		if name == "" {
			continue // the services' session, or one that waits for someone
		}
		row := session{Type: sessionState(s.State), User: name, TTY: windows.UTF16PtrToString(s.WindowStationName), Host: sessionText(s.SessionID, wtsClientName), PID: -1}
		row.Time = logonTime(s.SessionID)
		account := name
		if domain := sessionText(s.SessionID, wtsDomainName); domain != "" {
			account = domain + `\` + name
		}
		if id, _, _, err := windows.LookupSID("", account); err == nil {
			row.SID = id.String()
			row.RegistryHive = `HKEY_USERS\` + row.SID
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func sessionState(state uint32) string {
	names := [...]string{"active", "connected", "connectQuery", "shadow", "disconnected", "idle", "listen", "reset", "down", "init"}
	if state < uint32(len(names)) {
		return names[state]
	}
	return "unknown"
}

func sessionText(id uint32, class uintptr) string {
	var buffer *uint16
	var size uint32
	ok, _, _ := wtsQuerySessionInformation.Call(0, uintptr(id), class, uintptr(unsafe.Pointer(&buffer)), uintptr(unsafe.Pointer(&size)))
	if ok == 0 || buffer == nil {
		return ""
	}
	defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(buffer)))
	return windows.UTF16PtrToString(buffer)
}

// logonTime is when a session's user logged on, in Unix seconds; 0 where it is not known.
func logonTime(id uint32) int64 {
	var info *wtsInfo
	var size uint32
	ok, _, _ := wtsQuerySessionInformation.Call(0, uintptr(id), wtsSessionInfo, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)))
	if ok == 0 || info == nil {
		return 0
	}
	defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(info)))
	if size < uint32(unsafe.Sizeof(*info)) || info.logon <= 0 {
		return 0
	}
	logon := windows.Filetime{LowDateTime: uint32(info.logon), HighDateTime: uint32(info.logon >> 32)}
	return logon.Nanoseconds() / 1e9
}
