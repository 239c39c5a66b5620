//go:build !linux

package files

import "github.com/tenantra/tenantra/tables"

var generateFile tables.Generator[file]
