package network

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

// ipNetRow is MIB_IPNET_ROW2.
type ipNetRow struct {
	address        windows.RawSockaddrInet6 // a SOCKADDR_INET, which is as long
	interfaceIndex uint32
	interfaceLUID  uint64
	physical       [32]byte
	physicalLength uint32
	state          uint32
	flags          uint32
	reachability   uint32
}

// ipNetTable is MIB_IPNET_TABLE2; its rows follow.
type ipNetTable struct {
	count uint32
	rows  [1]ipNetRow
}

// The states of neighbours, by NL_NEIGHBOR_STATE.
const (
	unreachable = 0
	permanent   = 6
)

func generateARPCache(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*arpEntry) error) error {
	if !host.Live() || getIPNetTable2.Find() != nil {
		return nil
	}
	var table *ipNetTable
	if code, _, _ := getIPNetTable2.Call(windows.AF_INET, uintptr(unsafe.Pointer(&table))); code != 0 {
		return fmt.Errorf("list neighbours: %w", windows.Errno(code))
	}
	defer freeMibTable.Call(uintptr(unsafe.Pointer(table)))
	for i := range min(int(table.count), entriesMax) {
		entry := (*ipNetRow)(unsafe.Add(unsafe.Pointer(&table.rows[0]), uintptr(i)*unsafe.Sizeof(ipNetRow{})))
		ip := sockaddrIP(unsafe.Pointer(&entry.address))
		if !ip.IsValid() || entry.state == unreachable {
			continue
		}
		row := arpEntry{Address: ip.String(), MAC: "00:00:00:00:00:00", Interface: strconv.FormatUint(uint64(entry.interfaceIndex), 10), Permanent: "0"}
		if n := entry.physicalLength; n > 0 && int(n) <= len(entry.physical) {
			row.MAC = net.HardwareAddr(entry.physical[:n]).String()
		}
		if entry.state == permanent {
			row.Permanent = "1"
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
