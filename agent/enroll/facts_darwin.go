package enroll

import "golang.org/x/sys/unix"

func systemName(string) (name, release string) {
	release, _ = unix.Sysctl("kern.osproductversion")
	return "macOS", release
}

func machineID(string) string {
	id, _ := unix.Sysctl("kern.uuid")
	return id
}

// configuredName is of no use here: only Linux is scanned from a container.
func configuredName(string) string { return "" }
