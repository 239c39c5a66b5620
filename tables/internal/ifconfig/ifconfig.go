// Package ifconfig asks a running macOS for its network interfaces.
package ifconfig

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// Interface is one interface.
type Interface struct {
	Name      string
	Flags     int64 // of ioctl(2), IFF_…
	MTU       int64
	MAC       string
	Addresses []Address
}

// Address is one address of an interface.
type Address struct {
	Address      string // with % and the interface where it is link-local
	Mask         string // written as an address
	Broadcast    string
	PointToPoint string
	Auto         bool // made by the system from advertisements of routers
}

// All lists the interfaces; none where the system does not run.
func All(ctx context.Context, host tables.Host) []Interface {
	const command = "/sbin/ifconfig"
	out, err := host.Run(ctx, command, "-a")
	if err != nil {
		hostfile.Skipped(ctx, host, command, err)
		return nil
	}
	return parse(string(out))
}

var header = lazyregexp.New(`^([A-Za-z][A-Za-z0-9_.-]*): flags=([0-9a-f]{1,15})<[^>]*> mtu (\d{1,9})`)

// parse reads paragraphs such as
//
//	en0: flags=8863<UP,BROADCAST,RUNNING> mtu 1500
//		ether aa:bb:cc:dd:ee:ff
//		inet 192.0.2.7 netmask 0xffffff00 broadcast 192.0.2.255
//		inet6 fe80::1%en0 prefixlen 64 secured scopeid 0xb
func parse(text string) []Interface {
	var all []Interface
	for line := range strings.Lines(text) {
		if m := header().FindStringSubmatch(line); m != nil {
			flags, flagsErr := strconv.ParseInt(m[2], 16, 64)
			mtu, mtuErr := strconv.ParseInt(m[3], 10, 64)
			if flagsErr == nil && mtuErr == nil {
				all = append(all, Interface{Name: m[1], Flags: flags, MTU: mtu})
			}
			continue
		}
		f := strings.Fields(line)
		if len(all) == 0 || len(f) < 2 {
			continue
		}
		last := &all[len(all)-1]
		switch f[0] {
		case "ether":
			last.MAC = f[1]
		case "inet", "inet6":
			if a, ok := addressOf(f); ok {
				last.Addresses = append(last.Addresses, a)
			}
		}
	}
	return all
}

// addressOf reads the words of one address.
func addressOf(words []string) (a Address, ok bool) {
	ip, err := netip.ParseAddr(words[1])
	if err != nil {
		return a, false
	}
	a.Address = ip.String()
	for i := 2; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch words[i] {
		case "netmask":
			if mask, err := strconv.ParseUint(strings.TrimPrefix(value, "0x"), 16, 32); err == nil {
				a.Mask = netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}).String()
			}
		case "prefixlen":
			bits, err := strconv.Atoi(value)
			if err != nil {
				continue
			}
			ones := netip.AddrFrom16([16]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})
			if prefix, err := ones.Prefix(bits); err == nil {
				a.Mask = prefix.Addr().String()
			}
		case "broadcast":
			a.Broadcast = value
		case "-->":
			a.PointToPoint = value
		case "autoconf":
			a.Auto = true
		}
	}
	return a, true
}
