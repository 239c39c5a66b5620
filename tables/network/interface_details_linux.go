package network

import (
	"context"
	"encoding/binary"
	"net"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

func generateInterfaceDetails(ctx context.Context, host tables.Host, q *tables.Query, emit func(*interfaceDetail) error) error {
	if !sharesNetwork(host) {
		return nil
	}
	data, err := dump(unix.RTM_GETLINK)
	if err != nil {
		return err
	}
	links, err := parseLinks(data)
	if err != nil {
		return err
	}
	wantsSpeed := q.Wants("link_speed")
	slots := slotReader{fd: -1}
	if q.Wants("pci_slot") {
		if err := slots.open(); err != nil {
			return err
		}
		defer slots.close()
	}
	for i := range links {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := &links[i].interfaceDetail
		if wantsSpeed {
			row.LinkSpeed = linkSpeed(host, row.Interface)
		}
		row.PCISlot = slots.slot(row.Interface)
		if err := emit(row); err != nil {
			return err
		}
	}
	return nil
}

// link is an interface and its number, by which addresses and routes name it.
type link struct {
	index int32
	interfaceDetail
}

// readLinks gives the interfaces by their numbers.
func readLinks() (map[int32]*link, error) {
	data, err := dump(unix.RTM_GETLINK)
	if err != nil {
		return nil, err
	}
	links, err := parseLinks(data)
	byIndex := make(map[int32]*link, len(links))
	for i := range links {
		byIndex[links[i].index] = &links[i]
	}
	return byIndex, err
}

// parseLinks reads the answer to RTM_GETLINK. The fixed part is a struct ifinfomsg: family and padding (2 bytes), type
// (2), index, flags, change mask (4 each).
func parseLinks(data []byte) (links []link, err error) {
	err = eachMessage(data, unix.RTM_NEWLINK, unix.SizeofIfInfomsg, func(fixed []byte, attributes []syscall.NetlinkRouteAttr) error {
		l := link{index: int32(uint32At(fixed, 4))}
		l.MAC, l.LastChange = "00:00:00:00:00:00", -1
		l.Type = int64(binary.NativeEndian.Uint16(fixed[2:]) & 0xFF)
		l.Flags = int64(uint32At(fixed, 8))
		for _, a := range attributes {
			switch a.Attr.Type {
			case unix.IFLA_IFNAME:
				l.Interface = unix.ByteSliceToString(a.Value)
			case unix.IFLA_ADDRESS:
				if len(a.Value) > 0 {
					l.MAC = net.HardwareAddr(a.Value).String()
				}
			case unix.IFLA_MTU:
				l.MTU = int64(uint32At(a.Value, 0))
			// The flags themselves do not show that a program listens to all packets.
			case unix.IFLA_PROMISCUITY:
				if uint32At(a.Value, 0) > 0 {
					l.Flags |= unix.IFF_PROMISC
				}
			case unix.IFLA_ALLMULTI:
				if uint32At(a.Value, 0) > 0 {
					l.Flags |= unix.IFF_ALLMULTI
				}
			case unix.IFLA_STATS64:
				l.readCounters(a.Value)
			}
		}
		links = append(links, l)
		return nil
	})
	return links, err
}

// readCounters reads a struct rtnl_link_stats64.
func (l *link) readCounters(data []byte) {
	for i, counter := range []*int64{
		&l.IPackets, &l.OPackets, &l.IBytes, &l.OBytes, &l.IErrors, &l.OErrors, &l.IDrops, &l.ODrops, nil /* multicast */, &l.Collisions,
	} {
		if counter != nil {
			*counter = int64(uint64At(data, 8*i))
		}
	}
}

// linkSpeed gives the speed in Mbit/s. The kernel has no answer, or -1, for what is down or virtual.
func linkSpeed(host tables.Host, name string) int64 {
	text, err := host.ReadFile("/sys/class/net/" + name + "/speed")
	if err != nil {
		return 0
	}
	speed, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || speed < 0 {
		return 0
	}
	return speed
}

// slotReader asks drivers for the address of their device.
type slotReader struct{ fd int }

func (r *slotReader) open() (err error) {
	r.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	return err
}

func (r *slotReader) close() { unix.Close(r.fd) }

func (r *slotReader) slot(name string) tables.Null[string] {
	if r.fd < 0 {
		return tables.Null[string]{}
	}
	info, err := unix.IoctlGetEthtoolDrvinfo(r.fd, name)
	if err != nil {
		return tables.Some("-1")
	}
	return tables.Some(unix.ByteSliceToString(info.Bus_info[:]))
}
