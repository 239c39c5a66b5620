//go:build windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateUserSSHKeys tables.Generator[userSSHKey]
