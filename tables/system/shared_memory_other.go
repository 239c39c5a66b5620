//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateSharedMemory tables.Generator[sharedSegment]
