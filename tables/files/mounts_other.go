//go:build !linux

package files

import "github.com/tenantra/tenantra/tables"

var generateMounts tables.Generator[mount]
