package network

import (
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

// sharesNetwork tells whether sockets of this process are in the network of the scanned system. An agent in a container shares
// it where it was started so. The list of devices tells: each namespace's has an inode number of its own in all that mount
// /proc, and unlike the link of the namespace anyone may ask for it.
func sharesNetwork(host tables.Host) bool {
	if host.Live() {
		return true
	}
	if !host.Running() {
		return false
	}
	first, err := host.RealPath("/proc/1/net/dev")
	if err != nil {
		return false
	}
	var theirs, ours unix.Stat_t
	return unix.Stat(first, &theirs) == nil && unix.Stat("/proc/self/net/dev", &ours) == nil && theirs.Ino == ours.Ino
}
