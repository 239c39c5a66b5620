//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateACPITables tables.Generator[acpiTable]
