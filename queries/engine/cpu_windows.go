package engine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getThreadTimes = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetThreadTimes")

// threadCPU is the CPU time of the calling OS thread. Windows counts it in clock ticks of about 15 ms.
func threadCPU() (used time.Duration, ok bool) {
	thread, err := windows.GetCurrentThread()
	if err != nil {
		return 0, false
	}
	var created, exited, kernel, user windows.Filetime
	r, _, _ := getThreadTimes.Call(uintptr(thread), uintptr(unsafe.Pointer(&created)), uintptr(unsafe.Pointer(&exited)),
		uintptr(unsafe.Pointer(&kernel)), uintptr(unsafe.Pointer(&user)))
	if r == 0 {
		return 0, false
	}
	ticks := func(t windows.Filetime) int64 { return int64(t.HighDateTime)<<32 | int64(t.LowDateTime) }
	return time.Duration(ticks(kernel)+ticks(user)) * 100, true
}
