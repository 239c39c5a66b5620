//go:build linux || darwin

package engine

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadCPU is the CPU time of the calling OS thread.
func threadCPU() (used time.Duration, ok bool) {
	var t unix.Timespec
	if err := unix.ClockGettime(clockThreadCPU, &t); err != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
