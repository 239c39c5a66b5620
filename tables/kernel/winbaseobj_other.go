//go:build !windows

package kernel

import "github.com/tenantra/tenantra/tables"

var generateWinbaseobj tables.Generator[winbaseobj]
