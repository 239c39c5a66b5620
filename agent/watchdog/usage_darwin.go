package watchdog

import "runtime/metrics"

// ResidentBytes is how much memory the Go runtime holds, which on macOS stands for the process: the system tells a
// process of its own resident size by Mach calls only. SQLite's memory is not in it; the engine bounds that by itself.
func ResidentBytes() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
