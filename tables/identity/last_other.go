//go:build !linux

package identity

import "github.com/tenantra/tenantra/tables"

var generateLast tables.Generator[lastLogin]
