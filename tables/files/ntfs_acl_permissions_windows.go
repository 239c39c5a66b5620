package files

import (
	"context"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

var getExplicitEntries = windows.NewLazySystemDLL("advapi32.dll").NewProc("GetExplicitEntriesFromAclW")

const aclEntriesMax = 10_000

func generateNTFSACLPermissions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*ntfsPermission) error) error {
	if !host.Live() {
		return nil
	}
	return selectByPath(ctx, host, q, func(f *found) error {
		descriptor, err := windows.GetNamedSecurityInfo(windowsPath(f.path), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			hostfile.Skipped(ctx, host, f.shown(), err)
			return nil
		}
		list, _, err := descriptor.DACL()
		if err != nil || list == nil {
			return nil // no list: all is granted to all, and to no one in particular
		}
		var count uint32
		var entries *windows.EXPLICIT_ACCESS
		code, _, _ := getExplicitEntries.Call(uintptr(unsafe.Pointer(list)), uintptr(unsafe.Pointer(&count)), uintptr(unsafe.Pointer(&entries)))
		if code != 0 || entries == nil {
			return nil
		}
		defer windows.LocalFree(windows.Handle(unsafe.Pointer(entries)))
		for i, e := range unsafe.Slice(entries, min(count, aclEntriesMax)) {
			row := ntfsPermission{Path: f.shown(), Type: accessModeName(uint32(e.AccessMode)), Principal: trusteeName(&e.Trustee), Access: accessText(uint32(e.AccessPermissions))}
			if !inherited(list, uint32(i)) {
				row.InheritedFrom = tables.Some("")
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// inherited tells whether an entry came from a directory above. From which, the file system does not keep.
func inherited(list *windows.ACL, i uint32) bool {
	var ace *windows.ACCESS_ALLOWED_ACE
	if err := windows.GetAce(list, i, &ace); err != nil {
		return true
	}
	return ace.Header.AceFlags&windows.INHERITED_ACE != 0
}

func accessModeName(mode uint32) string {
	names := [...]string{"Not Used", "Grant", "Set", "Deny", "Revoke", "Audit Success", "Audit Failure"}
	if mode < uint32(len(names)) {
		return names[mode]
	}
	return "Unknown"
}

func trusteeName(t *windows.TRUSTEE) string {
	if t.TrusteeForm != windows.TRUSTEE_IS_SID {
		return "Unknown"
	}
	id := *(**windows.SID)(unsafe.Pointer(&t.TrusteeValue)) // a pointer that the package types as a number
	name, domain, _, err := id.LookupAccount("")
	switch {
	case err != nil:
		return id.String() // of an account that is gone, or that another machine knows
	case domain == "":
		return name
	default:
		return domain + `\` + name
	}
}

func accessText(mask uint32) string {
	var rights []string
	for _, r := range []struct {
		bit  uint32
		name string
	}{
		{windows.DELETE, "Delete"}, {windows.READ_CONTROL, "Read Control"}, {windows.WRITE_DAC, "Write DAC"}, {windows.WRITE_OWNER, "Write Owner"},
		{windows.SYNCHRONIZE, "Synchronize"}, {windows.ACCESS_SYSTEM_SECURITY, "Access System Security"}, {windows.GENERIC_ALL, "Generic All"},
		{windows.GENERIC_EXECUTE, "Generic Execute"}, {windows.GENERIC_WRITE, "Generic Write"}, {windows.GENERIC_READ, "Generic Read"},
	} {
		if mask&r.bit != 0 {
			rights = append(rights, r.name)
		}
	}
	return strings.Join(rights, ",")
}
