package system

import (
	"bytes"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// processOpenPipe is one end of a pipe and a process at the other end.
type processOpenPipe struct {
	PID         int64  `col:"pid" doc:"Process number."`
	FD          int64  `col:"fd" doc:"Descriptor's number within the process."`
	Mode        string `col:"mode" doc:"r where the process reads from the pipe, w where it writes to it."`
	Inode       int64  `col:"inode" doc:"Number of the pipe."`
	Type        string `col:"type" doc:"Kind of pipe: anonymous."`
	PartnerPID  int64  `col:"partner_pid" doc:"Process that holds the other end."`
	PartnerFD   int64  `col:"partner_fd" doc:"Descriptor's number within that process."`
	PartnerMode string `col:"partner_mode" doc:"w where that process writes to the pipe, r where it reads from it."`
}

// ProcessOpenPipes has one row for each pair of ends of an anonymous pipe that two processes hold. A process's pipes to
// itself are left out, and so are named pipes, which process_open_files lists by their paths.
// Source: /proc/PID/fd and /proc/PID/fdinfo, proc(5).
var ProcessOpenPipes = tables.Define[processOpenPipe](tables.Spec{
	Name: "process_open_pipes", Doc: "Processes that are joined by pipes.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT w.name AS writer, r.name AS reader FROM process_open_pipes o JOIN processes w USING (pid) JOIN processes r ON r.pid = o.partner_pid WHERE o.mode = 'w'"},
}, generateProcessOpenPipes)

// parseOpenMode reads the line flags: 0100001 of fdinfo, in octal; its last two bits are the mode.
func parseOpenMode(fdinfo []byte) (mode string, ok bool) {
	for line := range bytes.Lines(fdinfo) {
		value, found := bytes.CutPrefix(line, []byte("flags:"))
		if !found {
			continue
		}
		flags, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 8, 64)
		if err != nil {
			return "", false
		}
		switch flags & 3 {
		case 0:
			return "r", true
		case 1:
			return "w", true
		}
		return "", false // both at once: only named pipes are opened so
	}
	return "", false
}
