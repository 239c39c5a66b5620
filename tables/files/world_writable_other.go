//go:build windows

package files

import "github.com/tenantra/tenantra/tables"

var generateWorldWritable tables.Generator[worldWritable]
