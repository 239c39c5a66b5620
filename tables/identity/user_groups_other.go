//go:build !linux

package identity

import "github.com/tenantra/tenantra/tables"

var generateUserGroups tables.Generator[userGroup]
