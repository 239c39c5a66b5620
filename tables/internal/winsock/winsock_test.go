package winsock

import (
	"encoding/binary"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	table := []byte{2, 0, 0, 0}
	for _, v := range []uint32{2, 0, 0xBD01, 0, 0x1234, 4} { // LISTEN on port 445
		table = binary.LittleEndian.AppendUint32(table, v)
	}
	for _, v := range []uint32{5, 0x0100007F, 0x5000, 0x0200000A, 0xBB01, 77} {
		table = binary.LittleEndian.AppendUint32(table, v)
	}
	sockets := parse(table, TCP, IPv4)
	if len(sockets) != 2 {
		t.Fatal(sockets)
	}
	if s := sockets[0]; s.State != Listen || s.Local.String() != "0.0.0.0:445" || s.Remote.String() != "0.0.0.0:0" || s.PID != 4 {
		t.Errorf("%+v", s)
	}
	if s := sockets[1]; s.State != "ESTABLISHED" || s.Local.String() != "127.0.0.1:80" || s.Remote.String() != "10.0.0.2:443" || s.PID != 77 {
		t.Errorf("%+v", s)
	}
	if got := parse(table[:30], TCP, IPv4); len(got) != 1 {
		t.Errorf("a table cut short has %d sockets", len(got))
	}
	udp := append([]byte{1, 0, 0, 0}, make([]byte, 28)...)
	udp[4+15], udp[4+21], udp[4+24] = 1, 53, 9
	if got := parse(udp, UDP, IPv6); len(got) != 1 || got[0].Local.String() != "[::1]:53" || got[0].PID != 9 {
		t.Errorf("%+v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0}, true, true)
	f.Fuzz(func(t *testing.T, table []byte, tcp, six bool) {
		protocol, family := int32(UDP), int32(IPv4)
		if tcp {
			protocol = TCP
		}
		if six {
			family = IPv6
		}
		if got := parse(table, protocol, family); len(got)*12 > len(table) {
			t.Errorf("%d sockets in %d bytes", len(got), len(table))
		}
	})
}
