//go:build !linux

package engine

import (
	"runtime"
	"testing"
)

// processMemory is what the Go runtime has from the system; SQLite's heap is measured on Linux only.
func processMemory(*testing.T) int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
