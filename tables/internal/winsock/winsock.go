// Package winsock lists the sockets of a running Windows with the processes that have them.
package winsock

import (
	"encoding/binary"
	"net/netip"
)

// Socket is one TCP or UDP socket. Remote is the zero AddrPort of a UDP socket.
type Socket struct {
	PID           uint32
	Protocol      int32 // 6 or 17
	Family        int32 // 2 or, as Windows counts, 23
	State         string
	Local, Remote netip.AddrPort
}

// The numbers of protocols and families.
const (
	TCP  = 6
	UDP  = 17
	IPv4 = 2
	IPv6 = 23
)

// Listen is the state of a TCP socket that waits for connections.
const Listen = "LISTEN"

var states = map[uint32]string{
	1: "CLOSED", 2: Listen, 3: "SYN_SENT", 4: "SYN_RECEIVED", 5: "ESTABLISHED", 6: "FIN_WAIT1", 7: "FIN_WAIT2", 8: "CLOSE_WAIT", 9: "CLOSING",
	10: "LAST_ACK", 11: "TIME_WAIT", 12: "DELETE_TCB",
}

// parse reads a table of iphlpapi: a count, then rows of a fixed form for each protocol and family.
func parse(table []byte, protocol, family int32) []Socket {
	if len(table) < 4 {
		return nil
	}
	count, rest := binary.LittleEndian.Uint32(table), table[4:]
	var sockets []Socket
	for ; count > 0; count-- {
		s, size, ok := parseRow(rest, protocol, family)
		if !ok {
			break
		}
		sockets, rest = append(sockets, s), rest[size:]
	}
	return sockets
}

// parseRow reads MIB_TCPROW_OWNER_PID, MIB_UDPROW_OWNER_PID, or their forms for IPv6.
func parseRow(row []byte, protocol, family int32) (s Socket, size int, ok bool) {
	number := func(at int) uint32 { return binary.LittleEndian.Uint32(row[at:]) }
	port := func(at int) uint16 { return binary.BigEndian.Uint16(row[at:]) } // in the network's order, in the low half
	four := func(at int) netip.Addr { return netip.AddrFrom4([4]byte(row[at : at+4])) }
	sixteen := func(at int) netip.Addr { return netip.AddrFrom16([16]byte(row[at : at+16])) }
	s = Socket{Protocol: protocol, Family: family}
	switch {
	case protocol == TCP && family == IPv4:
		if size = 24; len(row) < size {
			return s, 0, false
		}
		s.State, s.PID = states[number(0)], number(20)
		s.Local, s.Remote = netip.AddrPortFrom(four(4), port(8)), netip.AddrPortFrom(four(12), port(16))
	case protocol == TCP:
		if size = 56; len(row) < size {
			return s, 0, false
		}
		s.State, s.PID = states[number(48)], number(52)
		s.Local, s.Remote = netip.AddrPortFrom(sixteen(0), port(20)), netip.AddrPortFrom(sixteen(24), port(44))
	case family == IPv4:
		if size = 12; len(row) < size {
			return s, 0, false
		}
		s.Local, s.PID = netip.AddrPortFrom(four(0), port(4)), number(8)
	default:
		if size = 28; len(row) < size {
			return s, 0, false
		}
		s.Local, s.PID = netip.AddrPortFrom(sixteen(0), port(20)), number(24)
	}
	if s.State == Listen {
		s.Remote = netip.AddrPortFrom(s.Remote.Addr(), 0) // Windows leaves what was there
	}
	return s, size, true
}
