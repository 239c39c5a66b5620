//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateMemoryMap tables.Generator[memoryRegion]
