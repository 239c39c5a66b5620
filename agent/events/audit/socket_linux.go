package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"

	libaudit "github.com/elastic/go-libaudit/v2"
	"golang.org/x/sys/unix"
)

// receiveBuffer is what the kernel may keep for the agent in memory, in bytes.
const receiveBuffer = 4 << 20

// socket is a netlink socket to the kernel's audit whose reads end when it is closed, which those of the library's own do not.
type socket struct {
	file     *os.File
	port     uint32
	sequence atomic.Uint32
	data     []byte
}

var _ libaudit.NetlinkSendReceiver = (*socket)(nil)

// openSocket opens a socket, of a multicast group of the kernel's where group is not 0.
func openSocket(group uint32) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_AUDIT)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: group}); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	// Where the larger buffer is not allowed, the usual one overflows earlier, which is counted.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer)
	address, err := unix.Getsockname(fd)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	s := &socket{file: os.NewFile(uintptr(fd), "audit"), data: make([]byte, unix.NLMSG_HDRLEN+libaudit.AuditMessageMaxLength)}
	if netlink, ok := address.(*unix.SockaddrNetlink); ok {
		s.port = netlink.Pid
	}
	return s, nil
}

// Close ends a Receive that waits.
func (s *socket) Close() error { return s.file.Close() }

// Send is part of libaudit.NetlinkSendReceiver.
func (s *socket) Send(m syscall.NetlinkMessage) (uint32, error) {
	m.Header.Len, m.Header.Pid, m.Header.Seq = uint32(unix.NLMSG_HDRLEN+len(m.Data)), s.port, s.sequence.Add(1) // #nosec G115 -- requests are short
	raw := binary.NativeEndian.AppendUint32(nil, m.Header.Len)
	raw = binary.NativeEndian.AppendUint16(raw, m.Header.Type)
	raw = binary.NativeEndian.AppendUint16(raw, m.Header.Flags)
	raw = binary.NativeEndian.AppendUint32(raw, m.Header.Seq)
	raw = binary.NativeEndian.AppendUint32(raw, m.Header.Pid)
	conn, err := s.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var sent error
	if err := conn.Control(func(fd uintptr) {
		sent = unix.Sendto(int(fd), append(raw, m.Data...), unix.MSG_DONTWAIT, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	}); err != nil {
		return 0, err
	}
	return m.Header.Seq, sent
}

// SendNoWait is part of libaudit.NetlinkSendReceiver.
func (s *socket) SendNoWait(m syscall.NetlinkMessage) (uint32, error) { return s.Send(m) }

var errForeign = errors.New("a message that is not from the kernel")

// Receive is part of libaudit.NetlinkSendReceiver.
func (s *socket) Receive(nonBlocking bool, parse libaudit.NetlinkParser) ([]syscall.NetlinkMessage, error) {
	conn, err := s.file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var n int
	var from unix.Sockaddr
	var received error
	if err := conn.Read(func(fd uintptr) bool {
		n, from, received = unix.Recvfrom(int(fd), s.data, unix.MSG_DONTWAIT)
		return nonBlocking || !errors.Is(received, unix.EAGAIN)
	}); err != nil {
		return nil, err
	}
	if received != nil {
		return nil, received
	}
	if netlink, ok := from.(*unix.SockaddrNetlink); !ok || netlink.Pid != 0 {
		return nil, errForeign
	}
	messages, err := parse(s.data[:n])
	if err != nil {
		return nil, fmt.Errorf("netlink message of %d bytes: %w", n, err)
	}
	return messages, nil
}
