//go:build !linux && !darwin && !windows

package engine

import "time"

// threadCPU has no source here; the CPU limit then counts wall time.
func threadCPU() (used time.Duration, ok bool) { return 0, false }
