//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateLoadAverage tables.Generator[loadAverage]
