//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateUSBDevices tables.Generator[usbDevice]
