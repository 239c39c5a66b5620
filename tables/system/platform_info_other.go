//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generatePlatformInfo tables.Generator[platformInfo]
