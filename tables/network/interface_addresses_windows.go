package network

import (
	"context"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

func generateInterfaceAddresses(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*interfaceAddress) error) error {
	if !host.Live() {
		return nil
	}
	first, err := adapters()
	if err != nil {
		return err
	}
	for a := first; a != nil; a = a.Next {
		for u := a.FirstUnicastAddress; u != nil; u = u.Next {
			ip := sockaddrIP(unsafe.Pointer(u.Address.Sockaddr))
			if !ip.IsValid() {
				continue
			}
			row := interfaceAddress{
				Interface: strconv.FormatUint(uint64(a.IfIndex), 10), Address: ip.String(), Mask: maskText(ip, int(u.OnLinkPrefixLength)),
				Type: addressOrigin(u.PrefixOrigin, u.SuffixOrigin), FriendlyName: tables.Some(windows.UTF16PtrToString(a.FriendlyName)),
			}
			if a.IfType == windows.IF_TYPE_SOFTWARE_LOOPBACK {
				row.PointToPoint = tables.Some(row.Address)
			} else if ip.Is4() {
				row.Broadcast = tables.Some(lastAddress(ip, int(u.OnLinkPrefixLength)))
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// maskText writes the length of a prefix as an address of the same family.
func maskText(ip netip.Addr, bits int) string {
	ones := [16]byte{}
	for i := range min(bits, 128) {
		ones[i/8] |= 0x80 >> (i % 8)
	}
	if ip.Is4() {
		return netip.AddrFrom4([4]byte(ones[:4])).String()
	}
	return netip.AddrFrom16(ones).String()
}

// lastAddress is the broadcast address of an IPv4 network.
func lastAddress(ip netip.Addr, bits int) string {
	four := ip.As4()
	for i := max(bits, 0); i < 32; i++ {
		four[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(four).String()
}

// addressOrigin names how an address came about, by IP_PREFIX_ORIGIN and IP_SUFFIX_ORIGIN.
func addressOrigin(prefix, suffix int32) string {
	const manual, dhcp, router, wellKnown = 1, 3, 4, 2
	switch {
	case prefix == manual:
		return "manual"
	case prefix == dhcp || suffix == dhcp:
		return "dhcp"
	case prefix == router || prefix == wellKnown:
		return "auto"
	default:
		return "other"
	}
}
