package procfs

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"net/netip"
)

func TestParseInt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		value int64
		ok    bool
	}{
		{"0", 0, true}, {" \t12 kB", 12, true}, {"-7", -7, true}, {"9223372036854775807", math.MaxInt64, true},
		{"9223372036854775808", 0, false}, {"18446744073709551615", 0, false}, {"", 0, false}, {"-", 0, false}, {"x1", 0, false},
	} {
		if value, ok := ParseInt([]byte(c.text)); value != c.value || ok != c.ok {
			t.Errorf("%q: got %d %v", c.text, value, ok)
		}
	}
}

func TestParseNamespaceAndSocket(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]uint64{
		"net:[4026531840]": 4026531840, "mnt:[1]": 1, "net:[]": 0, "net:[12": 0, "net:12]": 0, "": 0, ":[": 0, "net:[1x]": 0,
		"net:[99999999999999999999999]": 0,
	} {
		if got, ok := ParseNamespace(target); got != want || ok != (want != 0) {
			t.Errorf("%q: got %d %v, want %d", target, got, ok, want)
		}
	}
	for target, want := range map[string]uint64{"socket:[12345]": 12345, "pipe:[12345]": 0, "socket": 0, "/socket:[1]": 0, "anon_inode:[eventfd]": 0} {
		if got, ok := ParseSocket([]byte(target)); got != want || ok != (want != 0) {
			t.Errorf("%q: got %d %v, want %d", target, got, ok, want)
		}
	}
}

func TestParseSockets(t *testing.T) {
	t.Parallel()
	inet := func(protocol int32) func(string) (Socket, bool) {
		return func(line string) (Socket, bool) {
			s := Socket{Protocol: protocol}
			return s, parseInet([]byte(line), &s)
		}
	}
	with := func(parse func([]byte, *Socket) bool) func(string) (Socket, bool) {
		return func(line string) (s Socket, ok bool) {
			ok = parse([]byte(line), &s)
			return s, ok
		}
	}
	const rest = " 00000000:00000000 00:00000000 00000000  1000        0 777 1 ffff 100 0 0 10 0"
	for _, c := range []struct {
		parse func(string) (Socket, bool)
		line  string
		want  Socket
		ok    bool
	}{
		{inet(ProtocolTCP), "   0: 0100007F:0016 00000000:0000 0A" + rest,
			Socket{Inode: 777, Protocol: 6, Local: netip.MustParseAddr("127.0.0.1"), LocalPort: 22, Remote: netip.MustParseAddr("0.0.0.0"), State: "LISTEN"}, true},
		{inet(ProtocolUDP), "  12: B80D0120000000000000000001000000:D431 00000000000000000000000000000000:0000 07" + rest,
			Socket{Inode: 777, Protocol: 17, Local: netip.MustParseAddr("2001:db8::1"), LocalPort: 54321, Remote: netip.IPv6Unspecified()}, true},
		{inet(ProtocolTCP), "   0: 0100007F:0016 0200000A:01BB 01" + rest,
			Socket{Inode: 777, Protocol: 6, Local: netip.MustParseAddr("127.0.0.1"), LocalPort: 22, Remote: netip.MustParseAddr("10.0.0.2"), RemotePort: 443, State: "ESTABLISHED"}, true},
		{inet(ProtocolTCP), "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", Socket{}, false},
		{inet(ProtocolTCP), "   0: 0100007F:0016 00000000:0000 0A", Socket{}, false},
		{inet(ProtocolTCP), "   0: 0100007F0016 00000000:0000 0A" + rest, Socket{}, false},
		{inet(ProtocolTCP), "", Socket{}, false},
		{with(parseUnix), "ffff8880: 00000002 00000000 00010000 0001 01 12345 /run/a b", Socket{Inode: 12345, Path: "/run/a b"}, true},
		{with(parseUnix), "ffff8880: 00000003 00000000 00000000 0001 03 12346", Socket{Inode: 12346, Connected: true}, true},
		{with(parseUnix), "ffff8880: 00000002 00000000 00010000 0001 01 1 @x", Socket{Inode: 1, Path: "@x"}, true},
		{with(parseUnix), "Num       RefCount Protocol Flags    Type St Inode Path", Socket{}, false},
		{with(parsePacket), "ffff8880 3      3    0800   2     1 0       0      55", Socket{Inode: 55, Protocol: 0x800, State: "NONE"}, true},
		{with(parsePacket), "sk               RefCnt Type Proto  Iface R Rmem   User   Inode", Socket{}, false},
	} {
		got, ok := c.parse(c.line)
		if ok != c.ok {
			t.Errorf("%q: ok is %v", c.line, ok)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateComparable(netip.Addr{})); ok && diff != "" {
			t.Errorf("%q (- wanted, + got):\n%s", c.line, diff)
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, seed := range []string{
		"   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1",
		"ffff8880: 00000002 00000000 00010000 0001 01 12345 /run/a b", "ffff8880 3      3    0800   2     1 0       0      55",
		"net:[4026531840]", "socket:[1]", "x\nTgid:\t5\n", "-9223372036854775808",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte, *Socket) bool{parseInet, parseUnix, parsePacket} {
			s := Socket{Protocol: ProtocolTCP}
			parse(data, &s)
		}
		ParseNamespace(string(data))
		ParseSocket(data)
		threadGroup(data)
		if field, rest := NextField(data); len(field)+len(rest) > len(data) {
			t.Errorf("a field and the rest are longer than %q", data)
		}
	})
}
