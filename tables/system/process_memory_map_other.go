//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessMemoryMap tables.Generator[processMapping]
