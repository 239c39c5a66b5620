package policy

import (
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"
)

const defaultFile = `C:\Program Files\Tenantra\policy.json`

// checkOwner holds that SYSTEM or the Administrators own the file. Its folder's access list keeps others from writing it.
func checkOwner(path string, _ fs.FileInfo) error {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("policy file: %w", err)
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("policy file: %w", err)
	}
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid} {
		if owner.IsWellKnown(known) {
			return nil
		}
	}
	return fmt.Errorf("policy file %s belongs to %s: it must belong to SYSTEM or the Administrators", path, owner)
}
