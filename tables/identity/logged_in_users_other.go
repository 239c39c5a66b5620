//go:build !linux && !windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateLoggedInUsers tables.Generator[session]
