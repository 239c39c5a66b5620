//go:build windows

package files

import "github.com/tenantra/tenantra/tables"

var generateFileLines tables.Generator[fileLine]
