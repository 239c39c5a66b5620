package network

import (
	"context"
	"encoding/binary"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

func generateRoutes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*route) error) error {
	if !sharesNetwork(host) {
		return nil
	}
	links, err := readLinks()
	if err != nil {
		return err
	}
	data, err := dump(unix.RTM_GETROUTE)
	if err != nil {
		return err
	}
	return parseRoutes(data, links, func(row *route) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return emit(row)
	})
}

// parseRoutes reads the answer to RTM_GETROUTE. The fixed part is a struct rtmsg: family, lengths of the prefixes of
// destination and source, type of service, table, protocol, scope, type (1 byte each), flags (4).
func parseRoutes(data []byte, links map[int32]*link, emit func(*route) error) error {
	return eachMessage(data, unix.RTM_NEWROUTE, unix.SizeofRtMsg, func(fixed []byte, attributes []syscall.NetlinkRouteAttr) error {
		row := route{Type: routeType(fixed[7]), Flags: int64(uint32At(fixed, 8))}
		var single byte // the length of the prefix of a single address
		switch fixed[0] {
		case unix.AF_INET:
			row.Destination, single = netip.IPv4Unspecified().String(), 32
		case unix.AF_INET6:
			row.Destination, single = netip.IPv6Unspecified().String(), 128
		default:
			return nil // multicast forwarding and the like
		}
		if bits := fixed[1]; bits != single {
			row.Netmask = int32(bits)
		}
		var hops []nextHop
		for _, a := range attributes {
			switch a.Attr.Type {
			case unix.RTA_DST:
				if address, ok := netip.AddrFromSlice(a.Value); ok {
					row.Destination = address.String()
				}
			case unix.RTA_PREFSRC:
				row.Source = addressText(a.Value)
			case unix.RTA_GATEWAY:
				row.Gateway = addressText(a.Value)
			case unix.RTA_VIA: // a router of the other family: family (2 bytes), address
				if len(a.Value) > 2 {
					row.Gateway = addressText(a.Value[2:])
				}
			case unix.RTA_OIF:
				row.Interface = linkName(links, uint32At(a.Value, 0))
			case unix.RTA_PRIORITY:
				row.Metric = int64(uint32At(a.Value, 0))
			case unix.RTA_METRICS:
				eachAttribute(a.Value, func(kind uint16, value []byte) {
					switch kind {
					case unix.RTAX_MTU:
						row.MTU = int64(uint32At(value, 0))
					case unix.RTAX_HOPLIMIT:
						row.HopCount = int32(uint32At(value, 0))
					}
				})
			case unix.RTA_MULTIPATH:
				hops = parseNextHops(a.Value, links)
			}
		}
		if len(hops) == 0 {
			return emit(&row)
		}
		for _, hop := range hops {
			row.Gateway, row.Interface = hop.gateway, hop.link
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

func routeType(kind byte) string {
	switch kind {
	case unix.RTN_UNICAST:
		return "gateway"
	case unix.RTN_LOCAL:
		return "local"
	case unix.RTN_BROADCAST:
		return "broadcast"
	case unix.RTN_ANYCAST:
		return "anycast"
	default:
		return "other"
	}
}

// nextHop is one of several ways of a route.
type nextHop struct{ gateway, link tables.Null[string] }

// parseNextHops reads a list of struct rtnexthop: length (2 bytes), flags, hops (1 each), index (4), attributes.
func parseNextHops(data []byte, links map[int32]*link) []nextHop {
	var hops []nextHop
	for len(data) >= unix.SizeofRtNexthop {
		size := int(binary.NativeEndian.Uint16(data))
		if size < unix.SizeofRtNexthop || size > len(data) {
			break
		}
		hop := nextHop{link: linkName(links, uint32At(data, 4))}
		eachAttribute(data[unix.SizeofRtNexthop:size], func(kind uint16, value []byte) {
			if kind == unix.RTA_GATEWAY {
				hop.gateway = addressText(value)
			}
		})
		hops = append(hops, hop)
		data = data[min(aligned(size), len(data)):]
	}
	return hops
}

// eachAttribute cuts attributes within an attribute: length with its heading (2 bytes), kind (2), value.
func eachAttribute(data []byte, visit func(kind uint16, value []byte)) {
	for len(data) >= unix.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(data))
		if size < unix.SizeofRtAttr || size > len(data) {
			return
		}
		visit(binary.NativeEndian.Uint16(data[2:]), data[unix.SizeofRtAttr:size])
		data = data[min(aligned(size), len(data)):]
	}
}

// aligned rounds up to the four bytes at which attributes start.
func aligned(size int) int { return (size + 3) &^ 3 }

func addressText(value []byte) tables.Null[string] {
	address, ok := netip.AddrFromSlice(value)
	if !ok {
		return tables.Null[string]{}
	}
	return tables.Some(address.String())
}

func linkName(links map[int32]*link, index uint32) tables.Null[string] {
	if l := links[int32(index)]; l != nil {
		return tables.Some(l.Interface)
	}
	return tables.Null[string]{}
}
