//go:build !linux && !windows

package system

import "github.com/tenantra/tenantra/tables"

var generateUptime tables.Generator[uptime]
