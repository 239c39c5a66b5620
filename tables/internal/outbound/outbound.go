// Package outbound opens connections for tables whose rows come from other machines. A statement may come from far away and
// name any address, so only public ones are reached: not the machine itself, not its networks, not a cloud's metadata. The
// address is checked when the connection is made, after names were resolved, so that a name cannot change its meaning between.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrNotPublic says that an address is not one of the public Internet.
var ErrNotPublic = errors.New("only public addresses are reached")

// A Dial opens a connection, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Public is the Dial of tables. It tries all addresses of a name that are public, within ten seconds.
func Public(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: control}
	return dialer.DialContext(ctx, network, address)
}

func control(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %s: %w", address, err)
	}
	if !IsPublic(target.Addr()) {
		return fmt.Errorf("address %s: %w", target.Addr(), ErrNotPublic)
	}
	return nil
}

// reserved are the ranges of the registries of special addresses (RFC 6890 and later) that netip does not know by itself.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),   // carriers' NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // protocols
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),        // compatible with IPv4
	netip.MustParsePrefix("64:ff9b::/96"), // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),      // discarded
	netip.MustParsePrefix("2001::/23"),     // protocols, Teredo
	netip.MustParsePrefix("2001:db8::/32"), // documentation
	netip.MustParsePrefix("2002::/16"),     // 6to4
	netip.MustParsePrefix("3fff::/20"),     // documentation
	netip.MustParsePrefix("5f00::/16"),     // segment routing
	netip.MustParsePrefix("fec0::/10"),     // sites of old
}

// IsPublic tells whether an address is a unicast one that the public Internet routes.
func IsPublic(address netip.Addr) bool {
	if address.Is4In6() || address.Zone() != "" || !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(address) })
}
