//go:build !linux

package identity

import "github.com/tenantra/tenantra/tables"

var generateGroups tables.Generator[group]
