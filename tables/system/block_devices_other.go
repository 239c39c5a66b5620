//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateBlockDevices tables.Generator[blockDevice]
