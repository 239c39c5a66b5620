//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateMemoryInfo tables.Generator[memoryInfo]
