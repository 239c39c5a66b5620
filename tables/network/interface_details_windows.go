package network

import (
	"context"
	"net"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

const interfacesKey = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\`

func generateInterfaceDetails(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*interfaceDetail) error) error {
	if !host.Live() {
		return nil
	}
	first, err := adapters()
	if err != nil {
		return err
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	for a := first; a != nil; a = a.Next {
		row := interfaceDetail{
			Interface: strconv.FormatUint(uint64(a.IfIndex), 10), MAC: "00:00:00:00:00:00", Type: int64(a.IfType), MTU: int64(int32(a.Mtu)),
			Metric: int64(a.Ipv4Metric), Flags: int64(a.Flags), LastChange: -1,
			FriendlyName: tables.Some(windows.UTF16PtrToString(a.FriendlyName)), Description: tables.Some(windows.UTF16PtrToString(a.Description)),
			ConnectionID: tables.Some(windows.UTF16PtrToString(a.FriendlyName)), ConnectionStatus: tables.Some(adapterStatus(a.OperStatus)),
			Speed: tables.Some(int64(a.TransmitLinkSpeed)),
		}
		if n := a.PhysicalAddressLength; n > 0 && int(n) <= len(a.PhysicalAddress) {
			row.MAC = net.HardwareAddr(a.PhysicalAddress[:n]).String()
		}
		if suffix := windows.UTF16PtrToString(a.DnsSuffix); suffix != "" {
			row.DNSDomain = tables.Some(suffix)
		}
		var servers []string
		for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
			if ip := sockaddrIP(unsafe.Pointer(s.Address.Sockaddr)); ip.IsValid() {
				servers = append(servers, ip.String())
			}
		}
		row.DNSServers = tables.Some(strings.Join(servers, ", "))
		row.readCounters(a.IfIndex)
		row.readSettings(r.Key(interfacesKey + windows.BytePtrToString(a.AdapterName)))
		if err := emit(&row); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (row *interfaceDetail) readCounters(index uint32) {
	entry := windows.MibIfRow2{InterfaceIndex: index}
	if err := windows.GetIfEntry2Ex(windows.MibIfEntryNormal, &entry); err != nil {
		return
	}
	row.IPackets = int64(entry.InUcastPkts + entry.InNUcastPkts)
	row.OPackets = int64(entry.OutUcastPkts + entry.OutNUcastPkts)
	row.IBytes, row.OBytes = int64(entry.InOctets), int64(entry.OutOctets)
	row.IErrors, row.OErrors = int64(entry.InErrors), int64(entry.OutErrors)
	row.IDrops, row.ODrops = int64(entry.InDiscards), int64(entry.OutDiscards)
	const hardware, up = 1, 1
	row.PhysicalAdapter = tables.Some(int64(entry.InterfaceAndOperStatusFlags & hardware))
	row.Enabled = tables.Some[int64](0)
	if entry.AdminStatus == up {
		row.Enabled = tables.Some[int64](1)
	}
}

// readSettings fills in what DHCP and people set.
func (row *interfaceDetail) readSettings(key *registry.Key) {
	if key == nil {
		return
	}
	dhcp, ok := key.Int("EnableDHCP")
	if !ok {
		return
	}
	row.DHCPEnabled = tables.Some(dhcp)
	if dhcp == 0 {
		return
	}
	row.DHCPServer = tables.Some(key.Text("DhcpServer"))
	row.DHCPExpires, row.DHCPObtained = tables.Some(key.Text("LeaseTerminatesTime")), tables.Some(key.Text("LeaseObtainedTime"))
}

func adapterStatus(status uint32) string {
	names := [...]string{"", "Connected", "Disconnected", "Testing", "Unknown", "Dormant", "Not present", "Lower layer down"}
	if status == 0 || status >= uint32(len(names)) {
		return "Unknown"
	}
	return names[status]
}
