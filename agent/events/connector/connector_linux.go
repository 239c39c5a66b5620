// Package connector records programs that start as the kernel's process connector tells: for machines whose audit is refused. It
// tells the process number alone; what the process is the agent looks up in /proc, where one that ended at once is gone.
package connector

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

// The names under which events are recorded.
const (
	Table     = "process_events"
	Publisher = "connector"
)

const (
	cnIdxProc, cnValProc = 1, 1 // linux/connector.h
	procEventExec        = 0x00000002
	mcastListen          = 1 // linux/cn_proc.h
	netlinkHeader        = unix.NLMSG_HDRLEN
	connectorHeader      = 20
	eventHeader          = 16 // what, cpu and time of struct proc_event
)

// Run records programs that start until the context ends.
func Run(ctx context.Context, why string, to *buffer.Buffer, log *slog.Logger) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_CONNECTOR)
	if err != nil {
		return fmt.Errorf("the kernel's process connector is refused: %w", err)
	}
	f := os.NewFile(uintptr(fd), "connector")
	defer f.Close()
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: cnIdxProc}); err != nil {
		return fmt.Errorf("the kernel's process connector is refused, run the agent as root in the host's namespaces: %w", err)
	}
	if err := unix.Sendto(fd, listenRequest(os.Getpid()), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("the kernel's process connector is refused: %w", err)
	}
	defer context.AfterFunc(ctx, func() { f.Close() })()
	to.SetStatus(Table, buffer.Status{Publisher: Publisher, Active: true, Subscriptions: 1,
		Reason: "recorded by the process connector, which misses what of a program is gone when the agent looks; " + why})
	data := make([]byte, 64<<10)
	for {
		n, err := f.Read(data)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.ENOBUFS):
			to.Dropped(Table, 1, "the socket's buffer overflowed: an unknown number of programs was missed")
			continue
		case err != nil:
			return fmt.Errorf("receive from the process connector: %w", err)
		}
		now := time.Now()
		parseExecs(data[:n], func(pid int) {
			if pid != os.Getpid() {
				to.Record(Table, now, look("/proc", pid, now))
			}
		})
	}
}

// listenRequest asks the kernel to tell of processes.
func listenRequest(pid int) []byte {
	b := binary.NativeEndian.AppendUint32(nil, netlinkHeader+connectorHeader+4)
	b = binary.NativeEndian.AppendUint16(b, unix.NLMSG_DONE)
	b = binary.NativeEndian.AppendUint16(b, 0)
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = binary.NativeEndian.AppendUint32(b, uint32(pid)) // #nosec G115 -- process numbers fit
	for _, v := range []uint32{cnIdxProc, cnValProc, 0, 0} {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	b = binary.NativeEndian.AppendUint16(b, 4)
	b = binary.NativeEndian.AppendUint16(b, 0)
	return binary.NativeEndian.AppendUint32(b, mcastListen)
}

// parseExecs finds the processes that started a program in what one read of the socket gave.
func parseExecs(data []byte, each func(pid int)) {
	for len(data) >= netlinkHeader {
		size := int(binary.NativeEndian.Uint32(data))
		if size < netlinkHeader || size > len(data) {
			return
		}
		message := data[netlinkHeader:size]
		data = data[min(len(data), (size+3)&^3):]
		if len(message) < connectorHeader+eventHeader+8 {
			continue
		}
		event := message[connectorHeader:]
		if binary.NativeEndian.Uint32(message) == cnIdxProc && binary.NativeEndian.Uint32(event) == procEventExec {
			each(int(binary.NativeEndian.Uint32(event[eventHeader+4:]))) // the thread group, which is the process
		}
	}
}

// fileMax bounds what is read of one file in /proc.
const fileMax = 64 << 10

// look tells what a process is now.
func look(proc string, pid int, at time.Time) *threat.ProcessEvent {
	dir := filepath.Join(proc, strconv.Itoa(pid))
	row := &threat.ProcessEvent{PID: int64(pid), Time: at.Unix()}
	row.SystemCall = tables.Some("execve")
	row.Path, row.Cwd = link(dir, "exe"), link(dir, "cwd")
	if raw := read(dir, "cmdline"); len(raw) > 0 {
		row.SetArguments(strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00"), int64(len(raw)))
	}
	for line := range bytes.Lines(read(dir, "status")) {
		name, value, _ := strings.Cut(string(line), ":")
		fields := strings.Fields(value)
		switch {
		case name == "PPid" && len(fields) == 1:
			row.Parent = number(fields[0])
		case name == "Uid" && len(fields) == 4:
			row.UID, row.EUID, row.SUID, row.FSUID = number(fields[0]), number(fields[1]), tables.Some(number(fields[2])), tables.Some(number(fields[3]))
		case name == "Gid" && len(fields) == 4:
			row.GID, row.EGID, row.SGID, row.FSGID = number(fields[0]), number(fields[1]), tables.Some(number(fields[2])), tables.Some(number(fields[3]))
		}
	}
	const unset = 1<<32 - 1
	if text := strings.TrimSpace(string(read(dir, "loginuid"))); text != "" && number(text) != unset {
		row.AUID = tables.Some(number(text))
	}
	if fields := strings.Fields(string(read(proc, "uptime"))); len(fields) == 2 {
		whole, _, _ := strings.Cut(fields[0], ".")
		row.Uptime = number(whole)
	}
	var st unix.Stat_t
	if unix.Stat(filepath.Join(dir, "exe"), &st) == nil {
		row.Mode, row.OwnerUID, row.OwnerGID = fmt.Sprintf("%07o", st.Mode), int64(st.Uid), int64(st.Gid)
		row.ATime, row.MTime, row.CTime = tables.Some(st.Atim.Sec), tables.Some(st.Mtim.Sec), tables.Some(st.Ctim.Sec)
	}
	return row
}

func link(dir, name string) string {
	target, err := os.Readlink(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(target, " (deleted)")
}

func read(dir, name string) []byte {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileMax))
	if err != nil {
		return nil
	}
	return data
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
