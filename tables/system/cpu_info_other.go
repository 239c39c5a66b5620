//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateCPUInfo tables.Generator[cpuInfo]
