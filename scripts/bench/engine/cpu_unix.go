//go:build !windows

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU is the CPU time of the process.
func processCPU() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
