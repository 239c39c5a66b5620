package network

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	iphlpapi       = windows.NewLazySystemDLL("iphlpapi.dll")
	getIPNetTable2 = iphlpapi.NewProc("GetIpNetTable2")
	freeMibTable   = iphlpapi.NewProc("FreeMibTable")
)

// entriesMax bounds what a table of the kernel can make a statement cost.
const entriesMax = 1_000_000

// sockaddrIP gives the address in a SOCKADDR_INET.
func sockaddrIP(p unsafe.Pointer) netip.Addr {
	switch family := *(*uint16)(p); family {
	case windows.AF_INET:
		return netip.AddrFrom4((*windows.RawSockaddrInet4)(p).Addr)
	case windows.AF_INET6:
		return netip.AddrFrom16((*windows.RawSockaddrInet6)(p).Addr)
	default:
		return netip.Addr{}
	}
}

// adapters gives the interfaces as a list in memory that lives as long as the first is held.
func adapters() (*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_INCLUDE_PREFIX | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(32 << 10)
	for {
		// Words, so that the list is aligned.
		buffer := make([]uint64, size/8+1)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		switch {
		case err == nil:
			return first, nil
		case err == windows.ERROR_NO_DATA:
			return nil, nil
		case err != windows.ERROR_BUFFER_OVERFLOW || size > 16<<20:
			return nil, err
		}
	}
}
