//go:build !linux

package identity

import "github.com/tenantra/tenantra/tables"

var generateUsers tables.Generator[user]
