//go:build windows

package files

import "github.com/tenantra/tenantra/tables"

var generateSUIDBin tables.Generator[suidBinary]
