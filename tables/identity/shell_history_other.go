//go:build windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateShellHistory tables.Generator[shellCommand]
