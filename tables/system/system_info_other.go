//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateSystemInfo tables.Generator[systemInfo]
