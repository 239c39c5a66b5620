//go:build windows

package files

import "github.com/tenantra/tenantra/tables"

var generateHash tables.Generator[digests]
