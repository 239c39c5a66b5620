package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// memoryRegion is a range of physical addresses.
type memoryRegion struct {
	Name  string `col:"name" doc:"What the range is used for."`
	Start string `col:"start" doc:"First address, in hexadecimal."`
	End   string `col:"end" doc:"Last address, in hexadecimal."`
}

// MemoryMap has one row for each range. Without root the kernel shows all addresses as 0.
// Source: /proc/iomem, proc(5).
var MemoryMap = tables.Define[memoryRegion](tables.Spec{
	Name: "memory_map", Doc: "Use of the physical address space.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT start, end FROM memory_map WHERE name = 'System RAM'"},
}, generateMemoryMap)

// parseMemoryRegion reads 00001000-0009fbff : System RAM.
func parseMemoryRegion(line string) (memoryRegion, bool) {
	addresses, name, found := strings.Cut(strings.TrimSpace(line), " : ")
	if !found {
		return memoryRegion{}, false
	}
	start, end, found := strings.Cut(addresses, "-")
	if !found || name == "" {
		return memoryRegion{}, false
	}
	return memoryRegion{Name: name, Start: "0x" + start, End: "0x" + end}, true
}
