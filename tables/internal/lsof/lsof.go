// Package lsof asks a running macOS which files and sockets processes have open.
package lsof

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

const command = "/usr/sbin/lsof"

// File is one open descriptor.
type File struct {
	PID, FD int64
	Type    string // REG, DIR, CHR, IPv4, IPv6, unix and the like
	Name    string // path, or what is told of a socket
	proto   string
	state   string
	device  string
}

// Socket is an open socket. Families and protocols have macOS's numbers.
type Socket struct {
	PID, FD       int64
	ID            int64 // the kernel's address of it
	Family        int32 // 1 Unix, 2 IPv4, 30 IPv6
	Protocol      int32 // 6 TCP, 17 UDP
	Local, Remote string
	LocalPort     int32
	RemotePort    int32
	Path          string // of a Unix socket
	State         string // of a TCP socket
}

// Files lists the descriptors of all processes, or of the given ones where they are not nil.
func Files(ctx context.Context, host tables.Host, pids []int64) ([]File, error) {
	argv := []string{command, "-nPlw", "-F", "pftn", "-a", "-d", "0-1048575"}
	if pids != nil {
		argv = append(argv, "-p", joined(pids))
	}
	return run(ctx, host, argv)
}

// Sockets lists the sockets of all processes.
func Sockets(ctx context.Context, host tables.Host) ([]Socket, error) {
	files, err := run(ctx, host, []string{command, "-nPlw", "-i", "-U", "-F", "pftPnTd"})
	if err != nil {
		return nil, err
	}
	var sockets []Socket
	for i := range files {
		if s, ok := files[i].socket(); ok {
			sockets = append(sockets, s)
		}
	}
	return sockets, nil
}

func joined(pids []int64) string {
	texts := make([]string, len(pids))
	for i, pid := range pids {
		texts[i] = strconv.FormatInt(pid, 10)
	}
	return strings.Join(texts, ",")
}

// run gives what lsof prints. It exits with 1 where it found nothing of what was asked for, and on a system at rest there
// is nothing.
func run(ctx context.Context, host tables.Host, argv []string) ([]File, error) {
	out, err := host.Run(ctx, argv...)
	if err != nil && out == nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, fmt.Errorf("list open files: %w", err)
	}
	return parse(string(out)), ctx.Err()
}

// parse reads fields, one a line, by the letter at its begin: p process, f descriptor, then what is told of it.
func parse(text string) []File {
	var files []File
	var file *File
	pid := int64(-1)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		value := line[1:]
		switch line[0] {
		case 'p':
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				n = -1
			}
			pid, file = n, nil
		case 'f':
			file = nil
			if fd, err := strconv.ParseInt(value, 10, 32); err == nil && pid >= 0 { // others are cwd, txt and the like
				files = append(files, File{PID: pid, FD: fd})
				file = &files[len(files)-1]
			}
		}
		if file == nil {
			continue
		}
		switch line[0] {
		case 't':
			file.Type = value
		case 'n':
			file.Name = value
		case 'P':
			file.proto = value
		case 'd':
			file.device = value
		case 'T':
			if state, ok := strings.CutPrefix(value, "ST="); ok {
				file.state = state
			}
		}
	}
	return files
}

// socket reads names such as 127.0.0.1:631, *:22, [::1]:80->[::1]:4242, and the paths of Unix sockets.
func (f *File) socket() (s Socket, ok bool) {
	s = Socket{PID: f.PID, FD: f.FD, State: f.state}
	if id, err := strconv.ParseUint(strings.TrimPrefix(f.device, "0x"), 16, 64); err == nil {
		s.ID = int64(id)
	}
	switch f.Type {
	case "unix":
		s.Family = 1
		if strings.HasPrefix(f.Name, "/") {
			s.Path = f.Name
		}
		return s, true
	case "IPv4":
		s.Family, s.Local, s.Remote = 2, "0.0.0.0", "0.0.0.0"
	case "IPv6":
		s.Family, s.Local, s.Remote = 30, "::", "::"
	default:
		return s, false
	}
	switch f.proto {
	case "TCP":
		s.Protocol = 6
	case "UDP":
		s.Protocol = 17
	}
	local, remote, connected := strings.Cut(f.Name, "->")
	s.LocalPort = end(local, &s.Local)
	if connected {
		s.RemotePort = end(remote, &s.Remote)
	}
	return s, true
}

// end reads ADDRESS:PORT. An address of * leaves the one for all.
func end(text string, address *string) (port int32) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return 0
	}
	if ip, err := netip.ParseAddr(strings.Trim(text[:at], "[]")); err == nil {
		*address = ip.String()
	}
	n, err := strconv.ParseUint(text[at+1:], 10, 16)
	if err != nil {
		return 0 // * where there is none
	}
	return int32(n)
}
