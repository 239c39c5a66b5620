package system

import (
	"bytes"
	"errors"

	"github.com/tenantra/tenantra/tables"
)

// memoryInfo is the use of memory. A value that the kernel does not tell is NULL.
type memoryInfo struct {
	Total      tables.Null[int64] `col:"memory_total" doc:"Bytes of memory that the kernel has."`
	Free       tables.Null[int64] `col:"memory_free" doc:"Bytes used for nothing."`
	Available  tables.Null[int64] `col:"memory_available" doc:"Bytes that programs can still get without swapping, as estimated."`
	Buffers    tables.Null[int64] `col:"buffers" doc:"Bytes that hold blocks of devices."`
	Cached     tables.Null[int64] `col:"cached" doc:"Bytes that hold contents of files."`
	SwapCached tables.Null[int64] `col:"swap_cached" doc:"Bytes that are both in memory and in swap."`
	Active     tables.Null[int64] `col:"active" doc:"Bytes used lately."`
	Inactive   tables.Null[int64] `col:"inactive" doc:"Bytes not used lately, the first to be reclaimed."`
	SwapTotal  tables.Null[int64] `col:"swap_total" doc:"Bytes of swap space."`
	SwapFree   tables.Null[int64] `col:"swap_free" doc:"Bytes of swap space not in use."`
}

// MemoryInfo has one row.
// Source: /proc/meminfo, proc(5).
var MemoryInfo = tables.Define[memoryInfo](tables.Spec{
	Name: "memory_info", Doc: "Use of memory and swap space.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT memory_available * 100 / memory_total AS percent_available FROM memory_info"},
}, generateMemoryInfo)

// parseMemoryInfo reads lines such as MemTotal: 16384 kB. Text without any of the known names is an error.
func parseMemoryInfo(text []byte) (m memoryInfo, err error) {
	err = errors.New("parse memory information: no known line")
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		key, value, _ := bytes.Cut(line, []byte{':'})
		field := m.field(string(key))
		if field == nil {
			continue
		}
		if *field = kibibytes(value); field.Valid {
			err = nil
		}
	}
	return m, err
}

func (m *memoryInfo) field(name string) *tables.Null[int64] {
	switch name {
	case "MemTotal":
		return &m.Total
	case "MemFree":
		return &m.Free
	case "MemAvailable":
		return &m.Available
	case "Buffers":
		return &m.Buffers
	case "Cached":
		return &m.Cached
	case "SwapCached":
		return &m.SwapCached
	case "Active":
		return &m.Active
	case "Inactive":
		return &m.Inactive
	case "SwapTotal":
		return &m.SwapTotal
	case "SwapFree":
		return &m.SwapFree
	default:
		return nil
	}
}
