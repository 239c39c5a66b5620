package network

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

func generateRoutes(ctx context.Context, host tables.Host, q *tables.Query, emit func(*route) error) error {
	if !host.Live() {
		return nil
	}
	var table *windows.MibIpForwardTable2
	if err := windows.GetIpForwardTable2(windows.AF_UNSPEC, &table); err != nil {
		return fmt.Errorf("list routes: %w", err)
	}
	defer windows.FreeMibTable(unsafe.Pointer(table))
	mtus := interfaceMTUs()
	types := q.Equal("type")
	for _, entry := range table.Rows()[:min(int(table.NumEntries), entriesMax)] {
		destination := sockaddrIP(unsafe.Pointer(&entry.DestinationPrefix.Prefix))
		gateway := sockaddrIP(unsafe.Pointer(&entry.NextHop))
		if !destination.IsValid() {
			continue
		}
		row := route{
			Destination: destination.String(), Netmask: int32(entry.DestinationPrefix.PrefixLength), Metric: int64(entry.Metric),
			Interface: tables.Some(strconv.FormatUint(uint64(entry.InterfaceIndex), 10)), MTU: mtus[entry.InterfaceIndex], Flags: int64(entry.Protocol),
		}
		row.Gateway = tables.Some(gateway.String())
		switch {
		case gateway.IsValid() && !gateway.IsUnspecified():
			row.Type = "gateway"
		case destination.IsMulticast():
			row.Type = "other"
		default:
			row.Type = "local"
		}
		if types != nil && !slices.Contains(types, row.Type) {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// interfaceMTUs gives the largest packet of each interface by its index; without it the routes stand.
func interfaceMTUs() map[uint32]int64 {
	mtus := map[uint32]int64{}
	first, err := adapters()
	if err != nil {
		return mtus
	}
	for a := first; a != nil; a = a.Next {
		mtus[a.IfIndex] = int64(int32(a.Mtu))
	}
	return mtus
}
