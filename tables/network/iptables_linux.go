package network

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

func generateIptables(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*iptablesRule) error) error {
	if !sharesNetwork(host) {
		return nil
	}
	// Asking for a table makes the kernel set it up, so only those that exist are asked for.
	names, err := host.ReadFile("/proc/net/ip_tables_names")
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return nil
	}
	if err != nil {
		return absent(err)
	}
	for _, name := range bytes.Fields(names) {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, entries, err := readIptables(string(name))
		if errors.Is(err, unix.EPERM) {
			return nil // only root may see the rules
		}
		if err != nil {
			return err
		}
		rows, err := parseIptables(string(name), info, entries)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Options of getsockopt(2) at the level of IP.
const (
	iptGetInfo    = 64
	iptGetEntries = 65

	iptEntriesHead = 40 // struct ipt_get_entries: name, size, padding
	iptTableMax    = 64 << 20
)

// readIptables asks for a table. Rules may change between the two questions, so it asks again then.
func readIptables(name string) (info, entries []byte, err error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, nil, fmt.Errorf("read iptables %s: %w", name, err)
	}
	defer unix.Close(socket)
	for range 5 {
		info = make([]byte, iptInfoSize)
		copy(info[:iptNameSize-1], name)
		if err = getsockopt(socket, iptGetInfo, info); err != nil {
			break
		}
		size := binary.NativeEndian.Uint32(info[iptInfoSize-4:])
		if size > iptTableMax {
			return nil, nil, fmt.Errorf("read iptables %s: larger than %d MiB", name, iptTableMax>>20)
		}
		answer := make([]byte, iptEntriesHead+int(size))
		copy(answer[:iptNameSize-1], name)
		binary.NativeEndian.PutUint32(answer[iptNameSize:], size)
		if err = getsockopt(socket, iptGetEntries, answer); err == nil {
			return info, answer[iptEntriesHead:], nil
		}
		if err != unix.EAGAIN {
			break
		}
	}
	return nil, nil, fmt.Errorf("read iptables %s: %w", name, err)
}

// getsockopt hands value to the kernel and lets it write its answer there. The package unix has no form of it that takes
// bytes in.
func getsockopt(socket, option int, value []byte) error {
	size := uint32(len(value))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(socket), unix.IPPROTO_IP, uintptr(option),
		uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}
