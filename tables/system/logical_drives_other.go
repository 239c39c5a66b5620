//go:build !windows

package system

import "github.com/tenantra/tenantra/tables"

var generateLogicalDrives tables.Generator[logicalDrive]
