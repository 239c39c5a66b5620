package network

import "github.com/tenantra/tenantra/tables"

// etcFile gives where a system keeps a file that Unix has in /etc and Windows, under a name of its own, with its drivers.
func etcFile(host tables.Host, unixName, windowsName string) string {
	if host.Platform() == tables.Windows {
		return `C:\Windows\System32\drivers\etc\` + windowsName
	}
	return "/etc/" + unixName
}
