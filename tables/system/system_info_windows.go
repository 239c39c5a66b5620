package system

import (
	"context"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

const processorsKey = `HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor`

var globalMemoryStatusEx = kernel32.NewProc("GlobalMemoryStatusEx")

// memoryStatus is MEMORYSTATUSEX.
type memoryStatus struct {
	length, load                                                                         uint32
	total, available, totalPage, availablePage, totalVirtual, availableVirtual, extended uint64
}

func generateSystemInfo(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemInfo) error) error {
	if !host.Live() {
		return nil
	}
	row := systemInfo{CPUType: tables.Some(runtime.GOARCH), CPUSubtype: tables.Some("-1")}
	if runtime.GOARCH == "amd64" {
		row.CPUType = tables.Some("x86_64")
	}
	row.Hostname = computerName(windows.ComputerNameDnsFullyQualified)
	row.LocalHostname, row.ComputerName = computerName(windows.ComputerNameDnsHostname), computerName(windows.ComputerNameNetBIOS)
	r := registry.Open(ctx, host)
	defer r.Close()
	processors := r.Key(processorsKey)
	first := processors.Open("0")
	row.CPUBrand = tables.Some(strings.TrimSpace(first.Text("ProcessorNameString")))
	if logical := int64(len(processors.Names())); logical > 0 {
		row.LogicalCores = tables.Some(logical)
	}
	if revision, ok := first.Value("Update Revision"); ok && len(revision.Data) == 8 {
		row.Microcode = tables.Some("0x" + strings.ToLower(registry.Value{Type: registry.Binary, Data: reversed(revision.Data[4:])}.Text()))
	}
	memory := memoryStatus{length: uint32(unsafe.Sizeof(memoryStatus{}))}
	if ok, _, _ := globalMemoryStatusEx.Call(uintptr(unsafe.Pointer(&memory))); ok != 0 {
		row.PhysicalMemory = tables.Some(int64(memory.total))
	}
	structures, err := firmwareStructures(host)
	if err != nil {
		return err
	}
	describeMachine(structures, &row)
	return emit(&row)
}

func computerName(kind uint32) tables.Null[string] {
	buffer := make([]uint16, 256)
	size := uint32(len(buffer))
	if err := windows.GetComputerNameEx(kind, &buffer[0], &size); err != nil {
		return tables.Null[string]{}
	}
	return tables.Some(windows.UTF16ToString(buffer[:size]))
}

func reversed(data []byte) []byte {
	out := make([]byte, len(data))
	for i, b := range data {
		out[len(data)-1-i] = b
	}
	return out
}

// describeMachine fills in what the firmware tells of the machine, its board and its processors.
func describeMachine(structures []smbios.Structure, row *systemInfo) {
	var cores, sockets int64
	for i := range structures {
		s := &structures[i]
		switch s.Type {
		case smbios.TypeSystem:
			row.HardwareVendor, row.HardwareModel = tables.Some(s.Text(0x04)), tables.Some(s.Text(0x05))
			row.HardwareVersion, row.HardwareSerial = tables.Some(s.Text(0x06)), tables.Some(s.Text(0x07))
			row.UUID = tables.Some(s.UUID(0x08))
		case smbios.TypeBoard:
			row.BoardVendor, row.BoardModel = tables.Some(s.Text(0x04)), tables.Some(s.Text(0x05))
			row.BoardVersion, row.BoardSerial = tables.Some(s.Text(0x06)), tables.Some(s.Text(0x07))
		case smbios.TypeProcessor:
			sockets++
			if n := countAt(s, 0x23, 0x2A); n.Valid {
				cores += n.V
			}
		}
	}
	if sockets > 0 {
		row.Sockets = tables.Some(sockets)
	}
	if cores > 0 {
		row.PhysicalCores = tables.Some(cores)
	}
}
