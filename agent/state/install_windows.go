package state

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// CheckInstall refuses a program whose file everybody, or every user, may write.
func CheckInstall(program string) error {
	sd, err := windows.GetNamedSecurityInfo(program, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("check the installation: %w", err)
	}
	list, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("check the installation: %w", err)
	}
	if list == nil {
		return fmt.Errorf("%s is writable by everybody: install it in the program directory, or start with --trust-install-dir", program)
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return fmt.Errorf("check the installation: %w", err)
		}
		if entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || entry.Mask&(windows.FILE_WRITE_DATA|windows.FILE_APPEND_DATA|windows.DELETE|windows.WRITE_DAC|windows.WRITE_OWNER|windows.GENERIC_WRITE|windows.GENERIC_ALL) == 0 {
			continue
		}
		sid := sidOf(entry)
		for _, everybody := range []windows.WELL_KNOWN_SID_TYPE{windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid} {
			if sid.IsWellKnown(everybody) {
				return fmt.Errorf("%s is writable by %s: install it in the program directory, or start with --trust-install-dir", program, sid)
			}
		}
	}
	return nil
}
