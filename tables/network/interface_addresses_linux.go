package network

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

func generateInterfaceAddresses(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*interfaceAddress) error) error {
	if !sharesNetwork(host) {
		return nil
	}
	links, err := readLinks()
	if err != nil {
		return err
	}
	data, err := dump(unix.RTM_GETADDR)
	if err != nil {
		return err
	}
	return parseAddresses(data, links, func(row *interfaceAddress) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return emit(row)
	})
}

// parseAddresses reads the answer to RTM_GETADDR. The fixed part is a struct ifaddrmsg: family, prefix length, flags,
// scope (1 byte each), index (4).
func parseAddresses(data []byte, links map[int32]*link, emit func(*interfaceAddress) error) error {
	return eachMessage(data, unix.RTM_NEWADDR, unix.SizeofIfAddrmsg, func(fixed []byte, attributes []syscall.NetlinkRouteAttr) error {
		var name string
		var flags int64
		if l := links[int32(uint32At(fixed, 4))]; l != nil {
			name, flags = l.Interface, l.Flags
		}
		var address, local, broadcast netip.Addr
		for _, a := range attributes {
			switch a.Attr.Type {
			case unix.IFA_ADDRESS:
				address, _ = netip.AddrFromSlice(a.Value)
			case unix.IFA_LOCAL:
				local, _ = netip.AddrFromSlice(a.Value)
			case unix.IFA_BROADCAST:
				broadcast, _ = netip.AddrFromSlice(a.Value)
			case unix.IFA_LABEL:
				name = unix.ByteSliceToString(a.Value) // eth0:1
			}
		}
		row := interfaceAddress{Interface: name, Type: "unknown"}
		// Where both are there, IFA_LOCAL is the address, and IFA_ADDRESS the other end or the same again.
		own := address
		if local.IsValid() {
			own = local
		}
		if !own.IsValid() {
			return nil
		}
		if own.Is6() && own.IsLinkLocalUnicast() {
			row.Address = own.WithZone(name).String()
		} else {
			row.Address = own.String()
		}
		row.Mask = mask(own, int(fixed[1]))
		switch {
		case flags&unix.IFF_BROADCAST != 0 && broadcast.IsValid():
			row.Broadcast = tables.Some(broadcast.String())
		case local.IsValid() && address.IsValid() && (flags&unix.IFF_BROADCAST == 0 || address != local):
			row.PointToPoint = tables.Some(address.String())
		}
		return emit(&row)
	})
}

// mask writes a prefix length as an address of the same family.
func mask(of netip.Addr, bits int) string {
	text, ok := netip.AddrFromSlice(net.CIDRMask(bits, of.BitLen()))
	if !ok {
		return ""
	}
	return text.String()
}
