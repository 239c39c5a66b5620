package watchdog

import (
	"bytes"
	"os"
	"strconv"
)

// ResidentBytes is how much memory the process holds; 0 where the system does not tell. From proc_pid_statm(5).
func ResidentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
