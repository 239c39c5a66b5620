//go:build windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateAuthorizedKeys tables.Generator[authorizedKey]
