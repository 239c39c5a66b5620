//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateMSR tables.Generator[modelRegisters]
