//go:build !linux && !windows

package system

import "github.com/tenantra/tenantra/tables"

var generatePlatformInfo tables.Generator[platformInfo]
