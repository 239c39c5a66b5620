//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateCPUTime tables.Generator[coreTime]
