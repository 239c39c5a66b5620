package accounts

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables/internal/sid"
)

var (
	netapi                  = windows.NewLazySystemDLL("netapi32.dll")
	netLocalGroupEnum       = netapi.NewProc("NetLocalGroupEnum")
	netLocalGroupGetMembers = netapi.NewProc("NetLocalGroupGetMembers")
)

const (
	normalAccounts   = 2          // FILTER_NORMAL_ACCOUNT
	unlimited        = ^uint32(0) // MAX_PREFERRED_LENGTH
	defaultGroup     = 513        // of local accounts
	accountsMax      = 100_000
	userInfoBasic    = 1
	accountDisabled  = 2 // UF_ACCOUNTDISABLE
	userInfoExtended = 4
)

// userInfo4 is USER_INFO_4.
type userInfo4 struct {
	name, password                                       *uint16
	passwordAge, priv                                    uint32
	homeDir, comment                                     *uint16
	flags                                                uint32
	scriptPath                                           *uint16
	authFlags                                            uint32
	fullName, usrComment, parms, workstations            *uint16
	lastLogon, lastLogoff, acctExpires, maxStorage, week uint32
	logonHours                                           *byte
	badPwCount, numLogons                                uint32
	logonServer                                          *uint16
	countryCode, codePage                                uint32
	sid                                                  *windows.SID
	primaryGroupID                                       uint32
	profile, homeDirDrive                                *uint16
	passwordExpired                                      uint32
}

// userInfo1 is USER_INFO_1.
type userInfo1 struct {
	name, password    *uint16
	passwordAge, priv uint32
	homeDir, comment  *uint16
	flags             uint32
	scriptPath        *uint16
}

// directUsers asks the running system for its local accounts.
func directUsers() ([]User, error) {
	var buffer *byte
	var read, total uint32
	err := windows.NetUserEnum(nil, 0, normalAccounts, &buffer, unlimited, &read, &total, nil)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	if buffer == nil {
		return nil, nil
	}
	defer windows.NetApiBufferFree(buffer)
	var users []User
	for _, name := range unsafe.Slice((**uint16)(unsafe.Pointer(buffer)), min(read, accountsMax)) {
		if u, ok := directUser(name); ok {
			users = append(users, u)
		}
	}
	return users, nil
}

func directUser(name *uint16) (User, bool) {
	u := User{Name: windows.UTF16PtrToString(name), GID: defaultGroup, Shell: windowsShell, Type: Local}
	var buffer *byte
	if err := windows.NetUserGetInfo(nil, name, userInfoExtended, &buffer); err == nil {
		defer windows.NetApiBufferFree(buffer)
		info := (*userInfo4)(unsafe.Pointer(buffer))
		u.GECOS, u.GID = windows.UTF16PtrToString(info.comment), info.primaryGroupID
		u.UUID, u.Disabled = info.sid.String(), info.flags&accountDisabled != 0
	} else if err := windows.NetUserGetInfo(nil, name, userInfoBasic, &buffer); err == nil {
		defer windows.NetApiBufferFree(buffer)
		u.GECOS = windows.UTF16PtrToString((*userInfo1)(unsafe.Pointer(buffer)).comment)
	}
	if u.UUID == "" {
		id, _, _, err := windows.LookupSID("", u.Name)
		if err != nil {
			return User{}, false // removed meanwhile
		}
		u.UUID = id.String()
	}
	rid, ok := sid.RID(u.UUID)
	u.UID = rid
	return u, ok
}

// groupInfo1 is LOCALGROUP_INFO_1.
type groupInfo1 struct{ name, comment *uint16 }

// directGroups asks the running system for its local groups.
func directGroups() ([]Group, error) {
	var buffer *byte
	var read, total uint32
	code, _, _ := netLocalGroupEnum.Call(0, 1, uintptr(unsafe.Pointer(&buffer)), uintptr(unlimited), uintptr(unsafe.Pointer(&read)), uintptr(unsafe.Pointer(&total)), 0)
	if err := netError(code); err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	if buffer == nil {
		return nil, nil
	}
	defer windows.NetApiBufferFree(buffer)
	var groups []Group
	for _, info := range unsafe.Slice((*groupInfo1)(unsafe.Pointer(buffer)), min(read, accountsMax)) {
		g := Group{Name: windows.UTF16PtrToString(info.name), Comment: windows.UTF16PtrToString(info.comment)}
		id, _, _, err := windows.LookupSID("", g.Name)
		if err != nil {
			continue // removed meanwhile
		}
		g.SID = id.String()
		rid, ok := sid.RID(g.SID)
		if !ok {
			continue
		}
		g.GID, g.MemberSIDs = rid, directMembers(info.name)
		groups = append(groups, g)
	}
	return groups, nil
}

// directMembers gives the identifiers of a group's members; none where they are not to be seen.
func directMembers(group *uint16) []string {
	var buffer *byte
	var read, total uint32
	code, _, _ := netLocalGroupGetMembers.Call(0, uintptr(unsafe.Pointer(group)), 0, uintptr(unsafe.Pointer(&buffer)), uintptr(unlimited),
		uintptr(unsafe.Pointer(&read)), uintptr(unsafe.Pointer(&total)), 0)
	if netError(code) != nil || buffer == nil {
		return nil
	}
	defer windows.NetApiBufferFree(buffer)
	var ids []string
	for _, id := range unsafe.Slice((**windows.SID)(unsafe.Pointer(buffer)), min(read, accountsMax)) {
		ids = append(ids, id.String())
	}
	return ids
}

// netError is the error of a call of netapi32. Wine lacks some of them, and has no groups to tell of.
func netError(code uintptr) error {
	if errno := windows.Errno(code); errno != 0 && !errors.Is(errno, windows.ERROR_CALL_NOT_IMPLEMENTED) {
		return errno
	}
	return nil
}
