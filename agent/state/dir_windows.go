package state

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// descriptor is the protected access list of SECURITY-MODEL 2.18, inherited by what is made inside: SYSTEM, the
// Administrators, and the account that runs the agent, which is SYSTEM for the service.
func descriptor() (*windows.SECURITY_DESCRIPTOR, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("whose process: %w", err)
	}
	return windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + user.User.Sid.String() + ")")
}

func makePrivate(path string) error {
	sd, err := descriptor()
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: sd}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	if err := windows.CreateDirectory(name, attributes); err != nil {
		return &os.PathError{Op: "mkdir", Path: path, Err: err}
	}
	return nil
}

// secure puts the access list on the directory again, whoever made it; links are refused.
func secure(path string, _ *slog.Logger) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("state directory %s is not a directory: a link there could lead anywhere, name another with --state", path)
	}
	sd, err := descriptor()
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	list, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	if err := windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil); err != nil {
		return fmt.Errorf("state directory: restrict access to %s: %w", path, err)
	}
	return nil
}

// syncDir does nothing: a rename on NTFS is journalled.
func syncDir(string) error { return nil }

// lock takes an exclusive lock that ends with the process.
func lock(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// sidOf gives the account of an access entry, which stands in its place from SidStart on.
func sidOf(entry *windows.ACCESS_ALLOWED_ACE) *windows.SID {
	return (*windows.SID)(unsafe.Pointer(&entry.SidStart))
}
