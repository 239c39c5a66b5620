//go:build !windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateLogonSessions tables.Generator[logonSession]
