package engine

import (
	"crypto/sha1" // #nosec G505 -- part of the community id's definition
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/netip"

	lib "modernc.org/sqlite/lib"
)

var networkFunctions = []function{
	{name: "inet_aton", min: 1, max: 1, run: inetAton},
	{name: "in_cidr_block", min: 2, max: 2, run: inCIDRBlock},
	{name: "community_id_v1", min: 5, max: 6, run: communityID(false)},
	{name: "community_id_v1_strict", min: 5, max: 6, run: communityID(true)},
}

func inetAton(k *call) error {
	address, err := netip.ParseAddr(k.text(0))
	if err != nil || !address.Is4() {
		return nil
	}
	return k.giveInt(int64(ipv4(address)))
}

func ipv4(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

// inCIDRBlock tells whether an address is one of a block's hosts. In an IPv4 block those leave out the network's own
// address and the broadcast address.
func inCIDRBlock(k *call) error {
	if k.kind(0) != lib.SQLITE_TEXT {
		return errors.New("CIDR must be a string") //nolint:staticcheck // osquery's text
	}
	if k.kind(1) != lib.SQLITE_TEXT {
		return errors.New("IP address must be a string") //nolint:staticcheck // osquery's text
	}
	address, err := netip.ParseAddr(k.text(1))
	if err != nil {
		return errors.New("IP address cannot be parsed") //nolint:staticcheck // osquery's text
	}
	block, err := netip.ParsePrefix(k.text(0))
	switch {
	case address.Is4() && (err != nil || !block.Addr().Is4()):
		return errors.New("CIDR for IP address v4 cannot be parsed") //nolint:staticcheck // osquery's text
	case !address.Is4() && (err != nil || block.Addr().Is4()):
		return errors.New("CIDR for IP address v6 cannot be parsed") //nolint:staticcheck // osquery's text
	}
	if address.Is4() && block.Bits() < 32 {
		first := ipv4(block.Masked().Addr())
		last := first | uint32(1<<(32-block.Bits())-1)
		a := ipv4(address)
		return k.giveBool(a > first && a < last)
	}
	return k.giveBool(block.Contains(address.WithZone("")))
}

// communityID is version 1 of the flow hash of https://github.com/corelight/community-id-spec. Wrong arguments give NULL
// or, strictly, an error.
func communityID(strict bool) func(*call) error {
	return func(k *call) error {
		id, err := k.communityID()
		switch {
		case err == nil:
			return k.giveText(id)
		case strict:
			return err
		}
		k.conn.log().Warn("community id", "err", err)
		return nil
	}
}

func (k *call) communityID() (string, error) {
	source, err := k.address(0, "saddr")
	if err != nil {
		return "", err
	}
	destination, err := k.address(1, "daddr")
	if err != nil {
		return "", err
	}
	var numbers [4]int64 // source port, destination port, protocol, seed
	for i, n := range []struct {
		name string
		max  int64
	}{{"sport", 1<<16 - 1}, {"dport", 1<<16 - 1}, {"protocol", 1<<8 - 1}, {"seed", 1<<15 - 1}} {
		at := i + 2
		if at >= k.n {
			break
		}
		numbers[i] = k.int(at)
		low := int64(0)
		if n.name == "seed" {
			low = -1 << 15
		}
		if k.kind(at) != lib.SQLITE_INTEGER || numbers[i] < low || numbers[i] > n.max {
			return "", errors.New("Community ID " + n.name + " is not an integer in its range") //nolint:staticcheck // starts as osquery's
		}
	}
	sourcePort, destinationPort := uint16(numbers[0]), uint16(numbers[1])
	if order := source.Compare(destination); order > 0 || order == 0 && sourcePort >= destinationPort {
		source, destination = destination, source
		sourcePort, destinationPort = destinationPort, sourcePort
	}
	message := binary.BigEndian.AppendUint16(nil, uint16(numbers[3]))
	message = append(message, source.AsSlice()...)
	message = append(message, destination.AsSlice()...)
	message = append(message, byte(numbers[2]), 0)
	message = binary.BigEndian.AppendUint16(message, sourcePort)
	message = binary.BigEndian.AppendUint16(message, destinationPort)
	sum := sha1.Sum(message) // #nosec G401
	return "1:" + base64.StdEncoding.EncodeToString(sum[:]), nil
}

func (k *call) address(i int, name string) (netip.Addr, error) {
	if k.kind(i) != lib.SQLITE_TEXT {
		return netip.Addr{}, errors.New("Community ID " + name + " is not text") //nolint:staticcheck // starts as osquery's
	}
	a, err := netip.ParseAddr(k.text(i))
	if err != nil {
		return netip.Addr{}, errors.New("Community ID " + name + " is not an IP address") //nolint:staticcheck // starts as osquery's
	}
	return a.WithZone(""), nil
}
