//go:build !linux && !windows

package system

import "github.com/tenantra/tenantra/tables"

var readFirmwareTables func(host tables.Host) ([]byte, error)
