//go:build windows

package files

import "github.com/tenantra/tenantra/tables"

var generateMagic tables.Generator[fileType]
