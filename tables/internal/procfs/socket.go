package procfs

import (
	"encoding/binary"
	"net/netip"
)

// The address families and protocols of sockets, by Linux's numbers, which are what the tables show.
const (
	FamilyUnix   = 1
	FamilyIPv4   = 2
	FamilyIPv6   = 10
	FamilyPacket = 17

	ProtocolICMP    = 1
	ProtocolTCP     = 6
	ProtocolUDP     = 17
	ProtocolICMPv6  = 58
	ProtocolUDPLite = 136
	ProtocolRaw     = 255
)

// Socket is one socket of a network namespace.
type Socket struct {
	Inode                 uint64 // 0 where no process has it any more
	Namespace             uint64 // inode of its network namespace; 0 where that cannot be known
	Family, Protocol      int32
	Local, Remote         netip.Addr // not valid for Unix and packet sockets
	LocalPort, RemotePort uint16
	State                 string // of TCP; NONE for packet sockets, else ""
	Path                  string // of a bound Unix socket
	Connected             bool   // a Unix socket that is one end of a connection
}

// tcpStates are indexed by the kernel's number, named as osquery does.
var tcpStates = [...]string{
	"UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSED", "CLOSE_WAIT",
	"LAST_ACK", "LISTEN", "CLOSING",
}

// parseInet reads a line of /proc/net/tcp, udp6, raw and the like:
//
//	0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 12345 …
//
// It is false for the heading and for what is no such line.
func parseInet(line []byte, s *Socket) bool {
	_, rest := NextField(line)
	local, rest := NextField(rest)
	remote, rest := NextField(rest)
	state, rest := NextField(rest)
	for range 5 { // queues, timer, retransmits, uid, timeout
		_, rest = NextField(rest)
	}
	text, _ := NextField(rest)
	inode, ok := ParseInt(text)
	if !ok || inode < 0 {
		return false
	}
	s.Inode = uint64(inode)
	if s.Local, s.LocalPort, ok = parseEndpoint(local); !ok {
		return false
	}
	if s.Remote, s.RemotePort, ok = parseEndpoint(remote); !ok {
		return false
	}
	if s.Protocol == ProtocolTCP {
		n, ok := ParseHex(state)
		if !ok || n >= uint64(len(tcpStates)) {
			n = 0
		}
		s.State = tcpStates[n]
	}
	return true
}

// parseEndpoint reads 0100007F:0CEA: the address as 32-bit words in the byte order of the machine, which is little-endian
// on all that agents run on, and the port as a number.
func parseEndpoint(text []byte) (netip.Addr, uint16, bool) {
	var address [16]byte
	words := 1
	if len(text) == 37 {
		words = 4
	} else if len(text) != 13 {
		return netip.Addr{}, 0, false
	}
	for i := range words {
		word, ok := ParseHex(text[8*i : 8*i+8])
		if !ok {
			return netip.Addr{}, 0, false
		}
		binary.LittleEndian.PutUint32(address[4*i:], uint32(word))
	}
	port, ok := ParseHex(text[8*words+1:])
	if !ok || text[8*words] != ':' {
		return netip.Addr{}, 0, false
	}
	if words == 1 {
		return netip.AddrFrom4([4]byte(address[:4])), uint16(port), true
	}
	return netip.AddrFrom16(address), uint16(port), true
}

// parseUnix reads a line of /proc/net/unix:
//
//	0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/dbus/system_bus_socket
//
// A path may hold blanks; an abstract name starts with @.
func parseUnix(line []byte, s *Socket) bool {
	number, rest := NextField(line)
	if len(number) == 0 || number[len(number)-1] != ':' {
		return false // the heading
	}
	_, rest = NextField(rest)
	protocol, rest := NextField(rest)
	_, rest = NextField(rest)
	_, rest = NextField(rest)
	state, rest := NextField(rest)
	text, rest := NextField(rest)
	inode, ok := ParseInt(text)
	if !ok || inode < 0 {
		return false
	}
	value, ok := ParseHex(protocol)
	if !ok {
		return false
	}
	const connected = "03" // SS_CONNECTED
	s.Inode, s.Protocol, s.Connected = uint64(inode), int32(value), string(state) == connected
	if len(rest) > 1 {
		s.Path = string(rest[1:])
	}
	return true
}

// parsePacket reads a line of /proc/net/packet; the protocol is the Ethernet type, 3 for all.
//
//	ffff8881002b4000 3      3    0003   2     1 0       0      12345
func parsePacket(line []byte, s *Socket) bool {
	_, rest := NextField(line)
	_, rest = NextField(rest)
	_, rest = NextField(rest)
	protocol, rest := NextField(rest)
	for range 4 { // interface, running, receive memory, user
		_, rest = NextField(rest)
	}
	text, _ := NextField(rest)
	inode, ok := ParseInt(text)
	if !ok || inode < 0 {
		return false
	}
	value, ok := ParseHex(protocol)
	if !ok || value > 0xFFFF {
		return false
	}
	s.Inode, s.Protocol, s.State = uint64(inode), int32(value), "NONE"
	return true
}
