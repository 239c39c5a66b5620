//go:build !windows

package system

import "github.com/tenantra/tenantra/tables"

var generatePipes tables.Generator[namedPipe]
