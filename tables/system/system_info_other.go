//go:build !linux && !windows

package system

import "github.com/tenantra/tenantra/tables"

var generateSystemInfo tables.Generator[systemInfo]
