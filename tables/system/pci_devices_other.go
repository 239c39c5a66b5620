//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generatePCIDevices tables.Generator[pciDevice]
