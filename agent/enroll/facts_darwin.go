package enroll

import "golang.org/x/sys/unix"

func systemName() (name, release string) {
	release, _ = unix.Sysctl("kern.osproductversion")
	return "macOS", release
}

func machineID() string {
	id, _ := unix.Sysctl("kern.uuid")
	return id
}
